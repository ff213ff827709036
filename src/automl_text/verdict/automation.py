"""Can it work alone? What share of texts it decides at each confidence, and how often it is wrong there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from automl_text.results import ThresholdRow
from automl_text.statistics.interval import effective_size, over_blocks, wilson
from automl_text.statistics.truth import trained_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.results import Interval
    from automl_text.statistics.learning_curve import ClassCurves
    from automl_text.verdict.predictions import Predictions

_THRESHOLDS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98)
_ADVISED_ERROR = 0.05
_UNLIKE = 0.05
_SAFE_ERROR = 0.1
_SAFE_LEVEL = 0.8
"""A bound is exceeded with probability (1 - .8) / 2."""
_RISE = 0.8
"""By how much the log odds of the share decided rise with the logarithm of the training rows (docs/decisions/0004)."""
_PASSED_ON = 0.5
"""Of the errors that the curves take from F1, so many are taken from accuracy (docs/decisions/0004)."""
_LUCK, _ERROR_LUCK = 1.5, 1.3
"""Spread of a share of texts, and of the error among those decided, around what the final model does, in spreads of
independent rows: splits and model have luck of their own (docs/decisions/0004)."""


def threshold_rows(judged: Predictions) -> tuple[ThresholdRow, ...]:
    """Return one row for each threshold, from out-of-fold predictions with calibrated confidence.

    Repeats are averaged: each row of the data counts once. The share decided is that of the final model, which was
    trained on all rows and is surer of itself.
    """
    return tuple(_threshold_row(judged, threshold) for threshold in _THRESHOLDS)


def unlike_below(judged: Predictions, scores: NDArray[np.float64]) -> float:
    """Return the score that 1 in 20 texts like those of training fall below: a new text below it is unlike them.

    ``scores``, shape (n_predictions,), are the confidence or the largest logit of rows as models say that have not seen
    them. The final model is surer of itself, as of the share that it decides, so a few more of these rows are below.

    The largest logit keeps the distance from every category, and marks more of the texts of categories held back; what
    it marks and what other scores do stands in docs/decisions/0004.
    """
    like = float(special.logit(1 - _UNLIKE)) - _surer(judged.n_rows, judged.truth.n_folds)
    return float(np.quantile(scores, 1 - special.expit(like)))


def unseen_share(groups_of_class: NDArray[np.int64]) -> float:
    """Return the share of new texts that will belong to categories which the data lack.

    As many as there are groups alone in theirs (Good 1953, "The Population Frequencies of Species", equation 9).
    """
    return float(np.sum(groups_of_class == 1) / max(int(groups_of_class.sum()), 1))


def advised_threshold(rows: Sequence[ThresholdRow]) -> float | None:
    """Return the lowest threshold at which at most 1 text in 20 is wrong even by the bound; None without one."""
    kept = [
        row.threshold for row in rows if row.error_bound is not None and row.error_bound <= _ADVISED_ERROR
    ]
    return min(kept, default=None)


def _threshold_row(judged: Predictions, threshold: float) -> ThresholdRow:
    truth, predicted = judged.truth, judged.predicted
    decided = judged.probabilities.max(axis=1) >= threshold
    share = _carried(float(decided.mean()), judged.n_rows, truth.n_folds)
    is_wrong = (predicted != truth.codes)[decided]
    error, n_rows = (float(is_wrong.mean()) if len(is_wrong) else None), effective_size(truth.groups[decided])
    worth = n_rows / _ERROR_LUCK**2
    n_classes = len(truth.measurable)
    into = np.bincount(predicted[decided], minlength=n_classes) / judged.n_repeats
    wrong = np.bincount(predicted[decided][is_wrong], minlength=n_classes) / judged.n_repeats
    largest = np.bincount(truth.codes, minlength=n_classes).argmax()
    return ThresholdRow(
        threshold=threshold,
        coverage=share,
        coverage_interval=wilson(share, effective_size(truth.groups) / _LUCK**2),
        error=error,
        error_interval=None if error is None else wilson(error, worth),
        error_bound=None if error is None else wilson(error, n_rows / _ERROR_LUCK, level=0.9)[1],
        error_of_largest=float(np.mean(truth.codes[decided] != largest)) if decided.any() else None,
        n_decided=round(float(decided.mean()) * judged.n_rows),
        by_class=tuple((round(a), round(b)) for a, b in zip(into, wrong, strict=True)),
    )


def _carried(share: float, n_rows: int, n_folds: int) -> float:
    """Return the share that a model decides which was trained on all rows, from that of models without a fold."""
    if share in (0.0, 1.0):
        return share
    return float(special.expit(special.logit(share) + _surer(n_rows, n_folds)))


def _surer(n_rows: int, n_folds: int) -> float:
    """Return by how much the log odds of a share decided rise from models without a fold to one of all rows."""
    return float(_RISE * np.log(n_rows / trained_on(n_rows, n_folds)))


def accuracy_of(
    judged: Predictions, predicted: NDArray[np.int64], curves: ClassCurves | None = None
) -> tuple[float, Interval]:
    """Return the share of new texts that the final model gets right, and its 95 % interval.

    Each category's errors shrink by its own curve, weighed by its rows; half of what F1 gains so is passed on to the
    share that is right. Without curves, as in time order, it is the share measured, as uncertain as blocks differ.
    """
    truth = judged.truth
    is_right = predicted == truth.codes
    measured, n_independent = float(np.mean(is_right)), effective_size(truth.groups) / _LUCK**2
    if curves is None:
        own, blocks = wilson(measured, n_independent), judged.blocks
        if blocks is None:
            return measured, own
        without = [np.mean(is_right[blocks != block]) for block in np.unique(blocks)]
        return measured, over_blocks(own, measured, measured - np.array(without))
    shares = np.bincount(truth.codes, minlength=len(truth.measurable))[truth.measurable]
    accuracy = 1 - (1 - measured) * (
        1 - _PASSED_ON * max(1 - curves.kept_errors(shares.astype(np.float64)), 0.0)
    )
    return accuracy, wilson(accuracy, n_independent)


def never_safe(judged: Predictions, classes: Sequence[str]) -> tuple[str, ...]:
    """Return the categories that no threshold makes safe to leave to the model.

    Safe is a category where, at some threshold, at most one in ten is wrong of the texts put into it, and at most one
    in ten of its own texts is decided for another one; both by the bound, so that a category of a few texts is not
    safe because luck spared it.
    """
    return tuple(label for code, label in enumerate(classes) if not _is_safe(judged, code))


def _is_safe(judged: Predictions, code: int) -> bool:
    truth, predicted, confidence = judged.truth, judged.predicted, judged.probabilities.max(axis=1)
    is_wrong = predicted != truth.codes
    for threshold in (0.0, *_THRESHOLDS):
        decided = confidence >= threshold
        sides = (decided & (predicted == code), decided & (truth.codes == code))
        if all(_bound(is_wrong[side], truth.groups[side]) <= _SAFE_ERROR for side in sides):
            return True
    return False


def _bound(is_wrong: NDArray[np.bool_], groups: NDArray[np.int64]) -> float:
    """Return an upper bound of the share of errors; 1 without rows."""
    if not len(is_wrong):
        return 1.0
    return wilson(float(is_wrong.mean()), effective_size(groups), level=_SAFE_LEVEL)[1]
