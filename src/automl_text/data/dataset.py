"""The three nouns of this room: `Dataset`, `Partition`, `Split`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """The labelled rows of one file."""

    texts: tuple[str, ...]
    """Of length n_rows: several text columns are joined by a newline."""
    codes: NDArray[np.int64]
    """Of shape (n_rows,): index of each row's label in ``classes``."""
    classes: tuple[str, ...]
    """Of length n_classes: the categories, sorted; nothing is dropped or renamed."""
    groups: NDArray[np.int64]
    """Of shape (n_rows,): rows of one group (duplicates, one customer) never stand on both sides of a split."""
    lines: NDArray[np.int64]
    """Of shape (n_rows,): line of the file (first line is 1) on which each row begins."""
    sha256: str
    """Digest of the file's bytes."""
    frame: DataFrame | None = None
    """The texts (first column) and the columns beside them; None where texts are all there is."""
    unlearned: tuple[int, ...] = ()
    """Classes of which nothing was learned before their rows were judged: in time order, those that came last."""

    @property
    def n_rows(self) -> int:
        """Number of labelled rows."""
        return len(self.texts)

    @property
    def n_classes(self) -> int:
        """Number of categories, measurable or not."""
        return len(self.classes)

    @property
    def rows_of_class(self) -> NDArray[np.int64]:
        """Number of rows of each category, shape (n_classes,)."""
        return np.bincount(self.codes, minlength=self.n_classes)

    @property
    def groups_of_class(self) -> NDArray[np.int64]:
        """Number of groups that each category occurs in, shape (n_classes,)."""
        return groups_of_class(self.codes, self.groups, self.n_classes)

    @property
    def measurable(self) -> NDArray[np.bool_]:
        """Mask of shape (n_classes,): the categories with at least two groups, less the `unlearned` ones.

        A category that lives in one group alone can be trained on but never judged.
        """
        is_learned = ~np.isin(np.arange(self.n_classes), self.unlearned)
        return (self.groups_of_class >= 2) & is_learned  # noqa: PLR2004

    def take(self, rows: NDArray[np.int64]) -> Dataset:
        """Return some rows as a data set of the same classes."""
        return replace(
            self,
            texts=tuple(self.texts[row] for row in rows.tolist()),
            codes=self.codes[rows],
            groups=self.groups[rows],
            lines=self.lines[rows],
            frame=None if self.frame is None else self.frame.iloc[rows],
        )


def groups_of_class(codes: NDArray[np.int64], groups: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Return how many groups of each class some rows hold, shape (n_classes,)."""
    n_groups = int(groups.max(initial=0)) + 1
    # with counts it sorts, else it hashes, which is slower
    pairs, _ = np.unique(codes * n_groups + groups, return_counts=True)
    return np.bincount(pairs // n_groups, minlength=n_classes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partition:
    """Rows cut into folds: by group and class, or by time."""

    fold_of_row: NDArray[np.int64]
    """Of shape (n_rows,): fold 0..n_folds-1 of every row; -1 for a row that this partition leaves out."""
    n_folds: int
    first_judged: int | None = None
    """Of folds in time order the first that judges: it and each later one, by models of the folds before it. None where
    folds are in no order: each is judged by models of all others."""

    @property
    def judged_folds(self) -> range:
        """The folds that outer splits judge."""
        return range(self.first_judged or 0, self.n_folds)

    def judged(self) -> Partition:
        """Return the folds that judge alone, numbered from 0, of the rows in them."""
        rows = self.rows(tuple(self.judged_folds))
        first = self.first_judged
        return Partition(
            fold_of_row=self.fold_of_row[rows] - (first or 0),
            n_folds=len(self.judged_folds),
            first_judged=None if first is None else 0,
        )

    def rows(self, folds: tuple[int, ...]) -> NDArray[np.int64]:
        """Return the ascending row indices that lie in ``folds``."""
        return np.flatnonzero(np.isin(self.fold_of_row, folds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One (train rows, test rows) pair, named by folds so that it stays small when sent or hashed."""

    partition: int
    """Index of the partition in the run's list."""
    train: tuple[int, ...]
    test: tuple[int, ...]
    """Folds that are trained on, and folds that judge; disjoint."""
    fraction: float = 1.0
    """In (0, 1]. Share of the training rows that is kept (stratified, by group): below 1 only for learning curves
    and for tuning on a subsample of large data."""
