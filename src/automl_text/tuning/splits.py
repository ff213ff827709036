"""Which folds a fit learns from and which judge it, and who chooses among trials by which of these fits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from automl_text.data.dataset import Split
from automl_text.statistics.learning_curve import curve_design

if TYPE_CHECKING:
    from automl_text.data.dataset import Partition


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


def _walk_splits(partition: int, n_folds: int) -> tuple[Split, ...]:
    """Return the splits that judge each fold but the first by models of all folds before it, in time order."""
    return tuple(
        Split(partition=partition, train=tuple(range(fold)), test=(fold,)) for fold in range(1, n_folds)
    )


def curve_splits(n_folds: int) -> tuple[Split, ...]:
    """Return the splits of a learning curve in the first partition: fewer rows, then all but two folds, all but one."""
    fewer = tuple(
        Split(partition=0, train=each.train, test=each.test, fraction=each.fraction)
        for each in curve_design(n_folds)
    )
    return (*fewer, *inner_splits(0, n_folds), *outer_splits(0, n_folds))


def _without(n_folds: int, *left_out: int) -> tuple[int, ...]:
    return tuple(fold for fold in range(n_folds) if fold not in left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooser:
    """One choice among trials: inside an outer split, or over all rows for the model that is exported."""

    judged: tuple[tuple[Split, int], ...]
    """What it chooses by: fits, each with the one of its test folds whose rows are looked at."""
    outer: tuple[Split, ...]
    """Where its choice is fitted on whole training folds."""
    early: tuple[tuple[Split, int], ...]
    """What a first look takes of such fits: those without two neighbouring folds, on a ring of all."""

    @property
    def splits(self) -> tuple[Split, ...]:
        """What a trial is fitted on before this choice."""
        return tuple(split for split, _ in self.judged)


def outer_splits_of(index: int, partition: Partition) -> tuple[Split, ...]:
    """Return the outer splits of a partition, the ``index``-th of a run; in time order those of the later folds."""
    if partition.first_judged is None:
        return outer_splits(index, partition.n_folds)
    return _walk_splits(index, partition.n_folds)[partition.first_judged - 1 :]


def choosers_of(
    partitions: tuple[Partition, ...], samples: tuple[Partition, ...] = ()
) -> tuple[Chooser, ...]:
    """Return the choice over all rows, then those of the outer splits, repeat by repeat.

    Parameters
    ----------
    samples : tuple of Partition
        Of large data: the rows that each of them tunes on, in this order; fold 0 judges. The choice over all rows
        looks at all of them.
    """
    first, *others = (outer_splits_of(index, each) for index, each in enumerate(partitions))
    everything = tuple(split for of_partition in (first, *others) for split in of_partition)
    if samples:
        holdouts = tuple(
            (outer_splits(number, sample.n_folds)[0], 0)
            for number, sample in enumerate(samples, start=len(partitions))
        )
        inside = (
            Chooser(judged=(holdout,), outer=(split,), early=(holdout,))
            for split, holdout in zip(everything, holdouts[1:], strict=True)
        )
        return (Chooser(judged=holdouts, outer=first, early=holdouts), *inside)
    if partitions[0].first_judged is not None:
        return _choosers_in_time(partitions[0])
    over_all = Chooser(
        judged=tuple((split, split.test[0]) for split in everything),
        outer=first,
        early=tuple(
            (split, fold)
            for index, each in enumerate(partitions)
            for split in inner_splits(index, each.n_folds)
            for fold in split.test
            if _is_early(split, each.n_folds)
        ),
    )
    inside = (_chooser_inside(split, partitions[split.partition].n_folds) for split in everything)
    return (over_all, *inside)


def _choosers_in_time(partition: Partition) -> tuple[Chooser, ...]:
    """Return the choices where rows are in time order: each looks at splits that lie wholly in its past."""
    walk = tuple((split, split.test[0]) for split in _walk_splits(0, partition.n_folds))
    outer = outer_splits_of(0, partition)
    over_all = Chooser(judged=walk, outer=outer, early=walk)
    past = [(split, walk[: split.test[0] - 1]) for split in outer]
    return (over_all, *(Chooser(judged=each, outer=(split,), early=each) for split, each in past))


def _chooser_inside(outer: Split, n_folds: int) -> Chooser:
    """Return the choice inside an outer split: by the fits without its fold and one more, judged on the latter."""
    (fold,) = outer.test
    judged = tuple(
        (split, other)
        for split in inner_splits(outer.partition, n_folds)
        if fold in split.test
        for other in split.test
        if other != fold
    )
    early = tuple(pair for pair in judged if _is_early(pair[0], n_folds))
    return Chooser(judged=judged, outer=(outer,), early=early)


def _is_early(split: Split, n_folds: int) -> bool:
    return split.test[1] - split.test[0] in {1, n_folds - 1}
