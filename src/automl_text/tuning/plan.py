"""Which fits a trial needs: one partition serves the inner and the outer loop, so that no fit is done twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, Protocol

from automl_text.data.dataset import Split
from automl_text.engine.unit import Unit
from automl_text.statistics.truth import Truth
from automl_text.tuning.cost import Costs
from automl_text.tuning.fitting import data_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.data.dataset import Dataset, Partition
    from automl_text.engine.unit import Outcome
    from automl_text.families.contract import ModelFamily, Params
    from automl_text.tuning.params import SearchSpace

Purpose = Literal["trials", "outer", "curve"]
"""What fits are for: trying trials, fitting chosen trials on whole training folds, the learning curve."""


class RunUnits(Protocol):
    """Whatever has units run."""

    def __call__(self, units: Sequence[Unit], stage: Purpose) -> Mapping[str, Outcome]:
        """Return outcomes by key; those that are missing belong to units that an early end left out."""


def derived_seed(seed: int, consumer: str) -> int:
    """Return the seed of one consumer of randomness, so that no two share a stream."""
    return int(hashlib.sha256(f"{seed} {consumer}".encode()).hexdigest()[:8], 16) % 2**31


def outer_splits(partition: int, n_folds: int) -> tuple[Split, ...]:
    """Return the k splits that leave out one fold each; entry i judges fold i."""
    return tuple(Split(partition=partition, train=_without(n_folds, i), test=(i,)) for i in range(n_folds))


def inner_splits(partition: int, n_folds: int) -> tuple[Split, ...]:
    """Return the k(k-1)/2 splits that leave out two folds each.

    The fit without folds i and j gives outer fold i its inner score on j, and outer fold j its inner score on i.
    """
    return tuple(
        Split(partition=partition, train=_without(n_folds, i, j), test=(i, j))
        for i, j in combinations(range(n_folds), 2)
    )


def needed_splits(family: ModelFamily, partition: int, n_folds: int) -> tuple[Split, ...]:
    """Return the splits on which each trial is fitted; a reference has nothing to choose and needs no inner ones."""
    outer = outer_splits(partition, n_folds)
    return outer if family.is_reference else outer + inner_splits(partition, n_folds)


def _without(n_folds: int, *left_out: int) -> tuple[int, ...]:
    return tuple(fold for fold in range(n_folds) if fold not in left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMaker:
    """Makes units of one run: the same split and trial always give the same unit."""

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

    def unit(self, family: ModelFamily, split: Split, params: Params, *, turn: int = 0) -> Unit:
        """Return the unit that fits ``family`` on ``split`` at ``params``; ``turn`` orders it, no more."""
        return Unit(
            family=family.name,
            split=split,
            params=params,
            run_seed=self.run_seed,
            data_key=self.data_key,
            runtime=family.runtime,
            turn=turn,
            cost=self.costs.fit(family, split),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FamilySearch:
    """One family and the trials that will be tried.

    Attributes
    ----------
    family : ModelFamily
    trials : tuple of dict
        The default trial first; a reference has that one alone; empty where each split draws its own.
    space : SearchSpace
        Where trials are drawn from.
    n_trials : int
    why_unavailable : str
        Why it cannot run here and how to mend it; empty when it can.
    """

    family: ModelFamily
    trials: tuple[Params, ...]
    space: SearchSpace
    n_trials: int
    why_unavailable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchPlan:
    """All that decides which fits are made.

    Attributes
    ----------
    dataset : Dataset
    partitions : tuple of Partition
        One per repeat.
    families : tuple of FamilySearch
        References last.
    maker : UnitMaker
    inner_partitions : tuple of Partition
        What is tuned on: one over all rows for the final trial, then one for each outer split of each repeat, of its
        training rows or a sample of them; empty where one partition serves both loops.
    sampler : "qmc" or "tpe"
        Where splits draw trials for themselves.
    has_holdout : bool
        Whether the first fold of an inner partition alone judges, and not each fold in turn.
    with_curve : bool
        Whether the final trials are also fitted on fewer rows.
    is_budgeted : bool
        Whether time may run out: trials then take strict turns over the families. Otherwise the default trials come
        first, the others follow in whatever order keeps processes warm, and references come last.
    """

    dataset: Dataset
    partitions: tuple[Partition, ...]
    families: tuple[FamilySearch, ...]
    maker: UnitMaker
    inner_partitions: tuple[Partition, ...] = ()
    sampler: Literal["qmc", "tpe"] = "qmc"
    has_holdout: bool = False
    with_curve: bool = True
    is_budgeted: bool = False

    @property
    def truth(self) -> Truth:
        """What predictions of all rows are judged by."""
        return truth_about(self.dataset, self.partitions[0].n_folds)

    @property
    def all_partitions(self) -> tuple[Partition, ...]:
        """What ``split.partition`` counts: those of the outer loop, then those of the inner one."""
        return self.partitions + self.inner_partitions

    def tuning_splits(self, index: int) -> tuple[Split, ...]:
        """Return the splits that a trial is tuned by on partition ``index``, one of the inner ones."""
        splits = outer_splits(index, self.all_partitions[index].n_folds)
        return splits[:1] if self.has_holdout else splits

    def turn_of(self, family: ModelFamily, number: int) -> int:
        """Return the turn in which a family's trial runs; 0 for what any result needs."""
        if family.is_reference:
            return 1 if self.is_budgeted else 2
        return 0 if number == 0 else 1 + (number if self.is_budgeted else 0)


def truth_about(dataset: Dataset, n_folds: int) -> Truth:
    """Return the labels and groups of all rows, once."""
    return Truth(codes=dataset.codes, groups=dataset.groups, measurable=dataset.measurable, n_folds=n_folds)
