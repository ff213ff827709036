"""The difference of two families on the same rows, as a posterior distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from automl_text.statistics.influence import class_influence, standard_error
from automl_text.statistics.interval import LEVEL, effective_df, inflation
from automl_text.statistics.metrics import class_f1, confusion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.results import Interval, PairVerdict
    from automl_text.statistics.truth import Truth

_CREDIBLE = 0.95
"""A verdict needs more than this probability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Student's t around a difference in macro-F1; a point mass where ``scale`` is 0."""

    mean: float
    scale: float
    df: float

    def probabilities(self, rope: float) -> tuple[float, float, float]:
        """Return the probabilities of below ``-rope``, within, and above ``rope``."""
        if self.scale == 0:
            return (float(self.mean < -rope), float(abs(self.mean) <= rope), float(self.mean > rope))
        below = float(stats.t.cdf(-rope, self.df, self.mean, self.scale))
        above = float(stats.t.sf(rope, self.df, self.mean, self.scale))
        return (below, max(0.0, 1 - below - above), above)

    def interval(self, level: float = LEVEL) -> Interval:
        """Return the central interval that holds ``level`` of the probability."""
        half = float(stats.t.ppf((1 + level) / 2, self.df)) * self.scale
        return (self.mean - half, self.mean + half)

    def expected_gain(self) -> float:
        """Return the mean of max(0, difference): what is lost on average by doing without it.

        For a standard t with f its density and F its distribution, the mean of max(0, m + s t) is
        ``m F(m/s) + s (df + (m/s)^2) / (df - 1) f(m/s)``.
        """
        if self.scale == 0:
            return max(0.0, self.mean)
        z, df = self.mean / self.scale, self.df
        # scipy.stats.t says the same in a hundred times the time, and a second opinion asks thousands of times
        density = np.exp(-(df + 1) / 2 * np.log1p(z * z / df) - special.betaln(0.5, df / 2)) / np.sqrt(df)
        tail = (df + z * z) / (df - 1) * density
        return float(self.mean * special.stdtr(df, z) + self.scale * tail)


def compare(truth: Truth, a: NDArray[np.int64], b: NDArray[np.int64]) -> Posterior:
    """Return the posterior of the macro-F1 of ``a`` minus that of ``b``.

    The Bayesian correlated t-test (Benavoli, Corani, Demsar & Zaffalon 2017, "Time for a Change", section 3.1) with
    two departures. Its data are the paired influence values of the groups instead of one difference per split, so
    that the differences add up to those of the leaderboard and do not rest on five numbers. Its degrees of freedom
    count the groups that carry the variance: where two families differ on a few rows only, there are few. And of each
    category on which they differ one group more is thought to: of a category of two groups, both right by one
    family and wrong by the other, no deletion changes F1, which would look like certainty.

    Parameters
    ----------
    a, b : ndarray of int64, shape (n_rows,)
        Classes predicted.
    """
    paired = truth.influence(a) - truth.influence(b)
    widening = float(np.sqrt(np.sum((_one_more(truth, a, b) * truth.weights) ** 2)))
    return _posterior(
        truth.macro_f1(a) - truth.macro_f1(b),
        paired,
        truth.n_folds,
        widening=widening,
    )


def compare_classes(truth: Truth, a: NDArray[np.int64], b: NDArray[np.int64]) -> tuple[Posterior, ...]:
    """Return the posterior of each class's F1 by ``a`` minus that by ``b``, in the order of the classes."""
    n_classes = len(truth.measurable)
    paired = class_influence(truth.codes, a, truth.groups, n_classes) - class_influence(
        truth.codes, b, truth.groups, n_classes
    )
    gains = class_f1(confusion(truth.codes, a, n_classes)) - class_f1(confusion(truth.codes, b, n_classes))
    return tuple(
        _posterior(gain, values, truth.n_folds, widening=widening)
        for gain, values, widening in zip(
            gains.tolist(), paired.T, _one_more(truth, a, b).tolist(), strict=True
        )
    )


def _one_more(truth: Truth, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what one group more on which ``a`` and ``b`` differ weighs in each class, shape (n_classes,)."""
    n_classes = len(truth.measurable)
    differing = np.bincount(truth.codes[a != b], minlength=n_classes) > 0
    return np.where(differing, 1 / (truth.class_groups + 1), 0.0)


def _posterior(mean: float, paired: NDArray[np.float64], n_folds: int, *, widening: float = 0.0) -> Posterior:
    error = float(np.hypot(standard_error(paired), widening))
    return Posterior(mean=mean, scale=error * inflation(n_folds), df=effective_df(paired))


def pair_verdict(posterior: Posterior, rope: float) -> PairVerdict:
    """Return what can be said of a pair: a verdict needs a probability above .95."""
    worse, equivalent, better = posterior.probabilities(rope)
    if better > _CREDIBLE:
        return "better"
    if worse > _CREDIBLE:
        return "worse"
    return "equivalent" if equivalent > _CREDIBLE else "undecided"
