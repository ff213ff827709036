"""Intervals for macro-F1 as the field publishes them, from the same out-of-fold predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from automl_text.statistics.metrics import class_f1, confusion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.results import Interval

Z = 1.959964
N_DRAWS = 500


def takahashi(matrix: NDArray[np.int64]) -> Interval:
    """Return the interval of Takahashi et al. (2022).

    "Confidence interval for micro-averaged F1 and macro-averaged F1 scores": the delta method on a multinomial,
    the variance of the gradient over the cells of the confusion matrix.
    """
    shares = matrix / matrix.sum()
    sizes = shares.sum(axis=0) + shares.sum(axis=1)
    hits = np.diag(shares)
    slope = np.divide(2 * hits, sizes**2, out=np.zeros(len(hits)), where=sizes > 0)
    gradient = -(slope[:, np.newaxis] + slope)
    gradient[np.diag_indices(len(hits))] += np.divide(2, sizes, out=np.zeros(len(hits)), where=sizes > 0)
    gradient /= len(hits)
    variance = np.sum(shares * gradient**2) - np.sum(shares * gradient) ** 2
    centre, half = float(class_f1(matrix).mean()), Z * float(np.sqrt(variance / matrix.sum()))
    return centre - half, centre + half


def corrected_t(folds: NDArray[np.float64]) -> Interval:
    """Return the interval of Nadeau & Bengio's corrected resampled t (2003), from macro-F1 of single folds."""
    n_folds = len(folds)
    error = np.sqrt((1 / n_folds + 1 / (n_folds - 1)) * folds.var(ddof=1))
    half = float(stats.t.ppf(0.975, n_folds - 1) * error)
    return float(folds.mean()) - half, float(folds.mean()) + half


def bootstrap(
    codes: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int, *, seed: int
) -> Interval:
    """Return the percentile interval of redrawn pooled predictions."""
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, len(codes), (N_DRAWS, len(codes)))
    scores = [class_f1(confusion(codes[each], predicted[each], n_classes)).mean() for each in rows]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)
