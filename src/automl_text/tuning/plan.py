"""Which fits a search is made of, and what they are foreseen to cost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

from automl_text.engine.unit import Unit
from automl_text.statistics.truth import Truth
from automl_text.tuning.cost import Costs, seconds_before
from automl_text.tuning.fitting import data_key
from automl_text.tuning.params import EMBEDDING
from automl_text.tuning.splits import choosers_of, curve_splits, outer_splits_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from automl_text.data.dataset import Dataset, Partition, Split
    from automl_text.engine.unit import Outcome
    from automl_text.families.contract import ModelFamily, Params
    from automl_text.tuning.params import SearchSpace
    from automl_text.tuning.splits import Chooser

Purpose = Literal["trials", "outer", "curve"]
"""What fits are for: trials, chosen ones on whole training folds, the learning curve and references."""


_REFERENCE_SHARE = 0.25
"""A reference that nobody has asked for may take so much of the time of the other fits."""

_WORTH_A_LOOK = 1.5
"""Seconds of one fit from which on a first look saves more than it costs in idle processes."""

_FEW_TRIALS, _COSTLY_FIT = 3, 2.5
"""Of a network whose single fit takes so many seconds: its default, word vectors of the other kind, and no strategy
(docs/decisions/0010)."""

_COSTLY_WHOLE = 10.0
"""Seconds of one fit on large data from which on strategies are compared by the samples alone (docs/decisions/0011)."""

_NO_WAIT = 0.05
"""Seconds of one fit that nobody notices."""


class RunUnits(Protocol):
    """Whatever has units run."""

    def __call__(self, units: Sequence[Unit], purpose: Purpose, /) -> Mapping[str, Outcome]:
        """Return outcomes by key; those that are missing belong to units that an early end left out."""


def derived_seed(seed: int, consumer: str) -> int:
    """Return the seed of one consumer of randomness, so that no two share a stream."""
    return int(hashlib.sha256(f"{seed} {consumer}".encode()).hexdigest()[:8], 16) % 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMaker:
    """Makes units of one run: the same split and params always give the same unit."""

    run_seed: int
    data_key: str
    costs: Costs

    @classmethod
    def of(cls, dataset: Dataset, partitions: tuple[Partition, ...], *, run_seed: int) -> UnitMaker:
        """Return the maker of units on ``partitions``, which are what ``split.partition`` counts."""
        return cls(
            run_seed=run_seed,
            data_key=data_key(dataset, partitions),
            costs=Costs.of(dataset, partitions),
        )

    def unit(
        self, family: ModelFamily, split: Split, params: Params, *, turn: int = 0, reads_beside: bool = True
    ) -> Unit:
        """Return the unit that fits ``family`` on ``split`` with ``params``; ``turn`` orders it, no more."""
        return Unit(
            family=family.name,
            split=split,
            params=params,
            run_seed=self.run_seed,
            data_key=self.data_key,
            reads_beside=reads_beside,
            runtime=family.runtime,
            turn=turn,
            cost=self.costs.fit(family, split),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FamilySearch:
    """One family and the trials that will be made."""

    family: ModelFamily
    trials: tuple[Params, ...]
    """The default first; a reference has that one alone."""
    space: SearchSpace
    """What they were drawn from."""
    why_unavailable: str = ""
    """Why it cannot run here and how to mend it; empty when it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _FamilySplits:
    """What a family is fitted on, as far as it is known before the search."""

    default: tuple[Split, ...]
    """Its default trial."""
    further: tuple[Split, ...] = ()
    """Each other trial."""
    outer: tuple[Split, ...] = ()
    """Chosen trials on whole training folds, where these are not among the above; as many as are usual."""
    curve: tuple[Split, ...] = ()
    """The final trial, for its learning curve."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchPlan:
    """All that decides which fits are made."""

    dataset: Dataset
    partitions: tuple[Partition, ...]
    """One for each repeat; the outer splits leave out one fold each."""
    families: tuple[FamilySearch, ...]
    """References last."""
    maker: UnitMaker
    samples: tuple[Partition, ...] = ()
    """Large data alone: the rows that each `Chooser` tunes on, in the order of `choosers`; fold 0 judges."""
    with_curve: bool = True
    """Whether the final trials are also fitted on fewer rows."""
    is_budgeted: bool = False
    """Whether time may run out: trials then take strict turns over the families."""
    drops_laggards: bool = False
    """Whether families whose default trial is far behind get no further ones."""

    @property
    def truth(self) -> Truth:
        """The labels of all rows."""
        return truth_about(self.dataset, self.n_outer)

    @property
    def n_outer(self) -> int:
        """Outer splits of a partition."""
        return len(self.partitions[0].judged_folds)

    @property
    def _outer(self) -> tuple[Split, ...]:
        """The outer splits of the first partition."""
        return outer_splits_of(0, self.partitions[0])

    @property
    def judged(self) -> Dataset:
        """The rows that outer splits judge: all of them, or in time order those after the first ones."""
        first = self.partitions[0]
        if first.first_judged is None:
            return self.dataset
        return self.dataset.take(first.rows(tuple(first.judged_folds)))

    @property
    def all_partitions(self) -> tuple[Partition, ...]:
        """What ``split.partition`` counts: those of the outer loop, then the samples."""
        return self.partitions + self.samples

    @property
    def choosers(self) -> tuple[Chooser, ...]:
        """The choice over all rows, then those of the outer splits, repeat by repeat."""
        return choosers_of(self.partitions, self.samples)

    @property
    def choosers_inside(self) -> tuple[tuple[Chooser, ...], ...]:
        """The choices inside the outer splits, repeat by repeat."""
        n_outer, inside = self.n_outer, self.choosers[1:]
        return tuple(inside[start : start + n_outer] for start in range(0, len(inside), n_outer))

    @property
    def curve_splits(self) -> tuple[Split, ...]:
        """What the final trial is fitted on for its learning curve: of large data one split of each size will do."""
        splits = curve_splits(self.partitions[0].n_folds)
        if not self.samples:
            return splits
        one = {(len(split.train), split.fraction): split for split in reversed(splits)}
        return tuple(dict.fromkeys((*one.values(), *self._outer)))

    def splits_of(self, planned: FamilySearch) -> _FamilySplits:
        """Return what a family will be fitted on, if all its trials are made."""
        over_all, *inside = self.choosers
        whole = tuple(chooser.outer[0] for chooser in inside)
        if planned.family.is_reference:
            return _FamilySplits(default=whole)
        judged = tuple(dict.fromkeys(split for each in (over_all, *inside) for split in each.splits))
        everywhere = tuple(dict.fromkeys((*judged, *whole)))
        curve = self.curve_splits if self.with_curve else ()
        return _FamilySplits(
            default=everywhere,
            further=judged if self.samples else everywhere,
            outer=2 * whole if self.samples else (),
            curve=tuple(split for split in curve if split not in everywhere),
        )

    def seconds_of(self, planned: FamilySearch) -> float:
        """Return the foreseen seconds of all fits of a family, from rows and texts alone."""
        splits, n_further = self.splits_of(planned), len(planned.trials) - 1
        made = (*splits.default, *n_further * splits.further, *splits.outer, *splits.curve)
        return sum(self.maker.costs.fit(planned.family, split) for split in made)

    def cost(self, planned: FamilySearch) -> float:
        """Return the foreseen seconds of one fit of a family on whole training folds."""
        return self.maker.costs.fit(planned.family, self._outer[0])

    def seconds_to_row(self, planned: FamilySearch) -> float:
        """Return the foreseen seconds until a family has its row: what comes before its fits, and the default trial."""
        fits = sum(self.maker.costs.fit(planned.family, split) for split in self.splits_of(planned).default)
        return seconds_before(planned.family, self.maker.costs.whole) + fits

    def looks_first(self, planned: FamilySearch) -> bool:
        """Return whether a family is so costly that half of its default trial's inner fits come before all others."""
        is_costly = self.cost(planned) > _WORTH_A_LOOK
        return is_costly and self.drops_laggards and not self.samples and not planned.family.is_reference

    def compares_strategies(self, planned: FamilySearch) -> bool:
        """Return whether the best trial of every imbalance strategy is fitted on whole training folds as well."""
        return not self.samples or self.cost(planned) <= _COSTLY_WHOLE

    def purpose_of(self, reference: FamilySearch) -> Purpose:
        """Return what a reference is fitted with: first where that is no wait at all, else last."""
        return "trials" if self.cost(reference) < _NO_WAIT else "curve"


def with_few_costly(plan: SearchPlan) -> tuple[SearchPlan, tuple[str, ...]]:
    """Return the plan with `_FEW_TRIALS` of each network whose single fit is costly, and a sentence for each."""
    few = {
        each.family.name: replace(each, trials=each.trials[:_FEW_TRIALS])
        for each in plan.families
        if EMBEDDING in each.trials[0]
        and plan.looks_first(each)
        and plan.cost(each) > _COSTLY_FIT
        and len(each.trials) > _FEW_TRIALS
    }
    sentences = tuple(
        f"One fit of {each.family.title} takes long on these texts: {_FEW_TRIALS} trials of it instead of "
        f"{len(each.trials)} are made; --trials sets another number."
        for each in plan.families
        if each.family.name in few
    )
    return replace(plan, families=tuple(few.get(each.family.name, each) for each in plan.families)), sentences


LEFT_OUT = "Left out:"
"""How the reason begins why a family was not fitted, though it could have been."""


def without_costly(plan: SearchPlan, names: Collection[str]) -> SearchPlan:
    """Return the plan without the references among ``names`` that cost more than `_REFERENCE_SHARE`."""
    runnable = [each for each in plan.families if not each.why_unavailable]
    seconds = {each.family.name: plan.seconds_of(each) for each in runnable}
    search = sum(seconds[each.family.name] for each in runnable if not each.family.is_reference)

    def checked(planned: FamilySearch) -> FamilySearch:
        share = seconds.get(planned.family.name, 0.0) / max(search, _NO_WAIT)
        if planned.family.name not in names or share <= _REFERENCE_SHARE:
            return planned
        reason = (
            f"{LEFT_OUT} its fits would take about {share:.0%} of the time of all others, more than "
            f"{_REFERENCE_SHARE:.0%}. --references all makes them."
        )
        return replace(planned, why_unavailable=reason)

    return replace(plan, families=tuple(map(checked, plan.families)))


def truth_about(dataset: Dataset, n_folds: int) -> Truth:
    """Return the labels and groups of all rows, once."""
    return Truth(codes=dataset.codes, groups=dataset.groups, measurable=dataset.measurable, n_folds=n_folds)
