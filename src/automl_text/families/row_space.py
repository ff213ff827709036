"""Fits with a squared penalty on the weights, in as many dimensions as there are rows.

With fewer rows than features the weights of such a fit are a sum of the training rows (the representer theorem,
Kimeldorf & Wahba 1971). So the n_rows x n_features matrix X may be replaced by L of n_rows x n_rows with
L L' = X X': the same loss, the same penalty, the same logits. 400 short texts with 10,000 features: 27 iterations
of multinomial logistic regression take .15 s instead of 1.3 s, and all trials on the same features share L.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.families.memory import BoundedMemory

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from automl_text.families.counts import Matrix

MAX_ROWS = 1500
"""Above this the n_rows x n_rows products cost more than the sparse ones."""
JITTER = 1e-9
"""Added to the diagonal, relative to its mean, so that repeated rows leave X X' positive definite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowSpace:
    """The training rows in coordinates that a solver is quick in.

    Attributes
    ----------
    features : csr_matrix or ndarray of float32, shape (n_rows, n_features)
    lower : ndarray of float64, shape (n_rows, n_rows), or None
        L; None where the features themselves are the better coordinates.
    """

    features: Matrix
    lower: NDArray[np.float64] | None

    @property
    def matrix(self) -> Any:  # a csr_matrix or an ndarray
        """What a solver is given in place of the features."""
        return self.features if self.lower is None else self.lower

    def coef(self, solved: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the weights of the features, shape (n_outputs, n_features), from those of ``matrix``."""
        from scipy.linalg import solve_triangular

        if self.lower is None:
            return solved.astype(np.float32)
        of_rows = solve_triangular(self.lower, solved.T, lower=True, trans="T")
        return np.ascontiguousarray((self.features.T @ of_rows).T, dtype=np.float32)


_lowers: BoundedMemory[NDArray[np.float64]] = BoundedMemory(max_bytes=2**28, size=lambda lower: lower.nbytes)
"""L alone: a remembered RowSpace would hold on to its features, which have a bound of their own elsewhere."""


def row_space(features: Matrix, key: Hashable = None) -> RowSpace:
    """Return coordinates for ``features``; L is remembered under ``key`` where one is given.

    The features are left alone where there are many rows or few columns.
    """
    n_rows, n_features = features.shape
    if n_rows > min(MAX_ROWS, n_features):
        return RowSpace(features=features, lower=None)
    lower = _factor(features) if key is None else _lowers.get(key, lambda: _factor(features))
    return RowSpace(features=features, lower=lower)


def _factor(features: Matrix) -> NDArray[np.float64]:
    """Return L, shape (n_rows, n_rows)."""
    n_rows = features.shape[0]
    precise = features.astype(np.float64)  # in float32 repeated rows leave eigenvalues of -1e-7
    products = precise @ precise.T
    products = products if isinstance(products, np.ndarray) else products.toarray()
    products[np.diag_indices(n_rows)] += JITTER * max(1.0, float(np.trace(products)) / n_rows)
    lower: NDArray[np.float64] = np.linalg.cholesky(products)
    return lower
