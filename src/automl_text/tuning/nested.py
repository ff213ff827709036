"""The choice inside nested cross-validation: inner scores choose, outer predictions are only looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.choice import choose_trial
from automl_text.statistics.metrics import macro_f1_by_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.statistics.truth import Truth

SMOOTHING = 3
"""Neighbouring steps whose scores are averaged before the best is taken: one step's score is noisy."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """What the scores of some rows chose.

    Attributes
    ----------
    trial_index : int
        Index into the trials judged.
    step_index : int
        Index into that trial's steps.
    scores : tuple of float, length n_trials
        Macro-F1 of every trial at its own best step.
    step_indices : tuple of int, length n_trials
    predicted : ndarray of int64, shape (n_rows,)
        The chosen trial's classes at its chosen step; -1 on rows that were not judged.
    """

    trial_index: int
    step_index: int
    scores: tuple[float, ...]
    step_indices: tuple[int, ...]
    predicted: NDArray[np.int64]


def choose(predicted: Sequence[NDArray[np.int64]], truth: Truth, *, has_default: bool = True) -> Choice:
    """Choose among trials by what they predict for rows that their fits had left out.

    Parameters
    ----------
    predicted : sequence over trials of ndarray of int64, each of shape (n_steps, n_rows)
        Predicted classes by step; -1 on rows that may not be looked at, the same rows at every trial.
    truth : Truth
        Of the same rows.
    has_default : bool
        Whether the first is the default trial, which another must beat by more than luck; else the
        highest macro-F1 is taken.
    """
    rows = np.flatnonzero(predicted[0][0] >= 0)
    codes, measurable = truth.codes[rows], truth.measurable
    curves = [macro_f1_by_step(codes, of_trial[:, rows], measurable) for of_trial in predicted]
    steps = tuple(best_step(curve) for curve in curves)
    at_best = np.stack([of_trial[step] for of_trial, step in zip(predicted, steps, strict=True)])
    scores = tuple(float(curve[step]) for curve, step in zip(curves, steps, strict=True))
    index = int(np.argmax(scores))
    if has_default:
        index = choose_trial(at_best[:, rows], codes, truth.groups[rows], measurable)
    return Choice(
        trial_index=index,
        step_index=steps[index],
        scores=scores,
        step_indices=steps,
        predicted=at_best[index],
    )


def best_step(curve: NDArray[np.float64]) -> int:
    """Return the earliest index of the highest smoothed score; the ends repeat their own value."""
    padded = np.pad(curve, SMOOTHING // 2, mode="edge")
    smoothed = np.convolve(padded, np.full(SMOOTHING, 1 / SMOOTHING), mode="valid")
    return int(np.flatnonzero(smoothed >= smoothed.max() - 1e-12)[0])
