"""Which trial of a search space to take: the default unless another one earned its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.influence import standard_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.statistics.truth import Truth

_NEEDED_STANDARD_ERRORS = 0.5
"""A challenger's paired gain over the default must exceed this share of its standard error."""


def choose_trial(predicted_by_trial: NDArray[np.int64], truth: Truth) -> int:
    """Return the index of the trial to take.

    The challenger is the trial of the highest steadied macro-F1 (the earliest of several). It replaces the default
    only if its gain on the same rows exceeds half of that gain's standard error: the best of many near-equal trials
    is best by luck, and the default was chosen with care.

    Parameters
    ----------
    predicted_by_trial : ndarray of int64, shape (n_trials, n_rows)
        Classes predicted by fits that had not seen the rows; trial 0 is the default.
    truth : Truth
        To judge by several partitions, repeat rows: groups keep the repetitions together.
    """
    steady = truth.steadied()
    scores = [steady.macro_f1(predicted) for predicted in predicted_by_trial]
    challenger = int(np.argmax(scores))
    if challenger == 0:
        return 0
    gain = scores[challenger] - scores[0]
    paired = steady.influence(predicted_by_trial[challenger]) - steady.influence(predicted_by_trial[0])
    return challenger if gain > _NEEDED_STANDARD_ERRORS * standard_error(paired) else 0
