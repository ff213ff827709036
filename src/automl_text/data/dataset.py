"""The three nouns of this room: `Dataset`, `Partition`, `Split`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """The labelled rows of one file.

    Attributes
    ----------
    texts : tuple of str, length n_rows
        Several text columns are joined by a newline.
    codes : ndarray of int64, shape (n_rows,)
        Index of each row's label in ``classes``.
    classes : tuple of str, length n_classes
        The categories, sorted; nothing is dropped or renamed.
    groups : ndarray of int64, shape (n_rows,)
        Rows of one group (duplicates, one customer) never stand on both sides of a split.
    lines : ndarray of int64, shape (n_rows,)
        Line of the file (first line is 1) on which each row begins.
    sha256 : str
        Digest of the file's bytes.
    """

    texts: tuple[str, ...]
    codes: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.int64]
    lines: NDArray[np.int64]
    sha256: str

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
        pairs = np.unique(np.stack([self.codes, self.groups]), axis=1)
        return np.bincount(pairs[0], minlength=self.n_classes)

    @property
    def measurable(self) -> NDArray[np.bool_]:
        """Mask of shape (n_classes,): the categories with at least two groups.

        A category that lives in one group alone can be trained on but never judged.
        """
        return self.groups_of_class >= 2  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partition:
    """Rows cut into folds by group and class.

    Attributes
    ----------
    fold_of_row : ndarray of int64, shape (n_rows,)
        Part 0..n_folds-1 of every row; -1 for a row that this partition leaves out.
    n_folds : int
    """

    fold_of_row: NDArray[np.int64]
    n_folds: int

    def rows(self, folds: tuple[int, ...]) -> NDArray[np.int64]:
        """Return the ascending row indices that lie in ``folds``."""
        return np.flatnonzero(np.isin(self.fold_of_row, folds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One (train rows, test rows) pair, named by folds so that it stays small when sent or hashed.

    Attributes
    ----------
    partition : int
        Index of the partition in the run's list.
    train, test : tuple of int
        Parts that are trained on, and folds that judge; disjoint.
    fraction : float in (0, 1]
        Share of the training rows that is kept (stratified, by group): below 1 only for learning curves
        and for tuning on a subsample of large data.
    """

    partition: int
    train: tuple[int, ...]
    test: tuple[int, ...]
    fraction: float = 1.0
