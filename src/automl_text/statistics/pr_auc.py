"""Areas under precision-recall curves: per class, over all class decisions, and as Keras computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KERAS_THRESHOLDS = 200
"""Default of ``keras.metrics.AUC``."""


def _average_precision(is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Return the step-wise area under the precision-recall curve of one binary question.

    Parameters
    ----------
    is_positive : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,)
        Rows with equal scores are passed together.

    Returns
    -------
    float
        In 0..1; 0 where nothing is positive.
    """
    n_positive = int(is_positive.sum())
    if n_positive == 0:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    hits = np.cumsum(is_positive[order])[ends]
    precision = hits / (ends + 1)
    return float(np.sum(np.diff(hits, prepend=0) * precision) / n_positive)


def macro_pr_auc(
    codes: NDArray[np.int64], probabilities: NDArray[np.float64], measurable: NDArray[np.bool_]
) -> float:
    """Return the mean over measurable classes of each class's average precision against the rest."""
    areas = [_average_precision(codes == c, probabilities[:, c]) for c in np.flatnonzero(measurable)]
    return float(np.mean(areas)) if areas else 0.0


def micro_pr_auc(codes: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Return the average precision of all (row, class) decisions thrown together."""
    is_true = codes[:, np.newaxis] == np.arange(probabilities.shape[1])
    return _average_precision(is_true.ravel(), probabilities.ravel())


def keras_pr_auc(codes: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Return what ``keras.metrics.AUC(curve="PR")`` says of one-hot labels and softmax outputs.

    It throws all (row, class) decisions together, reads the curve at 200 fixed thresholds, and joins the
    trials by the interpolation of Davis & Goadrich (2006, "The relationship between precision-recall and ROC
    curves", section 4).
    """
    is_true = (codes[:, np.newaxis] == np.arange(probabilities.shape[1])).ravel()
    inner = np.arange(1, _KERAS_THRESHOLDS - 1) / (_KERAS_THRESHOLDS - 1)
    thresholds = np.concatenate([[-1e-7], inner, [1 + 1e-7]])
    passed = np.searchsorted(thresholds, probabilities.ravel(), side="left")
    true_positives = _at_least(np.bincount(passed[is_true], minlength=_KERAS_THRESHOLDS + 1))
    predicted = true_positives + _at_least(np.bincount(passed[~is_true], minlength=_KERAS_THRESHOLDS + 1))
    return _interpolated_area(true_positives, predicted) / max(int(is_true.sum()), 1)


def _at_least(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Turn "passed exactly t thresholds" into "passed threshold t", for t = 1..200."""
    return np.cumsum(counts[::-1])[::-1][1:].astype(np.float64)


def _interpolated_area(hits: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """Return the area times the number of positives; both arrays descend."""
    gained_hits, gained = hits[:-1] - hits[1:], predicted[:-1] - predicted[1:]
    slope = np.divide(gained_hits, gained, out=np.zeros_like(gained), where=gained > 0)
    intercept = hits[1:] - slope * predicted[1:]
    both = (predicted[:-1] > 0) & (predicted[1:] > 0)
    ratio = np.divide(predicted[:-1], predicted[1:], out=np.ones_like(gained), where=both)
    return float(np.sum(slope * (gained_hits + intercept * np.log(ratio))))
