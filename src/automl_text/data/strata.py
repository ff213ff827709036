"""Rows counted by group and category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """Which categories each group holds, in plain lists for loops that run once per group.

    Attributes
    ----------
    rows_of_class, groups_of_class : list of int, length n_classes
    contents : list of list of (class, number of rows), length n_groups
    sizes : list of int, length n_groups
    turn : ndarray of int64, shape (n_groups,)
        Place, by number of groups, of the rarest category in the group: that category deals it.
    """

    rows_of_class: list[int]
    groups_of_class: list[int]
    contents: list[list[tuple[int, int]]]
    sizes: list[int]
    turn: NDArray[np.int64]


def count_strata(codes: NDArray[np.int64], groups: NDArray[np.int64]) -> Strata:
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
    return Strata(
        rows_of_class=rows_of_class.tolist(),
        groups_of_class=groups_of_class.tolist(),
        contents=contents,
        sizes=np.bincount(groups).tolist(),
        turn=turn,
    )
