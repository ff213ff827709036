"""How long a search will still take, from what its fits cost and what those made so far have taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automl_text.experiment.forecast import TENSORFLOW_SECONDS
from automl_text.tuning.cost import SECONDS, expected_seconds
from automl_text.tuning.curves import curve_units
from automl_text.tuning.plan import inner_splits, outer_splits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from automl_text.engine.unit import Outcome, Unit
    from automl_text.experiment.budget import Budget
    from automl_text.tuning.plan import FamilySearch, Purpose, SearchPlan

MIN_FITS_TO_TELL = 3
"""A time left needs so many finished fits of a family; before that it is a guess."""

_OUTER_POINTS = 3
"""Points beside the default that are probably fitted on each whole training part where each split tunes by itself: its
choice, the other strategies' own, and the choice over all rows, some of which coincide."""

_ORDER: tuple[Purpose, ...] = ("trials", "outer", "curve")
"""Points that splits draw for themselves come in several batches, all others in one."""


@dataclass(slots=True)
class _Measured:
    """Finished fits of one family."""

    n_fits: int = 0
    seconds: float = 0.0
    cost: float = 0.0


@dataclass(slots=True, kw_only=True, eq=False)
class TimeLeft:
    """Tells the seconds until the final model is fitted.

    Fits count by their cost, scaled by what fits of their family have taken. Counted are the fits that are planned,
    those known to come (trials that were not asked for yet, chosen trials on whole training parts, references, the
    learning curves), and the final fit of the family that scores best so far. They share ``n_at_once`` processes or
    threads; the longest one is a lower bound. It is never more than what the budget leaves.

    Left out are the verdict and the report, the start of processes, second attempts, what running fits have behind
    them, and whatever else the machine does later.

    Parameters
    ----------
    plan : SearchPlan
    budget : Budget
    n_at_once : callable () -> int
        Units that run side by side at this moment.
    """

    plan: SearchPlan
    budget: Budget
    n_at_once: Callable[[], int]
    _ahead: dict[tuple[Purpose, str], float] = field(init=False)
    _waiting: dict[str, dict[str, float]] = field(init=False, default_factory=lambda: defaultdict(dict))
    _measured: dict[str, _Measured] = field(init=False, default_factory=lambda: defaultdict(_Measured))

    def __post_init__(self) -> None:
        self._ahead = {
            (stage, each.family.name): cost
            for each in self.plan.families
            if not each.why_unavailable
            for stage, cost in costs_ahead(self.plan, each)
        }

    def plan_units(self, asked: Sequence[Unit], missing: Sequence[Unit], stage: Purpose) -> None:
        """Take note of a batch: of all its units, and of those that will run."""
        for unit in asked:
            if (stage, unit.family) in self._ahead:
                self._ahead[stage, unit.family] -= unit.cost
        over = _ORDER[: _ORDER.index(stage) + (stage != "trials")]
        self._ahead = {key: cost for key, cost in self._ahead.items() if key[0] not in over and cost > 0}
        for unit in missing:
            self._waiting[unit.family][unit.key] = unit.cost

    def finished(self, unit: Unit, outcome: Outcome) -> None:
        """Take note of an outcome."""
        self._waiting[unit.family].pop(unit.key, None)
        if outcome.scores is not None:
            measured = self._measured[unit.family]
            measured.n_fits += 1
            measured.seconds += outcome.scores.fit_seconds + outcome.scores.predict_seconds
            measured.cost += unit.cost

    def seconds(self, best: str | None) -> float | None:
        """Return the time left in seconds; None where it cannot be told yet.

        Parameters
        ----------
        best : str or None
            Family that scores best so far.
        """
        total = longest = 0.0
        for name, cost in self._costs().items():
            factor = self._seconds_by_cost(name)
            if factor is None:
                return None
            total += factor * cost
            longest = max(longest, factor * max(self._waiting[name].values(), default=0.0))
        left = max(total / max(self.n_at_once(), 1), longest) + self._final_fit(best)
        return max(min(left, self.budget.seconds - self.budget.used), 0.0)

    def _costs(self) -> dict[str, float]:
        """Return the costs of all fits that are still to come, by family."""
        costs = {name: sum(waiting.values()) for name, waiting in self._waiting.items() if waiting}
        for (_, name), cost in self._ahead.items():
            costs[name] = costs.get(name, 0.0) + cost
        return costs

    def _seconds_by_cost(self, name: str) -> float | None:
        """Return what a family's fits take by cost; before it has begun, what fits of others do.

        None with too few of either. Costs of a family of another package are no guess at all before it has begun.
        """
        own = self._measured[name]
        if own.n_fits >= MIN_FITS_TO_TELL:
            return own.seconds / own.cost
        known = [each for other, each in self._measured.items() if other in SECONDS and name in SECONDS]
        if sum(each.n_fits for each in known) < MIN_FITS_TO_TELL:
            return None
        return sum(each.seconds for each in known) / sum(each.cost for each in known)

    def _final_fit(self, best: str | None) -> float:
        factor = self._seconds_by_cost(best) if best is not None else None
        if factor is None:
            return 0.0
        family = next(each.family for each in self.plan.families if each.family.name == best)
        start = TENSORFLOW_SECONDS if family.runtime == "tensorflow" else 0.0
        return start + factor * expected_seconds(family, self.plan.maker.costs.whole)


def costs_ahead(plan: SearchPlan, planned: FamilySearch) -> Iterator[tuple[Purpose, float]]:
    """Yield what a family's fits cost before any is planned, stage by stage."""
    family, fit = planned.family, plan.maker.costs.fit
    n_folds = plan.partitions[0].n_folds
    whole = sum(
        fit(family, split)
        for index, partition in enumerate(plan.partitions)
        for split in outer_splits(index, partition.n_folds)
    )
    if family.is_reference:
        yield "trials", whole
        return
    if plan.inner_partitions:
        tuned = sum(
            fit(family, split)
            for index in range(len(plan.partitions), len(plan.all_partitions))
            for split in plan.tuning_splits(index)
        )
        n_asked = 1 + planned.n_trials  # the default trial comes first, and again among the others
        yield "trials", whole + n_asked * tuned
        yield "outer", _OUTER_POINTS * whole
    if plan.with_curve:
        done = outer_splits(0, n_folds) + (() if plan.inner_partitions else inner_splits(0, n_folds))
        units = curve_units(plan, family, planned.space.default_params)
        yield "curve", sum(unit.cost for unit in units if unit.split not in done)
