"""Intervals around macro-F1, around the F1 of one class, and around a share of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.results import Interval

LEVEL = 0.95

SHARED = 0.4
"""Part of Nadeau & Bengio's term for shared training rows that is used; docs/decisions/0004 has the evidence."""

SPREAD_RATIO = 1.65
"""Spread of a cross-validated macro-F1 around what the final model reaches, in spreads of `Estimate`: it holds the
rows' luck, the splits' and the final model's own. Measured between 1.5 and 1.8 (docs/decisions/0004)."""


def inflation(n_folds: int) -> float:
    """Return by how much the standard error of a cross-validated difference exceeds that of independent rows.

    The models of k splits share most of their training rows, and the final models are one draw each. Nadeau &
    Bengio (2003, "Inference for the Generalization Error", equation 8) put ``1/J + n_test/n_train`` in the place
    of ``1/J`` for J splits: with J = k and n_test/n_train = 1/(k-1) the variance grows by ``k/(k-1)``. They
    wanted a test that is never too bold; differences of pooled predictions needed a third of that term, and
    ``SHARED`` of it is added. Repeats predict the same rows again and leave the factor as it is.
    """
    return float(np.sqrt(1 + SHARED * n_folds / (n_folds - 1)))


def effective_df(values: NDArray[np.float64]) -> float:
    """Return the degrees of freedom of a standard error: the groups that carry the variance, less one.

    ``(sum v)^2 / sum v^2 - 1`` with v the squared influence values (Satterthwaite 1946 for a sum of squares), at
    least 2, so that a mean exists.
    """
    squares = (values - values.mean()) ** 2
    if not squares.any():
        return 2.0
    return max(2.0, float(squares.sum() ** 2 / np.sum(squares**2)) - 1)


def around(centre: float, error: float, *, level: float = LEVEL) -> Interval:
    """Return ``centre`` plus and minus normal quantiles of ``error``, cut to 0..1."""
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    return (max(0.0, centre - half), min(1.0, centre + half))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A cross-validated macro-F1 as an estimate for new rows.

    Its spread follows from the sizes of the categories and from the score, not from how the observed errors happen to
    lie: a sample that scores well by luck also shows a small spread, so that an interval from its own errors is
    short just where it misses (their correlation was -.9).

    F1 of one class with T rows is 2J / (1 + J) with J a share of about T (2 - F) rows, which gives it a variance of
    F (1 - F) (2 - F) / 2T; the mean over classes has ``F (1 - F) (2 - F) / 2`` times the square of ``rarity``.

    Attributes
    ----------
    value : float
        Corrected for the bias of few rows.
    rarity : float
        Root of the sum over the K classes of 1 / rows, divided by K; rows of one group count as one.
    """

    value: float
    rarity: float

    @property
    def error(self) -> float:
        """Standard error."""
        score = min(max(self.value, 0.0), 1.0)
        return SPREAD_RATIO * self.rarity * float(np.sqrt(score * (1 - score) * (2 - score) / 2))

    def around(self, centre: float) -> Interval:
        """Return the 95 % score interval when the value is carried to ``centre``.

        It holds all scores F from which ``centre`` lies no further than the quantile of the spread at F (as Wilson
        1927 does for a share). Its ends are the two roots in 0..1 of
        ``(centre - F)^2 = q F (1 - F) (2 - F) / 2`` with q the squared quantile, factor and rarity.
        """
        centre = min(max(centre, 0.0), 1.0)
        q = (float(stats.norm.ppf((1 + LEVEL) / 2)) * SPREAD_RATIO * self.rarity) ** 2
        roots = np.roots([-q / 2, 1 + 1.5 * q, -2 * centre - q, centre**2])
        low, high = np.sort(roots.real)[:2]
        return (float(np.clip(low, 0, centre)), float(np.clip(high, centre, 1)))


def rarity(codes: NDArray[np.int64], groups: NDArray[np.int64], measurable: NDArray[np.bool_]) -> float:
    """Return how few rows the classes stand on: see `Estimate`.

    Parameters
    ----------
    codes, groups : ndarray of int64, shape (n_rows,)
    measurable : ndarray of bool, shape (n_classes,)
    """
    classes = np.flatnonzero(measurable)
    sizes = np.array([max(effective_size(groups[codes == code]), 1.0) for code in classes])
    return float(np.sqrt(np.sum(1 / sizes)) / max(len(classes), 1))


def effective_size(groups: NDArray[np.int64]) -> float:
    """Return how many independent rows these are worth when rows of one group say the same.

    Kish (1965, "Survey Sampling", section 8.2): the square of the sum of group sizes by the sum of their squares.
    """
    if not len(groups):
        return 0.0
    _, sizes = np.unique(groups, return_counts=True)
    return float(sizes.sum() ** 2 / np.sum(sizes**2))


def wilson(share: float, n: float) -> Interval:
    """Return the 95 % score interval of a share observed on ``n`` independent rows (Wilson 1927).

    It keeps its level near 0 and 1, where the interval of the textbook has no width. ``n`` may be a fraction,
    such as an `effective_size`; 0 gives (0, 1).
    """
    z2 = float(stats.norm.ppf((1 + LEVEL) / 2)) ** 2
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
