"""`FamilyEvidence` put together from choices, however they were made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import TrialRecord
from automl_text.tuning.curve import training_curves
from automl_text.tuning.evidence import FamilyEvidence
from automl_text.tuning.params import strategy_of
from automl_text.tuning.repeat import choose_by_inner
from automl_text.tuning.tried import NOT_RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import Params
    from automl_text.results import SplitChoice
    from automl_text.tuning.nested import Choice
    from automl_text.tuning.plan import FamilyPlan
    from automl_text.tuning.repeat import Repeat
    from automl_text.tuning.tried import JudgedTrial, Trial


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
    planned: FamilyPlan, repeats: Sequence[Repeat], final: FinalChoice, trials: Sequence[TrialRecord]
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


def reference_evidence(planned: FamilyPlan, repeats: Sequence[Repeat], trial: Trial) -> FamilyEvidence:
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
    planned: FamilyPlan, unfinished: Sequence[TrialRecord], *, complete: tuple[int, int] = (0, 0)
) -> FamilyEvidence:
    """Return the evidence of a family without one complete trial.

    Parameters
    ----------
    planned : FamilyPlan
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
