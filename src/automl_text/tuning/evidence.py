"""What the search hands on: every family's predictions of rows it had not seen, and how they were chosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, Literal

import numpy as np

from automl_text.tuning.curves import training_curves
from automl_text.tuning.nested import NOT_RUN, Repeat
from automl_text.tuning.params import EMBEDDING, strategy_of
from automl_text.tuning.plan import truth_about

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset, Partition
    from automl_text.families.contract import Params
    from automl_text.results import SplitChoice, TrainingCurve, TrialRecord
    from automl_text.statistics.learning_curve import CurveMeasurement
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.nested import Trial
    from automl_text.tuning.plan import FamilySearch, SearchPlan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FamilyEvidence:
    """One family after the search."""

    family: str
    title: str
    simplicity: int
    """Lower is simpler."""
    is_reference: bool
    is_fixed: bool = False
    """Whether the predictions were given instead of learned: more rows change nothing."""
    status: Literal["done", "failed"]
    reason: str = ""
    cuts: tuple[str, ...] = ()
    """What an early end left out, one clause each."""
    notes: tuple[str, ...] = ()
    trials: tuple[TrialRecord, ...] = ()
    choices: tuple[SplitChoice, ...] = ()
    """One for each repeat and outer split, in that order."""
    outer_logits: NDArray[np.float32] | None = None
    """Every row as predicted by the fit without its fold, with the params and the step that the inner scores of that
    outer split chose, shape (n_repeats, n_rows, n_classes). This is what is reported."""
    inner_predicted: NDArray[np.int64] | None = None
    """For outer fold i, the class predicted for each row outside i by the chosen trial's inner fits, shape
    (n_repeats, n_folds, n_rows); -1 on rows that were not looked at, those of fold i among them. What a recommendation
    inside outer split i may look at."""
    final_params: Params | None = None
    """Chosen over all rows; what is refitted and exported."""
    final_trial: int = 0
    final_steps: int = 0
    final_predicted: NDArray[np.int64] | None = None
    """Out-of-fold classes of the final params in partition 0: what the recommendation over all rows may look at."""
    curve: tuple[CurveMeasurement, ...] = ()
    """The final params at several training sizes, ascending."""
    by_strategy: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    """Imbalance strategy to out-of-fold classes of partition 0, the rest of the params chosen anew inside each outer
    split among the trials made with that strategy."""
    default_predicted: NDArray[np.int64] | None = None
    """Out-of-fold classes of the default trial in partition 0."""
    text_predicted: NDArray[np.int64] | None = None
    """What the choice of each outer split predicts for its rows from the texts alone, shape (n_repeats, n_rows); None
    where nothing stands beside them, or that was not measured."""
    strategy: str = ""
    """Imbalance strategy of the final params."""
    n_parameters: int = 0
    training_curves: tuple[TrainingCurve, ...] = ()
    fit_seconds: float = 0.0
    """Median, of a fit without one fold."""
    predict_seconds: float = 0.0
    """Median, of predicting 1,000 texts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchEvidence:
    """All families on one data set."""

    dataset: Dataset
    partitions: tuple[Partition, ...]
    """One for each repeat; its outer splits leave out one fold each."""
    families: tuple[FamilyEvidence, ...]
    """In the order asked for, references last."""
    inner_truth: Truth | None = None
    """Of the rows of ``inner_predicted``, where these are more than the ones judged: those that come first in time."""

    @property
    def truth(self) -> Truth:
        """What predictions of all rows are judged by."""
        return truth_about(self.dataset, self.partitions[0].n_folds)


def reference_evidence(
    planned: FamilySearch, plan: SearchPlan, repeats: Sequence[Repeat], trial: Trial
) -> FamilyEvidence:
    """Return the evidence of a family with one trial, taken as it is at its last step."""
    family, first = planned.family, repeats[0]
    fits = [trial.fits[split] for split in first.splits]
    logits = trial.outer_logits(first.splits, first.partition)
    return FamilyEvidence(
        family=family.name,
        title=family.title,
        simplicity=family.simplicity,
        is_reference=family.is_reference,
        status="done",
        notes=tuple(dict.fromkeys(note for fit in fits for note in fit.notes)),
        choices=_split_choices(repeats),
        outer_logits=np.stack([repeat.outer_logits() for repeat in repeats]),
        final_params=trial.params,
        final_steps=trial.steps[-1],
        final_predicted=first.choices[0].predicted,
        default_predicted=first.choices[0].predicted,
        strategy=strategy_of(trial.params),
        n_parameters=max(fit.n_parameters for fit in fits),
        training_curves=training_curves(family.title, fits, logits, truth_about(plan.judged, plan.n_outer)),
        fit_seconds=median(fit.fit_seconds for fit in fits),
        predict_seconds=median(1000 * fit.predict_seconds / max(1, fit.logits.shape[1]) for fit in fits),
    )


def chosen_evidence(
    planned: FamilySearch, plan: SearchPlan, repeats: Sequence[Repeat], final: Trial, step: int
) -> FamilyEvidence:
    """Return the evidence of a family that was tuned, its final trial looked at at one of its steps."""
    first = repeats[0]
    logits = final.outer_logits(first.splits, first.partition)
    return replace(
        reference_evidence(planned, plan, repeats, final),
        inner_predicted=np.stack([repeat.inner_predicted() for repeat in repeats]),
        final_trial=final.number,
        final_steps=final.steps[step],
        final_predicted=logits[step].argmax(axis=-1),
        by_strategy=_by_strategy(first, plan),
        training_curves=_curves(planned.family.title, plan, first, final),
        default_predicted=_restricted(first, plan, lambda each: each.number == 0),
    )


def ended(n_complete: int, n_splits: int) -> str:
    """Return why a family failed that an early end has left without a fit."""
    return f"{NOT_RUN} {n_complete} of {n_splits} outer splits are complete."


def failed_evidence(planned: FamilySearch, reason: str, trials: Sequence[TrialRecord] = ()) -> FamilyEvidence:
    """Return the evidence of a family without one complete trial."""
    family = planned.family
    return FamilyEvidence(
        family=family.name,
        title=family.title,
        simplicity=family.simplicity,
        is_reference=family.is_reference,
        status="failed",
        reason=reason,
        trials=tuple(trials),
    )


def _split_choices(repeats: Sequence[Repeat]) -> tuple[SplitChoice, ...]:
    choices: list[SplitChoice] = []
    for repeat in repeats:
        choices.extend(repeat.split_choices(first_split=len(choices)))
    return tuple(choices)


def _curves(title: str, plan: SearchPlan, repeat: Repeat, final: Trial) -> tuple[TrainingCurve, ...]:
    """Return the curves of the final trial, then of the first one whose word vectors come from elsewhere, if any."""
    complete = {
        trial.number: trial
        for trials in repeat.tried
        for trial in trials
        if all(split in trial.fits for split in repeat.splits)
        and trial.params.get(EMBEDDING) != final.params.get(EMBEDDING)
    }
    shown = [final, *(complete[number] for number in sorted(complete)[:1])]
    return tuple(
        curve
        for trial in shown
        for curve in training_curves(
            f"{title} with word vectors" if trial.params.get(EMBEDDING) == "pretrained" else title,
            [trial.fits[split] for split in repeat.splits],
            trial.outer_logits(repeat.splits, repeat.partition),
            truth_about(plan.judged, plan.n_outer),
        )
    )


def _by_strategy(repeat: Repeat, plan: SearchPlan) -> dict[str, NDArray[np.int64]]:
    """Return out-of-fold classes by imbalance strategy, the rest of the params chosen anew inside each outer split."""
    strategies = {strategy_of(trial.params) for trials in repeat.tried for trial in trials} - {""}
    found = {
        strategy: _restricted(repeat, plan, lambda each, wanted=strategy: strategy_of(each.params) == wanted)  # type: ignore[misc]  # mypy does not type defaults
        for strategy in sorted(strategies)
    }
    return {strategy: predicted for strategy, predicted in found.items() if predicted is not None}


def _restricted(repeat: Repeat, plan: SearchPlan, keep: Callable[[Trial], bool]) -> NDArray[np.int64] | None:
    """Return the out-of-fold classes, had only the trials to ``keep`` been made.

    None where a split has none, or the one it would have chosen was not fitted on its whole training folds.
    """
    kept = [tuple(trial for trial in trials if keep(trial)) for trials in repeat.tried]
    chosen = Repeat.chosen(repeat.choosers, kept, plan) if all(kept) else None
    return chosen.outer_predicted() if chosen is not None and chosen.is_fitted else None
