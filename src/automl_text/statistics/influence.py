"""How much each row moves macro-F1: the basis of every standard error and every comparison here.

The influence value of a row is the derivative of the statistic with respect to the row's weight (Efron &
Tibshirani 1993, "An Introduction to the Bootstrap", chapter 21: the infinitesimal jackknife). Influence values
sum to 0, those of a difference of two scores are the difference of theirs, and the sum of their squares
estimates the variance. Rows of one group are not independent, so their values are added up before squaring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.metrics import class_f1, confusion

if TYPE_CHECKING:
    from numpy.typing import NDArray


def class_influence(
    codes: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int
) -> NDArray[np.float64]:
    """Return each row's influence on each class's F1, shape (n_rows, n_classes); columns sum to 0.

    F1 of a class is ``2 TP / (true + predicted)``; a row weighs on the numerator when it is a hit and on the
    denominator once for being of the class and once for being taken for it.
    """
    matrix = confusion(codes, predicted, n_classes)
    scores = class_f1(matrix)
    sizes = np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1)
    is_true = codes[:, np.newaxis] == np.arange(n_classes)
    is_predicted = predicted[:, np.newaxis] == np.arange(n_classes)
    hits = 2.0 * (is_true & is_predicted)
    return np.asarray((hits - scores * (is_true.astype(np.float64) + is_predicted)) / sizes)


def influence(
    codes: NDArray[np.int64], predicted: NDArray[np.int64], measurable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return each row's influence on macro-F1, shape (n_rows,); sums to 0.

    Parameters
    ----------
    codes, predicted : ndarray of int64, shape (n_rows,)
    measurable : ndarray of bool, shape (n_classes,)
    """
    matrix = confusion(codes, predicted, len(measurable))
    scores = class_f1(matrix)
    sizes = np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1)
    weights = measurable / (sizes * max(int(measurable.sum()), 1))
    hits = 2.0 * (codes == predicted) * weights[codes]
    return np.asarray(hits - (scores * weights)[codes] - (scores * weights)[predicted])


def sum_by_group(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up the values of each group's rows.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows,) or (n_rows, n_columns)
    groups : ndarray of int64, shape (n_rows,)

    Returns
    -------
    ndarray of float64, shape (n_groups,) or (n_groups, n_columns)
    """
    _, index = np.unique(groups, return_inverse=True)
    totals = np.zeros((int(index.max()) + 1, *values.shape[1:]))
    np.add.at(totals, index, values)
    return totals


def standard_error(values: NDArray[np.float64], groups: NDArray[np.int64]) -> float:
    """Return the standard error of the statistic with these influence values, taking groups as the sample."""
    totals = sum_by_group(values, groups)
    n_groups = len(totals)
    if n_groups < 2:  # noqa: PLR2004  (one group says nothing about spread)
        return float("inf")
    return float(np.sqrt(np.sum(totals**2) * n_groups / (n_groups - 1)))
