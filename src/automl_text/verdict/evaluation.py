"""One family's page of the result: its figures, per category and over all, with an interval where one holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import FEW_GROUPS, Calibration, ClassScore, Evaluation
from automl_text.statistics.calibration import expected_calibration_error
from automl_text.statistics.interval import class_f1_interval
from automl_text.statistics.metrics import (
    class_f1,
    class_precision,
    class_recall,
    confusion,
    metric_rows,
    softmax,
)
from automl_text.verdict.ablation import ablation_of
from automl_text.verdict.curves import NO_CURVE, learning_curve, posterior_of, rows_trained_on
from automl_text.verdict.optimism import optimism_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.results import Interval
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.verdict.predictions import Predictions


def judged_family(evidence: FamilyEvidence, judged: Predictions | None, data: Dataset) -> Evaluation:
    """Return the record of one family, with figures where it made any predictions.

    Parameters
    ----------
    evidence : FamilyEvidence
    judged : Predictions or None
        None for a family that predicted nothing.
    data : Dataset
    """
    record = Evaluation(
        family=evidence.family,
        title=evidence.title,
        is_reference=evidence.is_reference,
        simplicity=evidence.simplicity,
        status=evidence.status,
        reason=evidence.reason,
        notes=evidence.notes,
        strategy=evidence.strategy,
        trials=evidence.trials,
        choices=evidence.choices,
        final_trial=None if evidence.final_params is None else evidence.final_trial,
        final_steps=evidence.final_steps,
        n_parameters=evidence.n_parameters,
        interval_reason=evidence.reason or "it made no predictions",
        training_curves=evidence.training_curves,
    )
    return record if judged is None else record.model_copy(update=_figures(judged, data))


def _figures(judged: Predictions, data: Dataset) -> dict[str, object]:
    truth, first = judged.truth, judged.first_partition()
    expected, interval, reason = expected_score(judged)
    return {
        "macro_f1": judged.macro_f1,
        "expected_macro_f1": expected,
        "interval": interval,
        "interval_reason": reason,
        "metrics": metric_rows(truth.codes, judged.probabilities, truth.measurable),
        "per_class": class_scores(judged, data),
        "confusion": tuple(
            tuple(row) for row in confusion(data.codes, judged.predicted[first], data.n_classes).tolist()
        ),
        "calibration": _calibration(judged),
        "learning_curve": learning_curve(judged),
        "ablation": ablation_of(judged.evidence, truth.take(first), data.classes),
        "optimism": optimism_of(judged),
    }


def expected_score(judged: Predictions) -> tuple[float | None, Interval | None, str]:
    """Return macro-F1 expected of training on all rows, its interval, and a reason where there is none."""
    curve = posterior_of(judged)
    if curve is None:
        return None, None, NO_CURVE
    estimate = judged.truth.estimate(judged.predicted)
    expected = curve.carry(estimate.value, rows_trained_on(judged), judged.n_rows)
    return expected, estimate.around(expected), ""


def class_scores(judged: Predictions, data: Dataset) -> tuple[ClassScore, ...]:
    """Return precision, recall and F1 of every category, in the order of ``data.classes``."""
    truth, predicted = judged.truth, judged.predicted
    matrix = confusion(truth.codes, predicted, data.n_classes)
    precision, recall, f1 = class_precision(matrix), class_recall(matrix), class_f1(matrix)
    supports, n_groups, is_measurable = data.rows_of_class, data.groups_of_class, data.measurable
    return tuple(
        ClassScore(
            label=label,
            support=int(supports[code]),
            precision=float(precision[code]),
            recall=float(recall[code]),
            f1=float(f1[code]),
            interval=class_f1_interval(truth.codes == code, predicted == code, truth.groups)
            if is_measurable[code]
            else None,
            is_measurable=bool(is_measurable[code]),
            is_grey=bool(n_groups[code] < FEW_GROUPS),
        )
        for code, label in enumerate(data.classes)
    )


def _calibration(judged: Predictions) -> Calibration:
    raw: NDArray[np.float64] = softmax(judged.logits)
    codes = judged.truth.codes
    return Calibration(
        temperature=judged.temperature,
        ece_before=expected_calibration_error(raw, codes),
        ece_after=expected_calibration_error(judged.probabilities, codes),
    )
