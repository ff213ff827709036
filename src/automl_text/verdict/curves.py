"""From measured training sizes to what all rows and more rows would bring, and where a rival draws level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import CurveForecast, CurvePoint, LearningCurve
from automl_text.statistics.comparison import compare
from automl_text.statistics.learning_curve import fit_curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.statistics.learning_curve import CurvePosterior
    from automl_text.verdict.predictions import Predictions

MULTIPLES = (1, 2, 4, 8)
NO_CURVE = "it was not fitted on smaller samples too, so what training on all rows adds is not known"
WORTH_IT = 0.01


def rows_trained_on(judged: Predictions) -> float:
    """Return the mean number of training rows behind the out-of-fold predictions."""
    n_folds = judged.truth.n_folds
    return judged.n_rows * (n_folds - 1) / n_folds


def posterior_of(judged: Predictions) -> CurvePosterior | None:
    """Return all learning curves that fit this family; None where fewer than two sizes were measured."""
    measured = judged.evidence.curve
    if len(measured) < 2:  # noqa: PLR2004  (a curve needs two points)
        return None
    return fit_curve(
        [each.n_train for each in measured],
        [each.macro_f1 for each in measured],
        judged.truth.estimate(judged.predicted).error,
    )


def learning_curve(judged: Predictions) -> LearningCurve | None:
    """Return the measured sizes, the forecasts, and the gain of doubling in words."""
    curve = posterior_of(judged)
    if curve is None:
        return None
    estimate = judged.truth.estimate(judged.predicted)
    n_from, n_rows = rows_trained_on(judged), judged.n_rows
    forecast = []
    for multiple in MULTIPLES:
        low, high = curve.band(estimate, n_from, multiple * n_rows)
        expected = curve.carry(estimate.value, n_from, multiple * n_rows)
        forecast.append(CurveForecast(n_rows=multiple * n_rows, macro_f1=expected, low=low, high=high))
    gain = forecast[1].macro_f1 - forecast[0].macro_f1
    measured = tuple(
        CurvePoint(n_rows=round(each.n_train), macro_f1=each.macro_f1) for each in judged.evidence.curve
    )
    return LearningCurve(
        measured=measured,
        forecast=tuple(forecast),
        gain_of_doubling=gain,
        sentence=_sentence(n_rows, gain, forecast[1].macro_f1),
    )


def _sentence(n_rows: int, gain: float, doubled: float) -> str:
    if gain < WORTH_IT:
        return (
            f"Twice as many rows ({2 * n_rows:,} instead of {n_rows:,}) would add less than {WORTH_IT:.2f} "
            "to macro-F1: more rows of the same kind are not what is missing."
        )
    return (
        f"Twice as many rows ({2 * n_rows:,} instead of {n_rows:,}) would bring its macro-F1 to about "
        f"{doubled:.2f}, a gain of about {gain:.2f}."
    )


CROSSING_MULTIPLES = 2.0 ** np.arange(0, 6.01, 0.25)
"""Beyond 64 times the rows nothing measured here says anything."""
N_DRAWS = 2000
TOLD = 0.8
"""A range is given if this share of the draws lies within it or the rival never draws level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where the rival draws level.

    Attributes
    ----------
    share : float
        Share of the draws in which it does within 64 times the rows.
    low, high : float
        The 10th and 90th percentile of the multiple of today's rows, over those draws; NaN without any.
    """

    share: float
    low: float
    high: float


def crossing_sentence(chosen: Predictions, rival: Predictions) -> str:
    """Return when ``rival`` would draw level with ``chosen``, in words; empty where it is level already."""
    of_chosen, of_rival = posterior_of(chosen), posterior_of(rival)
    pair = compare(chosen.truth, chosen.predicted, rival.predicted)
    if of_chosen is None or of_rival is None or pair.mean <= 0:
        return ""
    title, n_rows = rival.evidence.title, chosen.n_rows
    found = find_crossing(_draws(chosen, of_chosen), _draws(rival, of_rival, noise=pair.scale))
    if 1 - found.share >= TOLD:
        return f"{title} would hardly draw level within {round(CROSSING_MULTIPLES[-1])} times the rows."
    if found.share >= TOLD:
        low, high = rounded(found.low * n_rows), rounded(found.high * n_rows)
        return f"{title} would draw level somewhere between {low:,} and {high:,} rows."
    return f"When {title} would draw level cannot be told from these rows."


def find_crossing(chosen: NDArray[np.float64], rival: NDArray[np.float64]) -> Crossing:
    """Return where the rival's error first falls to the other's.

    Parameters
    ----------
    chosen, rival : ndarray of float64, shape (n_draws, n_multiples)
        Errors at ``CROSSING_MULTIPLES`` times today's rows, one row for each draw.
    """
    is_level = rival <= chosen
    crosses = is_level.any(axis=1)
    if not crosses.any():
        return Crossing(share=0.0, low=float("nan"), high=float("nan"))
    at = CROSSING_MULTIPLES[is_level.argmax(axis=1)[crosses]]
    low, high = np.quantile(at, [0.1, 0.9])
    return Crossing(share=float(crosses.mean()), low=float(low), high=float(high))


def _draws(judged: Predictions, posterior: CurvePosterior, *, noise: float = 0.0) -> NDArray[np.float64]:
    """Return errors over ``CROSSING_MULTIPLES`` for draws of the curve; ``noise`` is that of the paired difference.

    Both families are judged on the same rows, so only the noise of their difference matters, and it is put on
    one of them.
    """
    generator = np.random.default_rng(judged.evidence.simplicity % 2**32)  # a plug-in's may be negative
    picked = generator.choice(posterior.weights.size, size=N_DRAWS, p=posterior.weights.ravel())
    ratios = np.stack(
        [
            posterior.ratios(rows_trained_on(judged), multiple * judged.n_rows).ravel()[picked]
            for multiple in CROSSING_MULTIPLES
        ],
        axis=1,
    )
    levels = np.maximum(1 - judged.macro_f1 + generator.normal(0, noise, N_DRAWS), 1e-6)
    return np.asarray(levels[:, np.newaxis] * ratios)


def rounded(n_rows: float) -> int:
    """Return two significant digits: a forecast has no more."""
    return int(float(f"{n_rows:.1e}"))
