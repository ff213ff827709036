"""Can it work alone? What share of texts it decides at each confidence, and how often it is wrong there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import ThresholdRow
from automl_text.statistics.interval import effective_size, wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.verdict.predictions import Predictions

THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
SAFE_ERROR = 0.1
SAFE_ROWS = 5
"""A category may be automated if at some threshold at least five texts were put into it, one in ten of them wrong."""


def threshold_rows(judged: Predictions) -> tuple[ThresholdRow, ...]:
    """Return one row for each threshold, from out-of-fold predictions with calibrated confidence.

    Repeats are averaged: each row of the data counts once.
    """
    return tuple(_threshold_row(judged, threshold) for threshold in THRESHOLDS)


def _threshold_row(judged: Predictions, threshold: float) -> ThresholdRow:
    truth = judged.truth
    decided = judged.probabilities.max(axis=1) >= threshold
    coverage = float(decided.mean())
    is_wrong = (judged.predicted != truth.codes)[decided]
    error = float(is_wrong.mean()) if len(is_wrong) else None
    return ThresholdRow(
        threshold=threshold,
        coverage=coverage,
        coverage_interval=wilson(coverage, effective_size(truth.groups)),
        error=error,
        error_interval=None if error is None else wilson(error, effective_size(truth.groups[decided])),
        n_decided=round(coverage * judged.n_rows),
    )


def never_safe(judged: Predictions, classes: Sequence[str]) -> tuple[str, ...]:
    """Return the categories that no threshold makes safe to leave to the model."""
    confidence, predicted = judged.probabilities.max(axis=1), judged.predicted
    is_right = predicted == judged.truth.codes
    return tuple(
        label
        for code, label in enumerate(classes)
        if not _is_safe(confidence[predicted == code], is_right[predicted == code], judged.n_repeats)
    )


def _is_safe(confidence: NDArray[np.float64], is_right: NDArray[np.bool_], n_repeats: int) -> bool:
    for threshold in THRESHOLDS:
        decided = is_right[confidence >= threshold]
        if len(decided) >= SAFE_ROWS * n_repeats and 1 - decided.mean() <= SAFE_ERROR:
            return True
    return False
