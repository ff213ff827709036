"""From measured training sizes to what all rows and more rows would bring, and where a rival draws level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import CurveForecast, CurvePoint, LearningCurve
from automl_text.statistics.comparison import compare
from automl_text.statistics.learning_curve import BAND, fit_curves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.statistics.learning_curve import ClassCurves
    from automl_text.verdict.predictions import Predictions

_MULTIPLES = (1, 2, 4, 8)
NO_CURVE = "it was not fitted on smaller samples too, so what training on all rows adds is not known"
_WORTH_IT = 0.01


def curves_of(judged: Predictions, predicted: NDArray[np.int64] | None = None) -> ClassCurves | None:
    """Return all learning curves that fit this family; None where fewer than two sizes were measured.

    ``predicted`` puts other predictions of the same rows at the level of the family's own.
    """
    sizes = judged.evidence.curve
    if len(sizes) < 2:  # noqa: PLR2004  (a curve needs two points)
        return None
    return fit_curves(judged.truth.levels(judged.predicted if predicted is None else predicted), sizes)


def learning_curve(judged: Predictions, curves: ClassCurves | None) -> LearningCurve | None:
    """Return the measured sizes, the forecasts, and the gain of doubling in words."""
    if curves is None:
        return None
    forecast = []
    for multiple in _MULTIPLES:
        low, high = curves.interval(multiple, BAND)
        expected = curves.macro_f1(multiple)
        forecast.append(CurveForecast(n_rows=multiple * judged.n_rows, macro_f1=expected, low=low, high=high))
    gain, band = curves.gain(2.0)
    measured = tuple(
        CurvePoint(n_rows=round(each.n_train), macro_f1=each.macro_f1) for each in judged.evidence.curve
    )
    return LearningCurve(
        measured=measured,
        forecast=tuple(forecast),
        gain_of_doubling=gain,
        gain_band=band,
        sentence=_sentence(judged.n_rows, curves),
    )


def _sentence(n_rows: int, curves: ClassCurves) -> str:
    gain, (low, high) = curves.gain(2.0)
    twice = f"Twice as many rows ({2 * n_rows:,} instead of {n_rows:,})"
    if high < _WORTH_IT:
        return (
            f"{twice} would add less than {_WORTH_IT:.2f} to macro-F1: more rows of the same kind are not what is "
            "missing."
        )
    doubt = "" if curves.is_shape_told else "; the sizes measured hardly tell, so take it for a guess"
    return f"{twice} would raise macro-F1 by about {gain:.2f} (90 % band {low:.2f} to {high:.2f}){doubt}."


_CROSSING_MULTIPLES = 2.0 ** np.arange(0, 6.01, 0.25)
"""Beyond 64 times the rows nothing measured here says anything."""
_N_DRAWS = 2000
_TOLD = 0.8
"""A range is given if this share of the draws lies within it or the rival never draws level."""


def crossing_sentence(chosen: Predictions, rival: Predictions) -> str:
    """Return when ``rival`` would draw level with ``chosen``, in words; empty where it is level already."""
    of_chosen, of_rival = curves_of(chosen), curves_of(rival)
    pair = compare(chosen.truth, chosen.predicted, rival.predicted)
    if of_chosen is None or of_rival is None or pair.mean <= 0:
        return ""
    title, n_rows = rival.evidence.title, chosen.n_rows
    share, *ends = _find_crossing(_draws(chosen, of_chosen), _draws(rival, of_rival, noise=pair.scale))
    if 1 - share >= _TOLD:
        return f"{title} would hardly draw level within {round(_CROSSING_MULTIPLES[-1])} times the rows."
    if share >= _TOLD:
        low, high = (rounded(end * n_rows) for end in ends)
        return f"{title} would draw level somewhere between {low:,} and {high:,} rows."
    return f"When {title} would draw level cannot be told from these rows."


def _find_crossing(chosen: NDArray[np.float64], rival: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return where the rival's error first falls to the other's.

    Parameters
    ----------
    chosen, rival : ndarray of float64, shape (n_draws, n_multiples)
        Errors at ``_CROSSING_MULTIPLES`` times today's rows, one row for each draw.

    Returns
    -------
    share : float
        Of the draws in which it does within 64 times the rows.
    low, high : float
        The 10th and 90th percentile of the multiple of today's rows, over those draws; NaN without any.
    """
    is_level = rival <= chosen
    crosses = is_level.any(axis=1)
    if not crosses.any():
        return 0.0, float("nan"), float("nan")
    at = _CROSSING_MULTIPLES[is_level.argmax(axis=1)[crosses]]
    low, high = np.quantile(at, [0.1, 0.9])
    return float(crosses.mean()), float(low), float(high)


def _draws(judged: Predictions, curves: ClassCurves, *, noise: float = 0.0) -> NDArray[np.float64]:
    """Return errors over ``_CROSSING_MULTIPLES`` for draws of the curve; ``noise`` is that of the paired difference.

    Both families are judged on the same rows, so only the noise of their difference matters, and it is put on
    one of them.
    """
    seed = judged.evidence.simplicity % 2**32  # a plug-in's may be negative
    errors = curves.draws(_CROSSING_MULTIPLES.tolist(), n_draws=_N_DRAWS, seed=seed)
    luck = np.random.default_rng([seed, 1]).normal(0, noise, _N_DRAWS)
    return np.asarray(errors * np.maximum(1 + luck / max(1 - judged.macro_f1, 1e-6), 1e-6)[:, np.newaxis])


def rounded(n_rows: float) -> int:
    """Return two significant digits: a forecast has no more."""
    return int(float(f"{n_rows:.1e}"))
