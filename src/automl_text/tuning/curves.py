"""Curves: macro-F1 against training rows, and against epochs or rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.dataset import groups_of_class
from automl_text.data.splitting import split_rows
from automl_text.results import TrainingCurve
from automl_text.statistics.learning_curve import CurveMeasurement
from automl_text.statistics.metrics import macro_f1_by_step, softmax
from automl_text.statistics.pr_auc import keras_pr_auc
from automl_text.tuning.nested import best_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import ModelFamily, Params, Scores
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.plan import SearchPlan


def curve_units(plan: SearchPlan, family: ModelFamily, params: Params, *, turn: int = 0) -> tuple[Unit, ...]:
    """Return the units of the final trial at every training size: those done already, and fits on fewer rows."""
    return tuple(plan.maker.unit(family, split, params, turn=turn) for split in plan.curve_splits)


def curve_measurements(
    plan: SearchPlan, units: Sequence[Unit], outcomes: Mapping[str, Outcome]
) -> tuple[CurveMeasurement, ...]:
    """Return macro-F1 by training size, ascending; sizes with a fit that is missing or failed are left out.

    Epochs and rounds are chosen anew at each size: a network wants more of them where there are fewer rows.
    """
    sizes: dict[tuple[int, float], list[Unit]] = {}
    for unit in units:
        sizes.setdefault((len(unit.split.train), unit.split.fraction), []).append(unit)
    measured = [_measure_size(plan, of_size, outcomes) for of_size in sizes.values()]
    return tuple(sorted((each for each in measured if each is not None), key=lambda each: each.n_train))


def _measure_size(
    plan: SearchPlan, units: Sequence[Unit], outcomes: Mapping[str, Outcome]
) -> CurveMeasurement | None:
    data = plan.dataset
    predicted, codes, rows, trained = [], [], [], []
    for unit in units:
        outcome = outcomes.get(unit.key)
        if outcome is None or outcome.scores is None:
            return None
        train, test = split_rows(unit.split, plan.all_partitions, data.codes, data.groups, seed=unit.run_seed)
        predicted.append(outcome.scores.logits.argmax(axis=-1))
        codes.append(data.codes[test])
        rows.append(len(train))
        trained.append(groups_of_class(data.codes[train], data.groups[train], data.n_classes))
    curve = macro_f1_by_step(np.concatenate(codes), np.concatenate(predicted, axis=1), data.measurable)
    return CurveMeasurement(
        n_train=float(np.mean(rows)),
        macro_f1=float(curve[best_step(curve)]),
        trained=np.stack(trained),
        judged=np.stack([np.bincount(each, minlength=data.n_classes) for each in codes]),
    )


def training_curves(
    title: str, fits: Sequence[Scores], logits: NDArray[np.float32], truth: Truth
) -> tuple[TrainingCurve, ...]:
    """Return the progress of one trial by step, averaged over the outer splits; empty without steps.

    Parameters
    ----------
    fits : sequence of Scores
        Of the outer splits.
    logits : ndarray of float32, shape (n_steps, n_rows, n_classes)
        Out-of-fold, of the same fits.
    """
    steps = fits[0].steps
    if len(steps) == 1:
        return ()
    held_out = {"macro_f1": _macro_f1_of_steps, "pr_auc": _pr_auc_of_steps}
    return tuple(
        TrainingCurve(
            title=title,
            metric=metric,
            steps=steps,
            training=tuple(np.mean([fit.training[metric] for fit in fits], axis=0).tolist()),
            held_out=tuple(measure(logits, truth)),
        )
        for metric, measure in held_out.items()
        if all(metric in fit.training for fit in fits)
    )


def _macro_f1_of_steps(logits: NDArray[np.float32], truth: Truth) -> list[float]:
    scores: list[float] = macro_f1_by_step(truth.codes, logits.argmax(axis=-1), truth.measurable).tolist()
    return scores


def _pr_auc_of_steps(logits: NDArray[np.float32], truth: Truth) -> list[float]:
    return [keras_pr_auc(truth.codes, softmax(at_step)) for at_step in logits]
