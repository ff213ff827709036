"""Features of several kinds side by side, each kept as it is: sparse TF-IDF, dense sentence vectors, other columns.

In one sparse matrix a sentence vector's number takes eight bytes, its place among them, and a product reads both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from automl_text.families.counts import Matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideBySide:
    """Matrices with the same rows, taken as one: the columns of the first, then those of the next."""

    matrices: tuple[Matrix, ...]
    """Each a csr_matrix or an ndarray, shape (n_rows, n_columns of its own)."""

    @classmethod
    def of(cls, *features: Matrix | SideBySide) -> SideBySide:
        """Return the matrices of ``features``, which may be such themselves, in their order."""
        inside = (each.matrices if isinstance(each, cls) else (each,) for each in features)
        return cls(matrices=tuple(matrix for matrices in inside for matrix in matrices))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and columns of all matrices."""
        return int(self.matrices[0].shape[0]), sum(int(each.shape[1]) for each in self.matrices)

    @property
    def n_numbers(self) -> int:
        """Numbers that are kept."""
        return sum(int(each.size) for each in self.matrices)  # of a csr_matrix: those that are stored

    def __matmul__(self, weights: NDArray[Any]) -> NDArray[Any]:
        """Return the product with weights of shape (n_columns, n_classes): (n_rows, n_classes)."""
        first, *others = (matrix @ weights[columns] for matrix, columns in self._placed())
        product: NDArray[Any] = first
        for other in others:
            product += other
        return product

    def transposed_times(self, rows: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the product of the transposed with (n_rows, n_classes): (n_columns, n_classes), also in ``out``."""
        product = np.empty((self.shape[1], rows.shape[1]), dtype=rows.dtype) if out is None else out
        for matrix, columns in self._placed():
            product[columns] = matrix.T @ rows
        return product

    def lengths(self) -> NDArray[Any]:
        """Return the Euclidean length of each row, shape (n_rows,)."""
        squares = (
            np.square(each) if isinstance(each, np.ndarray) else each.multiply(each) for each in self.matrices
        )
        sums = [np.asarray(each.sum(axis=1)).ravel() for each in squares]
        return np.asarray(np.sqrt(np.sum(sums, axis=0)))

    def _placed(self) -> Iterator[tuple[Matrix, slice]]:
        """Yield each matrix with the places of its columns."""
        start = 0
        for matrix in self.matrices:
            yield matrix, slice(start, start + matrix.shape[1])
            start += matrix.shape[1]
