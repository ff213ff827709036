"""What the search hands on: every family's predictions of rows it had not seen, and how they were chosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, Literal

import numpy as np

from automl_text.results import TrialRecord
from automl_text.tuning.curves import training_curves
from automl_text.tuning.nested import NOT_RUN, choose_by_inner
from automl_text.tuning.params import strategy_of
from automl_text.tuning.plan import truth_about

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset, Partition
    from automl_text.families.contract import Params
    from automl_text.results import SplitChoice, TrainingCurve
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.curves import CurveMeasurement
    from automl_text.tuning.nested import Choice, JudgedTrial, Repeat, Trial
    from automl_text.tuning.plan import FamilySearch


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FamilyEvidence:
    """One family after the search.

    Attributes
    ----------
    family, title : str
    simplicity : int
        Lower is simpler.
    is_reference : bool
    status : "done" or "failed"
    reason : str
    cuts : tuple of str
        What an early end left out, one clause each.
    notes : tuple of str
    trials : tuple of TrialRecord
    choices : tuple of SplitChoice
        One per repeat and outer split, in that order.
    outer_logits : ndarray of float32, shape (n_repeats, n_rows, n_classes)
        Every row as predicted by the fit without its fold, at the trial and step that the inner scores of that
        outer split chose. This is what is reported.
    inner_predicted : ndarray of int64, shape (n_repeats, n_folds, n_rows)
        For outer fold i, the class predicted for each row outside i by the chosen trial's inner fits; -1 on the
        rows of fold i. What a recommendation inside outer split i may look at.
    final_params : dict or None
        Chosen over all rows; what is refitted and exported.
    final_trial, final_steps : int
    final_predicted : ndarray of int64, shape (n_rows,)
        Out-of-fold classes of the final trial in partition 0: what the shipped recommendation may look at.
    curve : tuple of CurveMeasurement
        The final trial at several training sizes, ascending.
    by_strategy : mapping of str to ndarray of int64, shape (n_rows,)
        Imbalance strategy to out-of-fold classes of partition 0, with the rest of the trial re-chosen inside each
        outer split among the trials tried with that strategy.
    default_predicted : ndarray of int64, shape (n_rows,)
        Out-of-fold classes of the default trial in partition 0.
    strategy : str
        Imbalance strategy of the final trial.
    n_parameters : int
    training_curves : tuple of TrainingCurve
    fit_seconds, predict_seconds : float
        Medians: of a fit without one fold, and of predicting 1,000 texts.
    """

    family: str
    title: str
    simplicity: int
    is_reference: bool
    status: Literal["done", "failed"]
    reason: str = ""
    cuts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trials: tuple[TrialRecord, ...] = ()
    choices: tuple[SplitChoice, ...] = ()
    outer_logits: NDArray[np.float32] | None = None
    inner_predicted: NDArray[np.int64] | None = None
    final_params: Params | None = None
    final_trial: int = 0
    final_steps: int = 0
    final_predicted: NDArray[np.int64] | None = None
    curve: tuple[CurveMeasurement, ...] = ()
    by_strategy: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    default_predicted: NDArray[np.int64] | None = None
    strategy: str = ""
    n_parameters: int = 0
    training_curves: tuple[TrainingCurve, ...] = ()
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchEvidence:
    """All families on one data set.

    Attributes
    ----------
    dataset : Dataset
    partitions : tuple of Partition, length n_repeats
        The outer splits of repeat r leave out one fold of ``partitions[r]`` each.
    families : tuple of FamilyEvidence
        In the order asked for, references last.
    """

    dataset: Dataset
    partitions: tuple[Partition, ...]
    families: tuple[FamilyEvidence, ...]

    @property
    def truth(self) -> Truth:
        """What predictions of all rows are judged by."""
        return truth_about(self.dataset, self.partitions[0].n_folds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinalChoice:
    """The choice over all rows.

    Attributes
    ----------
    tried : tuple of Trial
        What it was made from.
    choice : Choice
    trial : Trial
        The chosen trial with its fits on the outer splits of partition 0.
    """

    tried: tuple[Trial, ...]
    choice: Choice
    trial: Trial

    @classmethod
    def among(cls, tried: Sequence[Trial], choice: Choice) -> FinalChoice:
        """Return the choice among trials that were all fitted on partition 0."""
        return cls(tried=tuple(tried), choice=choice, trial=tried[choice.trial_index])


def chosen_evidence(
    planned: FamilySearch, repeats: Sequence[Repeat], final: FinalChoice, trials: Sequence[TrialRecord]
) -> FamilyEvidence:
    """Return the evidence of a family that was tuned."""
    trial, first = final.trial, repeats[0]
    return replace(
        reference_evidence(planned, repeats, trial),
        cuts=cuts_of(trials),
        trials=tuple(trials),
        inner_predicted=np.stack([repeat.inner_predicted() for repeat in repeats]),
        final_trial=trial.number,
        final_steps=trial.steps[final.choice.step_index],
        final_predicted=trial.outer_predicted()[final.choice.step_index],
        by_strategy=_by_strategy(first),
        default_predicted=_restricted(first, lambda each: each.number == 0),
    )


def reference_evidence(planned: FamilySearch, repeats: Sequence[Repeat], trial: Trial) -> FamilyEvidence:
    """Return the evidence of a family with one trial, taken as it is at its last step."""
    family, first = planned.family, repeats[0]
    fits = [trial.outer_fit(fold) for fold in range(trial.partition.n_folds)]
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
        training_curves=training_curves(family.title, trial, first.truth),
        fit_seconds=median(fit.fit_seconds for fit in fits),
        predict_seconds=median(1000 * fit.predict_seconds / max(1, fit.logits.shape[1]) for fit in fits),
    )


def failed_evidence(
    planned: FamilySearch, unfinished: Sequence[TrialRecord], *, complete: tuple[int, int] = (0, 0)
) -> FamilyEvidence:
    """Return the evidence of a family without one complete trial.

    Parameters
    ----------
    planned : FamilySearch
    unfinished : sequence of TrialRecord
    complete : tuple of two int
        The outer splits on which its default trial has all fits, and all outer splits: said where an early end is the
        reason.
    """
    family = planned.family
    reason = planned.why_unavailable or unfinished[0].reason
    if reason == NOT_RUN:
        reason = f"{NOT_RUN} {complete[0]} of {complete[1]} outer splits are complete."
    return FamilyEvidence(
        family=family.name,
        title=family.title,
        simplicity=family.simplicity,
        is_reference=family.is_reference,
        status="failed",
        reason=reason,
        cuts=cuts_of(unfinished),
        trials=tuple(unfinished),
    )


def cuts_of(trials: Sequence[TrialRecord]) -> tuple[str, ...]:
    """Return how many of a family's trials an early end left out, as a clause; empty where none."""
    dropped = sum(trial.status == "dropped" for trial in trials)
    return (f"{dropped} of {len(trials)} trials {_were(dropped)} not tried",) if dropped else ()


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def unfinished_record(number: int, params: Params, reason: str) -> TrialRecord:
    """Return the record of a trial without scores: failed, or dropped by an early end."""
    status = "dropped" if reason == NOT_RUN else "failed"
    return TrialRecord(
        number=number,
        params=dict(params),
        steps=0,
        inner_score=None,
        inner_scores=(),
        status=status,  # type: ignore[arg-type]  # one of the two literals
        reason=reason,
    )


def trial_records(
    repeats: Sequence[Repeat], final: FinalChoice, unfinished: Sequence[TrialRecord]
) -> tuple[TrialRecord, ...]:
    """Return the trials of the choice over all rows, by number; ``repeats`` are those that share its trials."""
    done = [
        TrialRecord(
            number=trial.number,
            params=dict(trial.params),
            steps=trial.steps[final.choice.step_indices[index]],
            inner_score=final.choice.scores[index],
            inner_scores=tuple(choice.scores[index] for repeat in repeats for choice in repeat.choices),
            status="done",
        )
        for index, trial in enumerate(final.tried)
    ]
    return tuple(sorted([*done, *unfinished], key=lambda record: record.number))


def _split_choices(repeats: Sequence[Repeat]) -> tuple[SplitChoice, ...]:
    choices: list[SplitChoice] = []
    for repeat in repeats:
        choices.extend(repeat.split_choices(first_split=len(choices)))
    return tuple(choices)


def _by_strategy(repeat: Repeat) -> dict[str, NDArray[np.int64]]:
    """Return out-of-fold classes by imbalance strategy, the rest of the trial re-chosen inside each outer split."""
    strategies = {strategy_of(trial.params) for trials in repeat.tried for trial in trials} - {""}
    found = {
        strategy: _restricted(repeat, lambda each, wanted=strategy: strategy_of(each.params) == wanted)  # type: ignore[misc]  # mypy does not type defaults
        for strategy in sorted(strategies)
    }
    return {strategy: predicted for strategy, predicted in found.items() if predicted is not None}


def _restricted(repeat: Repeat, keep: Callable[[JudgedTrial], bool]) -> NDArray[np.int64] | None:
    """Return the out-of-fold classes, had only the trials to ``keep`` been tried; None where a split has none."""
    kept = [[trial for trial in trials if keep(trial)] for trials in repeat.tried]
    if not all(kept):
        return None
    return choose_by_inner(kept, repeat.fold_of_row, repeat.truth).outer_predicted()
