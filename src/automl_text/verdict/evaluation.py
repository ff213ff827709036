"""One family's page of the result: its figures with their intervals, what each strategy is worth, and what flatters."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import (
    FEW_GROUPS,
    Ablation,
    Calibration,
    ClassEffect,
    ClassScore,
    Evaluation,
    Figures,
    Optimism,
)
from automl_text.statistics.calibration import expected_calibration_error
from automl_text.statistics.comparison import compare, compare_classes
from automl_text.statistics.interval import class_f1_interval, macro_f1_interval
from automl_text.statistics.metrics import (
    class_f1,
    class_precision,
    class_recall,
    confusion,
    metric_rows,
    softmax,
)
from automl_text.tuning.params import strategy_of
from automl_text.verdict.curves import NO_CURVE, curves_of, learning_curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.results import Interval
    from automl_text.statistics.learning_curve import ClassCurves
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.verdict.predictions import Predictions


def judged_family(evidence: FamilyEvidence, judged: Predictions | None, data: Dataset) -> Evaluation:
    """Return the record of one family, with figures where it made any predictions (``judged``)."""
    same = {each.name: getattr(evidence, each.name) for each in fields(evidence)}
    record = Evaluation(
        **{
            name: value
            for name, value in same.items()
            if name in Evaluation.model_fields and name != "final_trial"
        },
        final_trial=None if evidence.final_params is None else evidence.final_trial,
        interval_reason=evidence.reason or "it made no predictions",
    )
    return record if judged is None else record.model_copy(update=_figures(judged, data))


def _figures(judged: Predictions, data: Dataset) -> dict[str, object]:
    truth, first, curves = judged.truth, judged.first_partition(), curves_of(judged)
    promised = _promised(judged, curves)
    return {
        **promised.model_dump(),
        "metrics": metric_rows(truth.codes, judged.probabilities, truth.measurable),
        "per_class": _class_scores(judged, data, curves),
        "confusion": tuple(
            tuple(row) for row in confusion(data.codes, judged.predicted[first], data.n_classes).tolist()
        ),
        "calibration": _calibration(judged),
        "learning_curve": learning_curve(judged, curves),
        "ablation": _ablation_of(judged.evidence, truth.take(first), data.classes),
        "optimism": _optimism_of(judged),
    }


def _promised(judged: Predictions, curves: ClassCurves | None) -> Figures:
    """Return what is promised of one family: in time order, and where predictions were given, what was measured."""
    if curves is not None:
        return Figures(
            macro_f1=judged.macro_f1, expected_macro_f1=curves.macro_f1(), interval=curves.interval()
        )
    if judged.blocks is not None:
        interval = judged.truth.interval_in_time(judged.predicted, judged.blocks)
    elif judged.evidence.is_fixed:
        levels = judged.truth.levels(judged.predicted)
        interval = macro_f1_interval(levels.f1, levels.effective)
    else:
        return Figures(macro_f1=judged.macro_f1, interval_reason=NO_CURVE)
    return Figures(macro_f1=judged.macro_f1, expected_macro_f1=judged.macro_f1, interval=interval)


def _class_scores(judged: Predictions, data: Dataset, curves: ClassCurves | None) -> tuple[ClassScore, ...]:
    """Return precision, recall and F1 of every category, in the order of ``data.classes``."""
    truth = judged.truth
    matrix = confusion(truth.codes, judged.predicted, data.n_classes)
    precision, recall, f1 = class_precision(matrix), class_recall(matrix), class_f1(matrix)
    supports, n_groups, is_measurable = data.rows_of_class, data.groups_of_class, data.measurable
    intervals = _class_intervals(judged, curves)
    expected = dict(zip(intervals, curves.class_f1().tolist() if curves else (), strict=False))
    return tuple(
        ClassScore(
            label=label,
            support=int(supports[code]),
            precision=float(precision[code]),
            recall=float(recall[code]),
            f1=float(f1[code]),
            expected_f1=expected.get(code),
            interval=intervals.get(code),
            is_measurable=bool(is_measurable[code]),
            is_grey=bool(n_groups[code] < FEW_GROUPS),
        )
        for code, label in enumerate(data.classes)
    )


def _class_intervals(judged: Predictions, curves: ClassCurves | None) -> dict[int, Interval]:
    """Return an interval for each measurable category: of the final model where curves tell, else of these fits."""
    truth, predicted = judged.truth, judged.predicted
    codes = np.flatnonzero(truth.measurable).tolist()
    if curves is not None:
        return dict(zip(codes, curves.class_intervals(), strict=True))
    return {code: class_f1_interval(truth.codes == code, predicted == code, truth.groups) for code in codes}


def _calibration(judged: Predictions) -> Calibration:
    raw: NDArray[np.float64] = softmax(judged.logits)
    codes = judged.truth.codes
    return Calibration(
        temperature=judged.temperature,
        ece_before=expected_calibration_error(raw, codes),
        ece_after=expected_calibration_error(judged.probabilities, codes),
    )


_BASELINE = "none"
_DOUBT = 0.05


def _ablation_of(evidence: FamilyEvidence, truth: Truth, classes: Sequence[str]) -> tuple[Ablation, ...]:
    """Return one row for each strategy tried, the best first; empty where doing nothing was not tried.

    Predictions are out-of-fold, with all other settings chosen anew inside each outer split from the trials tried
    with that strategy, so that a strategy is not judged at settings that suit another. A strategy that some
    split never tried is judged by inner scores, and says so.
    """
    rows = [*_by_outer(evidence, truth, classes), *_by_inner(evidence)]
    return tuple(sorted(rows, key=lambda row: (row.by == "inner", -row.macro_f1)))


def _by_outer(evidence: FamilyEvidence, truth: Truth, classes: Sequence[str]) -> list[Ablation]:
    nothing = evidence.by_strategy.get(_BASELINE)
    if nothing is None:
        return []
    rows = []
    for strategy, predicted in evidence.by_strategy.items():
        gain = compare(truth, predicted, nothing)
        rows.append(
            Ablation(
                strategy=strategy,
                is_chosen=strategy == evidence.strategy,
                macro_f1=truth.macro_f1(predicted),
                gain=gain.mean,
                interval=None if strategy == _BASELINE else gain.interval(),
                by="outer",
                per_class=_effects(truth, predicted, nothing, classes),
            )
        )
    return rows


def _effects(
    truth: Truth, predicted: NDArray[np.int64], nothing: NDArray[np.int64], classes: Sequence[str]
) -> tuple[ClassEffect, ...]:
    """Return the effects on single categories that exclude 0 even with as many tests as categories."""
    level = 1 - _DOUBT / max(int(truth.measurable.sum()), 1)
    effects = []
    for code, gain in enumerate(compare_classes(truth, predicted, nothing)):
        low, high = gain.interval(level)
        if truth.measurable[code] and (low > 0 or high < 0):
            effects.append(ClassEffect(label=classes[code], gain=gain.mean, interval=(low, high)))
    return tuple(effects)


def _by_inner(evidence: FamilyEvidence) -> list[Ablation]:
    best: dict[str, float] = {}
    for trial in evidence.trials:
        strategy = strategy_of(trial.params)
        if strategy and trial.inner_score is not None:
            best[strategy] = max(trial.inner_score, best.get(strategy, 0.0))
    if _BASELINE not in best:
        return []
    return [
        Ablation(
            strategy=strategy,
            is_chosen=strategy == evidence.strategy,
            macro_f1=score,
            gain=score - best[_BASELINE],
            interval=None,
            by="inner",
        )
        for strategy, score in best.items()
        if _BASELINE not in evidence.by_strategy or strategy not in evidence.by_strategy
    ]


def _optimism_of(judged: Predictions) -> Optimism | None:
    """Return the family's best inner score, its training score and its default trial beside the outer figure.

    None where nothing was tuned.
    """
    evidence = judged.evidence
    inner = [trial.inner_score for trial in evidence.trials if trial.inner_score is not None]
    first = judged.first_partition()
    if evidence.default_predicted is None or not inner:
        return None
    truth = judged.truth.take(first)
    gain = compare(truth, judged.predicted[first], evidence.default_predicted)
    training = [choice.training_score for choice in evidence.choices]
    known = [score for score in training if score is not None]
    return Optimism(
        inner_best=max(inner),
        outer=judged.macro_f1,
        training=float(np.mean(known)) if known and len(known) == len(training) else None,
        default_params=truth.macro_f1(evidence.default_predicted),
        tuning_gain=gain.mean,
        tuning_interval=gain.interval(),
        n_distinct_choices=len({tuple(sorted(choice.params.items())) for choice in evidence.choices}),
    )
