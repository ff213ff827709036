"""From measured training sizes to the figure expected of all rows, and to what more rows would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import CurveForecast, CurvePoint, LearningCurve
from automl_text.statistics.learning_curve import fit_curve

if TYPE_CHECKING:
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
    if len(measured) < 2:  # noqa: PLR2004  (a curve needs two trials)
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
