"""The model that a run leaves behind: the recommended one or, where that gives none in time, the simplest that does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.engine.alone import HaltedError
from automl_text.engine.halt import first_of
from automl_text.engine.unit import failure
from automl_text.errors import RunError
from automl_text.experiment.budget import INSTEAD_SHARE, REFIT_SHARE
from automl_text.experiment.refit import RefitRequest, refit
from automl_text.tuning.plan import derived_seed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.data.dataset import Dataset
    from automl_text.experiment.searching import Session
    from automl_text.families.contract import Estimator
    from automl_text.results import Evaluation


LATE = "did not end in time"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shipped:
    """A fitted model and the evaluation of its family."""

    evaluation: Evaluation
    estimator: Estimator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shipment:
    """What came of the final fits.

    Attributes
    ----------
    shipped : Shipped or None
        None where no family's model could be fitted.
    failures : mapping of str to str
        Family to what became of its final fit: the recommended one's if that gave no model, then those tried in vain.
    """

    shipped: Shipped | None
    failures: Mapping[str, str]


def ship(
    dataset: Dataset, evaluations: Sequence[Evaluation], recommended: str, *, seed: int, session: Session
) -> Shipment:
    """Return the recommended family's model, else that of the simplest other family whose final fit succeeds in time.

    Whatever ends a final fit, the hours of fits before it are worth a report.

    Raises
    ------
    RunError
        If the recommended family has no final trial.
    """
    first = required_evaluation(evaluations, recommended)
    others = [
        each
        for each in sorted(evaluations, key=lambda each: each.simplicity)
        if each.final_trial is not None and each.trials and each.family != recommended
    ]
    failures = {recommended: LATE}
    for share, evaluation in ((REFIT_SHARE, first), *((INSTEAD_SHARE, each) for each in others)):
        halt = first_of(session.interruption.halt, session.budget.halt_at(share))
        if halt() == "now":
            continue
        session.observer.stage("refit", evaluation.family)
        wanted = refit_request(evaluation, seed)
        try:
            estimator = refit(dataset, wanted, halt, is_limited=session.budget.is_limited)
        except HaltedError:
            failures[evaluation.family] = LATE
            continue
        except Exception as error:  # noqa: BLE001  (a fit may fail in any way, as in the search)
            failures[evaluation.family] = f"failed ({failure(evaluation.family, error).reason.rstrip('.')})"
            continue
        failures.pop(evaluation.family, None)
        return Shipment(shipped=Shipped(evaluation=evaluation, estimator=estimator), failures=failures)
    return Shipment(shipped=None, failures=failures)


def why_another(shipment: Shipment) -> tuple[str, ...]:
    """Return a sentence for each final fit that gave no model, the recommended family's first, and what stands in."""
    sentences = tuple(f"The final fit of {family} {what}." for family, what in shipment.failures.items())
    if not sentences:
        return ()
    shipped = shipment.shipped
    stands_in = f"The model is one of {shipped.evaluation.family}" if shipped else "No model could be written"
    return (
        *sentences,
        f"{stands_in}; `automl-text export` on this folder fits the recommended family again.",
    )


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
    """Return what fits the family's final trial on all rows.

    Raises
    ------
    RunError
        If the family has no final trial, because all of its fits failed.
    """
    if evaluation.final_trial is None:
        raise RunError(f"{evaluation.family} has no model to export: {evaluation.reason}")
    trial = next(each for each in evaluation.trials if each.number == evaluation.final_trial)
    return RefitRequest(
        family=evaluation.family,
        params=dict(trial.params),
        steps=evaluation.final_steps,
        temperature=evaluation.calibration.temperature if evaluation.calibration else 1.0,
        seed=derived_seed(seed, f"refit {evaluation.family}"),
    )
