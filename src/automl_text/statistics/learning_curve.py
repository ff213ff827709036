"""What more rows would bring: macro-F1 as a power law of the training rows, with a band.

The error ``1 - macro_f1`` at n rows is ``E (w + (1 - w) (n / n_ref)^-c)``: a share w of today's error would stay for
ever (wrong labels, texts that belong to two categories), the rest shrinks as a power of the rows (Hestness et al.
2017, "Deep Learning Scaling is Predictable, Empirically"; Viering & Loog 2023, "The Shape of Learning Curves",
section 3.1). Five sizes on few rows cannot tell w from c, so both have priors and the answer is an average over
all curves that fit, not the best one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from automl_text.statistics.interval import around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.results import Interval
    from automl_text.statistics.interval import Estimate

SHARES = np.linspace(0.0, 0.95, 20)
EXPONENTS = np.linspace(0.02, 1.2, 40)
MEAN_SHARE = 0.2
"""The share that stays is exponential with this mean, before the measurements."""
MEAN_EXPONENT, SPREAD_EXPONENT = 0.5, 0.15
OWN_NOISE, REACH = 0.1, 4.0
"""Sizes are judged on the same rows, so they err together: all but a tenth of the variance is shared, less so with
the distance of the sizes, by a factor e for every 4 of their log ratio. Observed correlations: .93 between 300 and
400 rows, .69 between 100 and 400, .54 between 50 and 400."""
BAND = 0.9

SIZES = (0.4, 0.2, 0.1)
N_SPLITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveSplit:
    """One cheap fit of the final trial on fewer rows.

    Attributes
    ----------
    train, test : tuple of int
        Parts of the partition.
    fraction : float in (0, 1]
        Share of the training folds' rows that is kept.
    """

    train: tuple[int, ...]
    test: tuple[int, ...]
    fraction: float


def curve_design(n_folds: int) -> tuple[CurveSplit, ...]:
    """Return the extra fits of a learning curve, the largest training size first.

    The search has already fitted the final trial without one fold and without two; these add about .4, .2 and .1
    of the rows. Each size rotates through the folds with at most five splits, and every split is judged on all
    rows of the folds that it does not train on. Predictions of one size are pooled into one confusion matrix
    before macro-F1 is taken, or a category absent from one test fold would score 0 there.
    """
    designs: list[CurveSplit] = []
    for size in SIZES:
        n_train = int(np.ceil(size * n_folds - 1e-9))
        fraction = round(size * n_folds / n_train, 6)
        if n_train * fraction < n_folds - 2:
            starts = range(0, n_folds, -(-n_folds // N_SPLITS))
            designs.extend(_rotated(start, n_train, n_folds, fraction) for start in starts)
    return tuple(designs)


def _rotated(start: int, n_train: int, n_folds: int, fraction: float) -> CurveSplit:
    train = tuple(sorted((start + i) % n_folds for i in range(n_train)))
    test = tuple(fold for fold in range(n_folds) if fold not in train)
    return CurveSplit(train=train, test=test, fraction=fraction)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurvePosterior:
    """All curves that fit, each with its weight.

    Attributes
    ----------
    weights : ndarray of float64, shape (n_shares, n_exponents)
        Sum to 1; over the grid of ``SHARES`` and ``EXPONENTS``.
    n_reference : float
        Training rows at which the error is split into what stays and what shrinks.
    """

    weights: NDArray[np.float64]
    n_reference: float

    def ratios(self, n_from: float, n_to: float) -> NDArray[np.float64]:
        """Return each curve's error at ``n_to`` rows over its error at ``n_from``, shaped as ``weights``."""
        return _shape(n_to / self.n_reference) / _shape(n_from / self.n_reference)

    def carry(self, macro_f1: float, n_from: float, n_to: float) -> float:
        """Return the macro-F1 expected at ``n_to`` training rows, given what was measured at ``n_from``."""
        return 1 - (1 - macro_f1) * float(np.sum(self.weights * self.ratios(n_from, n_to)))

    def band(self, estimate: Estimate, n_from: float, n_to: float) -> Interval:
        """Return the 90 % band of the macro-F1 at ``n_to`` rows, given an estimate at ``n_from``.

        The error of the level is carried over whole: it is the luck of the rows that judged, which does not shrink
        when the curve goes on.
        """
        ratios = self.ratios(n_from, n_to)
        variance = float(np.sum(self.weights * (ratios - np.sum(self.weights * ratios)) ** 2))
        error = float(np.hypot(estimate.error, (1 - estimate.value) * variance**0.5))
        return around(self.carry(estimate.value, n_from, n_to), error, level=BAND)


def fit_curve(n_rows: Sequence[float], macro_f1: Sequence[float], error: float) -> CurvePosterior:
    """Weigh all curves by how well they pass through the measured sizes.

    The level of the curve has a flat prior and is integrated out (generalised least squares, given share and
    exponent).

    Parameters
    ----------
    n_rows : sequence of float, ascending
        Training rows of each size.
    macro_f1 : sequence of float, in 0..1
        Measured at each size.
    error : float
        Standard error of the last one.
    """
    sizes, errors = np.asarray(n_rows, dtype=np.float64), 1 - np.asarray(macro_f1, dtype=np.float64)
    precision = np.linalg.inv(_covariance(sizes, max(error, 1e-3)))
    shapes = np.stack([_shape(size / sizes[-1]) for size in sizes])
    weighted = np.einsum("ij,jab->iab", precision, shapes)
    information = np.sum(shapes * weighted, axis=0)
    level = np.einsum("i,iab->ab", errors, weighted) / information
    misfit = errors @ precision @ errors - level**2 * information
    log_weights = -misfit / 2 - np.log(information) / 2 + _log_prior()
    weights = np.exp(log_weights - log_weights.max())
    return CurvePosterior(weights=weights / weights.sum(), n_reference=float(sizes[-1]))


def _covariance(sizes: NDArray[np.float64], error: float) -> NDArray[np.float64]:
    distance = np.abs(np.log(sizes[:, np.newaxis] / sizes))
    shared = (1 - OWN_NOISE) * np.exp(-distance / REACH)
    return np.asarray(error**2 * (shared + OWN_NOISE * np.eye(len(sizes))))


def _shape(relative_size: float) -> NDArray[np.float64]:
    shares = SHARES[:, np.newaxis]
    return np.asarray(shares + (1 - shares) * relative_size**-EXPONENTS)


def _log_prior() -> NDArray[np.float64]:
    of_share = -SHARES / MEAN_SHARE
    of_exponent = stats.norm.logpdf(EXPONENTS, MEAN_EXPONENT, SPREAD_EXPONENT)
    return np.asarray(of_share[:, np.newaxis] + of_exponent)
