"""Cut rows into folds by group and class, so that every category can be both learned and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.dataset import Partition, Split
from automl_text.errors import InputError
from automl_text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strata:
    """Which categories each group holds, in plain lists for loops that run once per group."""

    rows_of_class: list[int]
    groups_of_class: list[int]
    """Of length n_classes."""
    contents: list[list[tuple[int, int]]]
    """Of length n_groups."""
    sizes: list[int]
    """Of length n_groups."""
    turn: NDArray[np.int64]
    """Of shape (n_groups,): place, by number of groups, of the rarest category in the group: that category deals
    it."""


def _count_strata(codes: NDArray[np.int64], groups: NDArray[np.int64]) -> _Strata:
    """Count rows by group (numbered 0..n_groups-1) and class."""
    n_classes = int(codes.max()) + 1
    pairs, counts = np.unique(groups * n_classes + codes, return_counts=True)
    group_of_pair, class_of_pair = pairs // n_classes, pairs % n_classes
    groups_of_class = np.bincount(class_of_pair, minlength=n_classes)
    rows_of_class = np.bincount(codes, minlength=n_classes)
    rarity = np.empty(n_classes, dtype=np.int64)
    rarity[np.lexsort((rows_of_class, groups_of_class))] = np.arange(n_classes)
    turn = np.full(int(groups.max()) + 1, n_classes)
    np.minimum.at(turn, group_of_pair, rarity[class_of_pair])
    contents: list[list[tuple[int, int]]] = [[] for _ in turn]
    for group, code, count in zip(
        group_of_pair.tolist(), class_of_pair.tolist(), counts.tolist(), strict=True
    ):
        contents[group].append((code, count))
    return _Strata(
        rows_of_class=rows_of_class.tolist(),
        groups_of_class=groups_of_class.tolist(),
        contents=contents,
        sizes=np.bincount(groups).tolist(),
        turn=turn,
    )


_ATTEMPTS = 50
"""Orders tried; more than one is needed only where few groups hold several categories each."""

_SPREAD = 3
"""Folds that a category must reach, so that training folds still hold it when two folds are left out."""


def _deal(
    strata: _Strata, n_folds: int, order: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Deal groups to folds in the order given; shape (n_groups,).

    A group goes to the fold that holds the smallest share of the group's categories, then to the smallest
    fold. A category that has not yet reached ``_SPREAD`` folds avoids the folds where it already is.
    """
    folds = range(n_folds)
    tie = rng.permutation(n_folds).tolist()
    held = [[0] * n_folds for _ in strata.rows_of_class]
    totals = [0] * n_folds
    fold_of_group = np.empty(len(strata.sizes), dtype=np.int64)
    for group in order.tolist():
        contents = strata.contents[group]
        crowding = [0] * n_folds
        share = [0.0] * n_folds
        for code, count in contents:
            rows = held[code]
            needed = min(_SPREAD, n_folds, strata.groups_of_class[code])
            is_short = sum(1 for n in rows if n) < needed
            for fold in folds:
                crowding[fold] += is_short and rows[fold] > 0
                share[fold] += count * rows[fold] / strata.rows_of_class[code]
        # A tie in the share of categories is common, a tie in size as well: the seed decides.
        best = min(folds, key=lambda p: (crowding[p], share[p], totals[p], tie[p]))
        for code, count in contents:
            held[code][best] += count
        totals[best] += strata.sizes[group]
        fold_of_group[group] = best
    return fold_of_group


def _check_partition(
    partition: Partition, codes: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[str, ...]:
    """Return every broken promise of a partition, in words; empty when it can be relied on.

    Promised: no group in two folds, no empty fold, every category with at least two groups in at least two
    folds (so every training fold of "all but one" holds it) and every category with at least three groups in
    at least three (so it is still there when any two of three or more folds are left out).

    Parameters
    ----------
    codes, groups : ndarray of int64, shape (n_rows,)
    """
    used = partition.fold_of_row >= 0
    fold, code, group = partition.fold_of_row[used], codes[used], groups[used]
    faults = [f"fold {p} is empty" for p in range(partition.n_folds) if not np.any(fold == p)]
    homes = np.unique(np.stack([group, fold]), axis=1)[0]
    faults += [f"group {g} lies in several folds" for g in np.unique(homes[1:][homes[1:] == homes[:-1]])]
    n_classes = int(codes.max()) + 1
    reach = np.bincount(np.unique(np.stack([code, fold]), axis=1)[0], minlength=n_classes)
    n_groups = np.bincount(np.unique(np.stack([code, group]), axis=1)[0], minlength=n_classes)
    needed = np.minimum(n_groups, min(_SPREAD, partition.n_folds))
    faults += [
        f"category {c} lies in {reach[c]} of {needed[c]} folds" for c in np.flatnonzero(reach < needed)
    ]
    return tuple(faults)


def partition_rows(
    codes: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    n_folds: int,
    seed: int,
    rows: NDArray[np.int64] | None = None,
) -> Partition:
    """Cut rows into folds of equal size and equal class shares, never cutting a group.

    Parameters
    ----------
    codes : ndarray of int64, shape (n_rows,)
        Class of each row.
    groups : ndarray of int64, shape (n_rows,)
        Rows with one number stay together.
    n_folds : int
        At least 2.
    seed : int
        Decides ties, so other seeds give other partitions.
    rows : ndarray of int64, optional
        The rows to cut; the others get fold -1.

    Returns
    -------
    Partition
        Every measurable category lies in the training fold of every split; see `_check_partition`.

    Raises
    ------
    InputError
        If there are fewer groups than folds, or if groups that hold several categories leave no way to keep
        every category in training.
    """
    rows = np.arange(len(codes)) if rows is None else rows
    numbers = np.unique(groups[rows], return_inverse=True)[1].astype(np.int64)
    n_groups = int(numbers.max()) + 1 if len(rows) else 0
    if n_groups < n_folds:
        raise _too_few_groups(len(rows), n_groups, n_folds)
    strata = _count_strata(codes[rows], numbers)
    faults: tuple[str, ...] = ()
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng([seed, attempt])
        order = rng.permutation(len(strata.sizes))
        if attempt == 0:  # rarest category first, large groups first
            order = np.lexsort((order, -np.asarray(strata.sizes), strata.turn))
        dealt = _deal(strata, n_folds, order, rng)
        fold_of_row = np.full(len(codes), -1, dtype=np.int64)
        fold_of_row[rows] = dealt[numbers]
        partition = Partition(fold_of_row=fold_of_row, n_folds=n_folds)
        faults = _check_partition(partition, codes, groups)
        if not faults:
            return partition
    raise InputError(
        f"the groups leave no way to keep every category in training ({'; '.join(faults[:3])}); "
        "use another --group column, fewer folds (--outer-folds), or --rare merge"
    )


def _too_few_groups(n_rows: int, n_groups: int, n_folds: int) -> InputError:
    remedy = f"use --outer-folds {n_groups}" if n_groups >= _SPREAD else "label more texts"
    return InputError(
        f"{counted(n_rows, 'row')} in {counted(n_groups, 'group')} cannot be cut into {n_folds} folds; "
        f"{remedy}, or use a finer --group column"
    )


def subsample(
    rows: NDArray[np.int64],
    codes: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    fraction: float,
    seed: int,
) -> NDArray[np.int64]:
    """Keep about ``fraction`` of the rows, by class and in whole groups.

    Parameters
    ----------
    rows : ndarray of int64
        The rows to choose from.
    codes, groups : ndarray of int64, shape (n_rows,)
        Class and group of every row of the data set.
    fraction : float in (0, 1]
    seed : int
        With one seed, a smaller fraction takes its rows from the same shuffled list.

    Returns
    -------
    ndarray of int64
        Ascending; every class that occurs in ``rows`` keeps at least one group.
    """
    if fraction >= 1 or not len(rows):
        return rows
    numbers = np.unique(groups[rows], return_inverse=True)[1].astype(np.int64)
    strata = _count_strata(codes[rows], numbers)
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.permutation(len(strata.sizes)), strata.turn))
    quota = _quotas(strata, fraction, rng)
    taken = [0] * len(quota)
    is_kept = np.zeros(len(strata.sizes), dtype=np.bool_)
    for group in order.tolist():
        contents = strata.contents[group]
        is_wanted = all(taken[code] + count / 2 <= quota[code] for code, count in contents)
        if is_wanted or any(taken[code] == 0 for code, _ in contents):
            is_kept[group] = True
            for code, count in contents:
                taken[code] += count
    return rows[is_kept[numbers]]


def _quotas(strata: _Strata, fraction: float, rng: np.random.Generator) -> list[int]:
    """Round each class's share of rows so that the rounding errors cancel over the classes."""
    shares = fraction * np.asarray(strata.rows_of_class)
    order = rng.permutation(len(shares))
    ends = np.floor(np.cumsum(shares[order]) + 0.5).astype(np.int64)
    quotas = np.empty_like(ends)
    quotas[order] = np.diff(ends, prepend=0)
    return [int(quota) for quota in quotas]


def split_rows(
    split: Split,
    partitions: Sequence[Partition],
    codes: NDArray[np.int64],
    groups: NDArray[np.int64],
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ascending (train rows, test rows) that a split names; no group of a test row is trained on.

    Parameters
    ----------
    split : Split
        Where its ``fraction`` is below 1, training rows are subsampled; test rows never are.
    codes, groups : ndarray of int64, shape (n_rows,)
    seed : int
        Decides the subsample.
    """
    partition = partitions[split.partition]
    train, test = partition.rows(split.train), partition.rows(split.test)
    apart = train[~np.isin(groups[train], groups[test])]  # in time order a group may lie in several folds
    return subsample(apart, codes, groups, fraction=split.fraction, seed=seed), test
