"""The model that a run leaves behind: the recommended one or, where the time is over, the simplest that still fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.engine.alone import HaltedError
from automl_text.engine.halt import first_of
from automl_text.errors import RunError
from automl_text.experiment.budget import INSTEAD_SHARE, REFIT_SHARE
from automl_text.experiment.refit import RefitRequest, refit
from automl_text.tuning.plan import derived_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.data.dataset import Dataset
    from automl_text.experiment.searching import Session
    from automl_text.families.contract import Estimator
    from automl_text.results import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shipped:
    """A fitted model and the evaluation of its family."""

    evaluation: Evaluation
    estimator: Estimator


def ship(
    dataset: Dataset, evaluations: Sequence[Evaluation], recommended: str, *, seed: int, session: Session
) -> Shipped | None:
    """Return the recommended family's model, else that of the simplest other family that is fitted in time, else None.

    Raises
    ------
    RunError
        If the recommended family has no final point, or the process of a fit dies.
    """
    first = required_evaluation(evaluations, recommended)
    others = [
        each
        for each in sorted(evaluations, key=lambda each: each.simplicity)
        if each.final_trial is not None and each.trials and each.family != recommended
    ]
    for share, evaluation in ((REFIT_SHARE, first), *((INSTEAD_SHARE, each) for each in others)):
        halt = first_of(session.interruption.halt, session.budget.halt_at(share))
        if halt() == "now":
            continue
        session.observer.stage("refit", evaluation.family)
        wanted = refit_request(evaluation, seed)
        try:
            estimator = refit(dataset, wanted, halt, is_limited=session.budget.is_limited)
        except HaltedError:
            continue
        return Shipped(evaluation=evaluation, estimator=estimator)
    return None


def why_another(recommended: str, shipped: Shipped | None) -> tuple[str, ...]:
    """Return a sentence where the model is not the recommended family's."""
    if shipped is None:
        stands_in = "no model could be written"
    elif shipped.evaluation.family == recommended:
        return ()
    else:
        stands_in = f"the model is one of {shipped.evaluation.family}"
    remedy = "`automl-text export` on this folder makes up for it."
    return (f"The final fit of {recommended} did not end in time: {stands_in}. {remedy}",)


def required_evaluation(evaluations: Sequence[Evaluation], family: str) -> Evaluation:
    """Return the evaluation of one family.

    Raises
    ------
    RunError
        If it is not there.
    """
    for each in evaluations:
        if each.family == family:
            return each
    raise RunError(f"The run holds no family {family!r}.")


def refit_request(evaluation: Evaluation, seed: int) -> RefitRequest:
    """Return what fits the family's final point on all rows.

    Raises
    ------
    RunError
        If the family has no final point, because all of its fits failed.
    """
    if evaluation.final_trial is None:
        raise RunError(f"{evaluation.family} has no model to export: {evaluation.reason}")
    trial = next(each for each in evaluation.trials if each.number == evaluation.final_trial)
    return RefitRequest(
        family=evaluation.family,
        point=dict(trial.point),
        steps=evaluation.final_steps,
        temperature=evaluation.calibration.temperature if evaluation.calibration else 1.0,
        seed=derived_seed(seed, f"refit {evaluation.family}"),
    )
