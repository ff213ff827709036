"""Intervals around macro-F1, around the F1 of one class, and around a share of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from automl_text.statistics.influence import standard_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.results import Interval

LEVEL = 0.95

_SHARED = 0.4
"""Part of Nadeau & Bengio's term for shared training rows that is used; docs/decisions/0004 has the evidence."""
_BORROWED = 4.0


def inflation(n_folds: int) -> float:
    """Return by how much the standard error of a cross-validated difference exceeds that of independent rows.

    The models of k splits share most of their training rows, and the final models are one draw each. Nadeau &
    Bengio (2003, "Inference for the Generalization Error", equation 8) put ``1/J + n_test/n_train`` in the place
    of ``1/J`` for J splits: with J = k and n_test/n_train = 1/(k-1) the variance grows by ``k/(k-1)``. They
    wanted a test that is never too bold; differences of pooled predictions needed a third of that term, and
    ``_SHARED`` of it is added. Repeats predict the same rows again and leave the factor as it is.
    """
    return float(np.sqrt(1 + _SHARED * n_folds / (n_folds - 1)))


def effective_df(values: NDArray[np.float64]) -> float:
    """Return the degrees of freedom of a standard error: the groups that carry the variance, less one.

    ``(sum v)^2 / sum v^2 - 1`` with v the squared influence values (Satterthwaite 1946 for a sum of squares), at
    least 2, so that a mean exists.
    """
    squares = (values - values.mean()) ** 2
    if not squares.any():
        return 2.0
    return max(2.0, float(squares.sum() ** 2 / np.sum(squares**2)) - 1)


def score_interval(centre: float, error: float, *, level: float = LEVEL) -> Interval:
    """Return the interval of a score in 0..1 whose standard error is ``error`` where it is ``centre``.

    Wilson's interval of the share of so many rows as would have that error: never outside 0..1, longer towards the
    middle, and it does not lose its width near the ends.
    """
    inside = min(max(centre, 1e-6), 1 - 1e-6)
    return wilson(inside, inside * (1 - inside) / max(error, 1e-9) ** 2, level=level)


def macro_f1_interval(f1: NDArray[np.float64], n_rows: NDArray[np.float64]) -> Interval:
    """Return the 95 % interval of one model's macro-F1, measured on so many independent rows of each class.

    F1 of a class varies no more than a share of its rows. A class of few rows borrows from the mean of all, as if it
    had `_BORROWED` rows more at that mean, and the mean itself one row that is half right: so there is width where
    every row is right, and where a class has one row.

    Parameters
    ----------
    f1, n_rows : ndarray of float64, shape (n_classes,); at least one row of each
    """
    if not len(f1):
        return (0.0, 1.0)
    mean = (n_rows @ f1 + 0.5) / (n_rows.sum() + 1)
    drawn = (n_rows * f1 + _BORROWED * mean) / (n_rows + _BORROWED)
    variance = float(np.sum(drawn * (1 - drawn) / n_rows)) / len(f1) ** 2
    worth = float(drawn.mean() * (1 - drawn.mean())) / variance
    return wilson(float(f1.mean()), worth)


def over_blocks(own: Interval, centre: float, values: NDArray[np.float64]) -> Interval:
    """Return a 95 % interval at least as wide as the blocks of time differ, by Student's t of so few of them.

    Parameters
    ----------
    own : Interval
        What the luck of single rows leaves open.
    values : ndarray of float64, shape (n_blocks,)
        How much each block's presence raises the score.
    """
    few = float(special.stdtrit(len(values) - 1, (1 + LEVEL) / 2) / special.ndtri((1 + LEVEL) / 2))
    low, high = score_interval(centre, few * standard_error(values))
    return (min(own[0], low), max(own[1], high))


def effective_size(groups: NDArray[np.int64]) -> float:
    """Return how many independent rows these are worth when rows of one group say the same; 0 without rows."""
    return kish(np.bincount(groups))


def kish(sizes: NDArray[np.int64]) -> float:
    """Return how many rows groups of these sizes are worth: the square of their sum by the sum of their squares.

    Kish 1965, "Survey Sampling", section 8.2.
    """
    return float(sizes.sum() ** 2 / np.sum(sizes**2)) if len(sizes) else 0.0


def wilson(share: float, n: float, *, level: float = LEVEL) -> Interval:
    """Return the score interval, of 95 % unless told, of a share observed on ``n`` independent rows (Wilson 1927).

    It keeps its level near 0 and 1, where the interval of the textbook has no width. ``n`` may be a fraction,
    such as an `effective_size`; 0 gives (0, 1).
    """
    z2 = float(special.ndtri((1 + level) / 2)) ** 2
    centre = (share * n + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (n * share * (1 - share) + z2 / 4)) / (n + z2)
    return (float(max(0.0, centre - half)), float(min(1.0, centre + half)))


def class_f1_interval(
    is_true: NDArray[np.bool_], is_predicted: NDArray[np.bool_], groups: NDArray[np.int64]
) -> Interval:
    """Return an interval for one class's F1 that has width even when every row is right.

    F1 is 2J / (1 + J) with J, the Jaccard index, a plain share: of the rows that are of the class or were
    taken for it, those that are both. Wilson's limits of J are carried over.

    Parameters
    ----------
    is_true, is_predicted : ndarray of bool, shape (n_rows,)
    groups : ndarray of int64, shape (n_rows,)
    """
    counted = is_true | is_predicted
    if not counted.any():
        return (0.0, 1.0)
    share = float(np.mean((is_true & is_predicted)[counted]))
    low, high = wilson(share, effective_size(groups[counted]))
    return (2 * low / (1 + low), 2 * high / (1 + high))
