"""`Budget`: the time of a run. What may be spent, what is left, and what is foreseen before the first fit."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from automl_text.tuning.cost import SECONDS, expected_seconds, measured_slowness, seconds_before
from automl_text.tuning.plan import derived_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import ModelFamily
    from automl_text.tuning.plan import Purpose, SearchPlan

_SHARES: Mapping[Purpose, float] = {"trials": 0.55, "outer": 0.68, "curve": 0.75}
"""Share of the budget after which no more fits of a purpose are started; the refit and the report follow."""
_HARD_SHARE = 0.85
"""Share after which running fits are ended: the verdict, the refit and the report take what is left."""
REFIT_SHARE = 0.93
"""Share after which the recommended family's refit is ended."""
INSTEAD_SHARE = 1.0
"""Share after which the refit of a simpler family in its place is ended; the report alone follows."""
_MOST_SECURED = 0.35
"""Largest share that every purpose gives up for a refit that needs more than lies between hard end and refit's end."""

_DOUBT = 1.5
"""What needs this factor more time than there is is said not to fit; within the factor either way, perhaps.
`SECONDS` missed what was measured (texts of 35 and 620 characters, 18 and 52 categories, 400 to 5,000 rows)
by a factor of 1.5 or less in most cases, 3 at worst."""
_VERDICT_SECONDS_PER_ROW = 1.0e-3
"""Of the verdict on three or four families, on a core that is busy with other work too. On an idle one it took .26 ms
a row for 20,000 rows in 18 categories, .96 ms in 150."""
_LEAST_SHARE = 0.5
"""A fit on fewer of the rows says little of one on all of them."""
_RECENT_FITS = 60
"""Of a family, that tell what its next ones take: the machine may be busier than it was."""
_EXTRAORDINARY = 10.0
"""A fit that took so many times the lower quartile by its cost did more than fit; trials differ by less."""
_MIN_FITS_TO_TELL = 3
"""A time left needs so many finished fits of a family; before that it is a guess."""
_ORDER: tuple[Purpose, ...] = ("trials", "outer", "curve")
"""Trials come in two batches: the default ones, then all others."""

_Chance = Literal["yes", "perhaps", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When the run began, by the calendar and by a clock that never jumps."""

    started: str = field(default_factory=lambda: dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    monotonic: float = field(default_factory=time.monotonic)
    now: Callable[[], float] = time.monotonic

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return self.now() - self.monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    """What fits of one family for one purpose cost, before any is planned: of the default trial, and of all others."""

    family: ModelFamily
    purpose: Purpose
    default: float = 0.0
    others: float = 0.0


@dataclass(slots=True)
class _Measured:
    """Finished fits of one family."""

    n_fits: int = 0
    seconds: float = 0.0
    recent: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_RECENT_FITS))
    """Seconds and cost of the last ones."""

    @property
    def usual(self) -> tuple[float, float]:
        """Seconds and cost of recent fits, without those that made something ready for others.

        The first fits of a process load libraries, encode texts or trace a network; by these the rest is endless.
        """
        ratios = sorted(seconds / cost for seconds, cost in self.recent)
        limit = _EXTRAORDINARY * ratios[len(ratios) // 4]
        kept = [(seconds, cost) for seconds, cost in self.recent if seconds <= limit * cost]
        return math.fsum(seconds for seconds, _ in kept), math.fsum(cost for _, cost in kept)


class Budget:
    """Tells when to stop, how long it will take, and what will probably fit. Without a limit it never says stop.

    The time left runs until the model is refitted. Fits count by their cost, scaled by what fits of their family have
    taken. Counted are those planned, those known to come (trials that were not asked for yet, chosen trials on whole
    training folds, references, learning curves), and the refit of the family that scores best so far. Left out are the
    verdict and the report, the start of processes, second attempts, what running fits have behind them, and whatever
    else the machine does later.

    Parameters
    ----------
    seconds : float or None
        For everything, the report included; None: no limit.
    """

    def __init__(self, plan: SearchPlan, clock: Clock, *, seconds: float | None = None) -> None:
        self.seconds = math.inf if seconds is None else seconds
        self._plan = plan
        self.clock = clock
        self._share = _SHARES["trials"]
        self._secured = 0.0
        self._ahead = {(each.purpose, each.family.name): each.default + each.others for each in _ahead(plan)}
        self._curve_only = {split for each in plan.families for split in plan.splits_of(each).curve}
        self._counted: set[str] = set()
        self._has_begun = False
        self._waiting: dict[str, dict[str, float]] = defaultdict(dict)
        self._measured: dict[str, _Measured] = defaultdict(_Measured)

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return math.isfinite(self.seconds)

    def halt(self) -> Halt:
        """Return whether fits may start or go on at this moment."""
        given_up = max(0.0, self._secured / self.seconds - (REFIT_SHARE - _HARD_SHARE))
        used = self.clock.seconds / self.seconds + min(given_up, _MOST_SECURED)
        if used >= _HARD_SHARE:
            return "now"
        return "soon" if used >= self._share else "no"

    def halt_at(self, share: float) -> Callable[[], Halt]:
        """Return a halt that says "now" after ``share`` of the time."""
        return lambda: "now" if self.clock.seconds >= share * self.seconds else "no"

    def secure(self, seconds: float) -> None:
        """Keep at least so many seconds for the verdict and the refit: fits end as much earlier as it takes."""
        self._secured = max(self._secured, seconds)

    def plan_units(self, asked: Sequence[Unit], missing: Sequence[Unit], purpose: Purpose) -> None:
        """Let a batch of fits begin: of all its units, take note of those that will run."""
        self._share = _SHARES[purpose]
        for unit in asked:
            key: tuple[Purpose, str] = ("curve" if unit.split in self._curve_only else purpose, unit.family)
            if key in self._ahead and unit.key not in self._counted:
                self._ahead[key] -= unit.cost
            self._counted.add(unit.key)
        over = _ORDER[: _ORDER.index(purpose) + (purpose != "trials" or self._has_begun)]
        self._has_begun = True
        self._ahead = {
            key: cost for key, cost in self._ahead.items() if key[0] not in over and cost > _NOTHING
        }
        for unit in missing:
            self._waiting[unit.family][unit.key] = unit.cost

    @property
    def given(self) -> dict[str, tuple[int, float]]:
        """Fits that each family has finished, and the seconds that they took."""
        return {family: (each.n_fits, each.seconds) for family, each in self._measured.items()}

    def finished(self, unit: Unit, outcome: Outcome) -> None:
        """Take note of an outcome, and secure what a refit as slow for its rows as this fit would take.

        Any family can be recommended, and any trial chosen, so the slowest fit of all counts.
        """
        self._waiting[unit.family].pop(unit.key, None)
        if outcome.scores is None:
            return
        measured = self._measured[unit.family]
        measured.n_fits += 1
        measured.seconds += outcome.seconds
        measured.recent.append((outcome.seconds, unit.cost))
        n_all = self._plan.dataset.n_rows
        n_rows = (
            len(self._plan.all_partitions[unit.split.partition].rows(unit.split.train)) * unit.split.fraction
        )
        if n_rows >= _LEAST_SHARE * n_all:
            slow = self._seconds_before(unit.family) + outcome.scores.fit_seconds * n_all / n_rows
            self.secure(_DOUBT * slow + _VERDICT_SECONDS_PER_ROW * n_all)

    def seconds_left(self, best: str | None, *, n_at_once: int) -> float | None:
        """Return the time left in seconds; None where it cannot be told yet.

        Parameters
        ----------
        best : str or None
            Family that scores best so far.
        n_at_once : int
            Units that run side by side at this moment; they share the work, and the longest one is a lower bound.
        """
        total = longest = 0.0
        for name, cost in self._costs().items():
            factor = self._seconds_by_cost(name)
            if factor is None:
                return None
            total += factor * cost
            longest = max(longest, factor * max(self._waiting[name].values(), default=0.0))
            if not self._measured[name].n_fits:
                total += self._seconds_before(name)
        left = max(total / max(n_at_once, 1), longest) + (0.0 if best is None else self.refit_seconds(best))
        return max(min(left, self.seconds - self.clock.seconds), 0.0)

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
        known = [self._measured[name]]
        if known[0].n_fits < _MIN_FITS_TO_TELL:
            known = [
                each
                for other, each in self._measured.items()
                if other in SECONDS and name in SECONDS and each.n_fits
            ]
        if sum(each.n_fits for each in known) < _MIN_FITS_TO_TELL:
            return None
        seconds, costs = zip(*(each.usual for each in known), strict=True)
        return math.fsum(seconds) / math.fsum(costs)

    def refit_seconds(self, name: str) -> float:
        """Return what the refit of a family will probably take; 0 where too few fits have been made to tell."""
        factor = self._seconds_by_cost(name)
        if factor is None:
            return 0.0
        family = next(each.family for each in self._plan.families if each.family.name == name)
        whole = expected_seconds(family, self._plan.maker.costs.whole)
        start = self._seconds_before(name) if family.runtime == "tensorflow" else 0.0
        return start + factor * whole

    def _seconds_before(self, name: str) -> float:
        family = next(each.family for each in self._plan.families if each.family.name == name)
        return seconds_before(family, self._plan.maker.costs.whole)

    def foreseen(self, jobs: int, *, slowness: float | None = None) -> str:
        """Return one sentence: what probably fits and what does not, with ``jobs`` processes side by side.

        Parameters
        ----------
        slowness : float or None
            By which factor fits take longer than `SECONDS` says; None: it is measured.
        """
        plan, used = self._plan, self.clock.seconds
        if slowness is None:
            slowness = measured_slowness(plan.dataset, seed=derived_seed(plan.maker.run_seed, "slowness"))
        chances: dict[_Chance, list[str]] = {"yes": [], "perhaps": [], "no": []}
        needed = 0.0
        for name, seconds, share in _steps(plan):
            needed += slowness * seconds / jobs
            chances[_chance(needed, share * self.seconds - used)].append(name)
        fits_end = min(used + needed, (_HARD_SHARE - _MOST_SECURED) * self.seconds)
        available = REFIT_SHARE * self.seconds - fits_end - _VERDICT_SECONDS_PER_ROW * plan.dataset.n_rows
        for family in (each.family for each in _ahead(plan) if each.purpose == "trials"):
            if family.is_reference or family.name not in SECONDS:
                continue
            whole = expected_seconds(family, plan.maker.costs.whole)
            fits = _chance(slowness * (seconds_before(family, plan.maker.costs.whole) + whole), available)
            if fits != "yes" and family.name not in chances["no"]:
                chances[fits].append(f"the refit of {family.name}")
        return _sentence(chances, seconds=self.seconds, n_rows=plan.dataset.n_rows)


_NOTHING = 1e-9
"""A rest below this is what rounding leaves of a sum taken away from itself."""


def _ahead(plan: SearchPlan) -> Iterator[_Ahead]:
    """Yield what a plan's fits cost, the family that is ranked soonest first; what cannot run here is left out."""
    for planned in sorted(plan.families, key=plan.seconds_to_row):
        if planned.why_unavailable:
            continue
        family, splits = planned.family, plan.splits_of(planned)
        default, further, outer, curve = (
            sum(plan.maker.costs.fit(family, split) for split in of_purpose)
            for of_purpose in (splits.default, splits.further, splits.outer, splits.curve)
        )
        if family.is_reference:
            yield _Ahead(family=family, purpose=plan.purpose_of(planned), default=default)
            continue
        others = (len(planned.trials) - 1) * further
        yield _Ahead(family=family, purpose="trials", default=default, others=others)
        yield _Ahead(family=family, purpose="outer", others=outer)
        yield _Ahead(family=family, purpose="curve", others=curve)


def _steps(plan: SearchPlan) -> Iterator[tuple[str, float, float]]:
    """Yield what a search with a budget does, in its order: name, seconds, share of the time in which it may begin.

    The cost of a family of another package is unknown: it is left out.
    """
    ahead = [each for each in _ahead(plan) if each.family.name in SECONDS]
    trials = [each for each in ahead if each.purpose == "trials"]
    whole = plan.maker.costs.whole
    for each in trials:
        yield each.family.name, seconds_before(each.family, whole) + each.default, _SHARES["trials"]
    rest: tuple[tuple[str, Purpose], ...] = (
        ("all further trials", "trials"),
        ("the tuned trials on all training rows", "outer"),
        ("the learning curves", "curve"),
    )
    for name, purpose in rest:
        if seconds := sum(each.others for each in ahead if each.purpose == purpose):
            yield name, seconds, _SHARES[purpose]
    for each in ahead:
        if each.family.is_reference and each.purpose == "curve":
            yield each.family.name, each.default, _SHARES["curve"]


def _chance(needed: float, available: float) -> _Chance:
    """Return whether ``needed`` seconds fit into ``available`` ones, both rough."""
    if needed * _DOUBT <= available:
        return "yes"
    return "perhaps" if needed <= _DOUBT * available else "no"


def _sentence(chances: Mapping[_Chance, Sequence[str]], *, seconds: float, n_rows: int) -> str:
    minutes = f"{seconds / 60:.3g} min" if seconds >= 60 else f"{seconds:.3g} s"  # noqa: PLR2004  (seconds of a minute)
    begin = f"In {minutes} these {n_rows:,} rows"
    if not chances["perhaps"] and not chances["no"]:
        return f"{begin} probably allow everything that was asked for."
    words: dict[_Chance, str] = {"yes": "probably", "perhaps": "perhaps", "no": "probably not"}
    said = [f"{word} {', '.join(chances[each])}" for each, word in words.items() if chances[each]]
    return f"{begin} allow: {'; '.join(said)}."
