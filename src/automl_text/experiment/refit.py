"""The model that a run leaves behind: chosen params fitted on all rows, of the recommended family or of a stand-in."""

from __future__ import annotations

import io
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from automl_text.engine.alone import HaltedError, run_alone
from automl_text.engine.halt import first_of
from automl_text.engine.unit import failure
from automl_text.errors import RunError
from automl_text.experiment.budget import INSTEAD_SHARE, REFIT_SHARE
from automl_text.families.contract import RefitPlan
from automl_text.families.registry import load_family
from automl_text.tuning.plan import derived_seed
from automl_text.tuning.space import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from automl_text.data.dataset import Dataset
    from automl_text.engine.halt import Halt
    from automl_text.experiment.searching import Session
    from automl_text.families.contract import Estimator, Params
    from automl_text.results import Evaluation

_REFIT_SECONDS = 7200.0
"""Four times what a fit of the search may take: with 3 folds, 2 of them left out, this one has three times the rows."""

_SECONDS_WHEN_INTERRUPTED = 10.0
"""That a refit may take after Ctrl-C: another family stands in for one that takes longer."""

_SECONDS_IN_PLACE = 5.0
"""A refit of a family without a network that is foreseen to take longer has a process of its own: Ctrl-C can end it."""

_LATE = "did not end in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefitRequest:
    """Which model is wanted."""

    family: str
    params: Params
    steps: int
    """Epochs or rounds; 0 where there are none."""
    temperature: float
    seed: int

    @classmethod
    def of(cls, evaluation: Evaluation, seed: int) -> RefitRequest:
        """Return what fits the family's final params on all rows.

        Raises
        ------
        RunError
            If the family has no final params, because all of its fits failed.
        """
        if evaluation.final_trial is None:
            raise RunError(f"{evaluation.family} has no model to export: {evaluation.reason}")
        trial = next(each for each in evaluation.trials if each.number == evaluation.final_trial)
        return cls(
            family=evaluation.family,
            params=dict(trial.params),
            steps=evaluation.final_steps,
            temperature=evaluation.calibration.temperature if evaluation.calibration else 1.0,
            seed=derived_seed(seed, f"refit {evaluation.family}"),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refit:
    """A fitted model and the evaluation of its family."""

    evaluation: Evaluation
    estimator: Estimator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refits:
    """What came of the refits."""

    made: Refit | None
    """None where no family gave a model."""
    failures: Mapping[str, str]
    """Family to what became of its refit: the recommended one's if that gave no model, then those tried in vain."""
    folder: str = ""
    """Of the run."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each refit that gave no model, the recommended family's first, and what stands in."""
        if not self.failures:
            return ()
        made = self.made
        stands_in = f"The model is one of {made.evaluation.family}" if made else "No model could be written"
        return (
            *(f"The refit of {name} {what}." for name, what in self.failures.items()),
            f"{stands_in}; `automl-text export {shlex.quote(self.folder)} -o model.pkl` fits the recommended family.",
        )


def refit_in_time(
    dataset: Dataset, evaluations: Sequence[Evaluation], recommended: str, *, seed: int, session: Session
) -> Refits:
    """Return the recommended family's model, else that of the simplest other family whose refit succeeds in time.

    Whatever ends a refit, the hours of fits before it are worth a report.

    Raises
    ------
    RunError
        If the recommended family has no final params.
    """
    failures, folder = {recommended: _LATE}, str(session.folder.path)
    for evaluation in _candidates(evaluations, recommended, session):
        share = REFIT_SHARE if evaluation.family == recommended else INSTEAD_SHARE
        interrupted = session.interruption.patience(_SECONDS_WHEN_INTERRUPTED)
        halt = first_of(interrupted, session.budget.halt_at(share))
        if halt() == "now":
            continue
        foreseen = session.budget.refit_seconds(evaluation.family)
        if session.interruption.is_requested and foreseen > _SECONDS_WHEN_INTERRUPTED:
            failures[evaluation.family] = f"would have taken about {foreseen:.0f} s"
            continue
        session.observer.stage("refit", evaluation.family)
        wanted = RefitRequest.of(evaluation, seed)
        try:
            estimator = refit(dataset, wanted, halt, is_limited=_is_limited(session, foreseen))
        except HaltedError:
            failures[evaluation.family] = _LATE
        except Exception as error:  # noqa: BLE001  (a fit may fail in any way, as in the search)
            failures[evaluation.family] = f"failed ({failure(evaluation.family, error).reason.rstrip('.')})"
        else:
            failures.pop(evaluation.family, None)
            made = Refit(evaluation=evaluation, estimator=estimator)
            return Refits(made=made, failures=failures, folder=folder)
    return Refits(made=None, failures=failures, folder=folder)


def _candidates(
    evaluations: Sequence[Evaluation], recommended: str, session: Session
) -> Iterator[Evaluation]:
    """Yield the recommended family, then the others that have a model: the simplest first; after Ctrl-C the best first.

    Raises
    ------
    RunError
        If the recommended family is not there.
    """
    yield required_evaluation(evaluations, recommended)
    is_best_first = session.interruption.is_requested
    others = [each for each in evaluations if each.final_trial is not None and each.trials]
    for each in sorted(
        others, key=lambda each: -(each.macro_f1 or 0.0) if is_best_first else each.simplicity
    ):
        if each.family != recommended:
            yield each


def _is_limited(session: Session, foreseen: float) -> bool:
    """Return whether a refit may have to be ended before it is done, which only a process of its own can be."""
    return session.budget.is_limited or session.interruption.is_requested or foreseen > _SECONDS_IN_PLACE


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


def refit(
    dataset: Dataset, request: RefitRequest, halt: Callable[[], Halt], *, is_limited: bool = False
) -> Estimator:
    """Return the fitted model.

    Networks are fitted in a process of their own, whose memory goes back; so is any family where time ``is_limited``,
    since only a process can be ended. A process that dies is tried once more; one that takes longer than
    `_REFIT_SECONDS` is ended.

    Raises
    ------
    HaltedError
        If ``halt`` says "now" before that process is done.
    RunError
        If it dies twice, or takes too long.
    Exception
        Whatever the family raises.
    """
    if load_family(request.family).runtime == "light" and not is_limited:
        return _fit(dataset, request)
    pickled = run_alone(_RefitWork(dataset=dataset, request=request), halt, seconds=_REFIT_SECONDS)
    import joblib  # noqa: PLC0415

    return cast("Estimator", joblib.load(io.BytesIO(pickled)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _RefitWork:
    """A call that another process makes: bytes come back, since what unpickles them may import late."""

    dataset: Dataset
    request: RefitRequest

    def __call__(self) -> bytes:
        import joblib  # noqa: PLC0415

        buffer = io.BytesIO()
        joblib.dump(_fit(self.dataset, self.request), buffer)
        return buffer.getvalue()


def _fit(dataset: Dataset, request: RefitRequest) -> Estimator:
    family = load_family(request.family)
    plan = RefitPlan(
        texts=dataset.texts,
        labels=[dataset.classes[code] for code in dataset.codes],
        groups=dataset.groups,
        seed=request.seed,
        steps=request.steps,
        temperature=request.temperature,
        frame=dataset.frame,
    )
    return family.refit(plan, settings_of(family, request.params))
