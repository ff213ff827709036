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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.results import Interval

SHARES = np.linspace(0.0, 0.95, 39)
EXPONENTS = np.linspace(0.02, 1.2, 60)
MEAN_SHARE = 0.1
"""The share that stays is exponential with this mean, before the measurements."""
MEAN_EXPONENT, SPREAD_EXPONENT = 0.5, 0.15
NOISE = 1 / 3
"""Scatter of a measured size around its curve, in standard errors of macro-F1: sizes share their rows."""
BAND = 0.9
_NORMAL = stats.norm.ppf((np.arange(40) + 0.5) / 40)

SIZES = (0.4, 0.2, 0.1)
N_SPLITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveSplit:
    """One cheap fit of the final point on fewer rows.

    Attributes
    ----------
    train, test : tuple of int
        Parts of the partition.
    fraction : float in (0, 1]
        Share of the training parts' rows that is kept.
    """

    train: tuple[int, ...]
    test: tuple[int, ...]
    fraction: float


def curve_design(n_parts: int) -> tuple[CurveSplit, ...]:
    """Return the extra fits of a learning curve, the largest training size first.

    The search has already fitted the final point without one part and without two; these add about .4, .2 and .1
    of the rows. Each size rotates through the parts with at most five splits, and every split is judged on all
    rows of the parts that it does not train on. Predictions of one size are pooled into one confusion matrix
    before macro-F1 is taken, or a category absent from one test part would score 0 there.
    """
    designs: list[CurveSplit] = []
    for size in SIZES:
        n_train = int(np.ceil(size * n_parts - 1e-9))
        fraction = round(size * n_parts / n_train, 6)
        if n_train * fraction < n_parts - 2:
            starts = range(0, n_parts, -(-n_parts // N_SPLITS))
            designs.extend(_rotated(start, n_train, n_parts, fraction) for start in starts)
    return tuple(designs)


def _rotated(start: int, n_train: int, n_parts: int, fraction: float) -> CurveSplit:
    train = tuple(sorted((start + i) % n_parts for i in range(n_train)))
    test = tuple(part for part in range(n_parts) if part not in train)
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

    def band(self, macro_f1: float, error: float, n_from: float, n_to: float) -> Interval:
        """Return the 90 % band of the macro-F1 at ``n_to`` rows.

        Parameters
        ----------
        macro_f1, error : float
            Measured at ``n_from`` rows, and its standard error.
        n_from, n_to : float
        """
        ratios = self.ratios(n_from, n_to)[..., np.newaxis]
        values = 1 - ((1 - macro_f1) - error * _NORMAL) * ratios
        weights = np.broadcast_to(self.weights[..., np.newaxis], values.shape) / len(_NORMAL)
        order = np.argsort(values, axis=None)
        reached = np.cumsum(weights.ravel()[order])
        low, high = np.interp([(1 - BAND) / 2, (1 + BAND) / 2], reached, values.ravel()[order])
        return (float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1)))


def fit_curve(n_rows: Sequence[float], macro_f1: Sequence[float], error: float) -> CurvePosterior:
    """Weigh all curves by how well they pass through the measured sizes.

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
    shapes = np.stack([_shape(size / sizes[-1]) for size in sizes])
    scatter = max(NOISE * error, 1e-3) * np.maximum(errors, 1e-3) / max(errors[-1], 1e-3)
    precision = (1 / scatter**2)[:, np.newaxis, np.newaxis]
    fisher = np.sum(precision * shapes**2, axis=0)
    level = np.sum(precision * shapes * errors[:, np.newaxis, np.newaxis], axis=0) / fisher
    misfit = np.sum(precision * (errors[:, np.newaxis, np.newaxis] - level * shapes) ** 2, axis=0)
    log_weights = -misfit / 2 - np.log(fisher) / 2 + _log_prior()
    weights = np.exp(log_weights - log_weights.max())
    return CurvePosterior(weights=weights / weights.sum(), n_reference=float(sizes[-1]))


def _shape(relative_size: float) -> NDArray[np.float64]:
    shares = SHARES[:, np.newaxis]
    return np.asarray(shares + (1 - shares) * relative_size**-EXPONENTS)


def _log_prior() -> NDArray[np.float64]:
    of_share = -SHARES / MEAN_SHARE
    of_exponent = stats.norm.logpdf(EXPONENTS, MEAN_EXPONENT, SPREAD_EXPONENT)
    return np.asarray(of_share[:, np.newaxis] + of_exponent)
