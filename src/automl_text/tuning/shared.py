"""Shared inner splits: all outer splits choose among one list of trials, by fits of one partition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.tuning.assemble import (
    FinalChoice,
    chosen_evidence,
    failed_evidence,
    reference_evidence,
    trial_records,
    unfinished_record,
)
from automl_text.tuning.plan import needed_splits
from automl_text.tuning.repeat import choose_by_inner, choose_over_all, take_as_it_is
from automl_text.tuning.tried import Trial, fits_or_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automl_text.engine.unit import Outcome
    from automl_text.results import TrialRecord
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.tuning.plan import FamilyPlan, SearchPlan


def family_evidence(plan: SearchPlan, planned: FamilyPlan, outcomes: Mapping[str, Outcome]) -> FamilyEvidence:
    """Return what the fits of one family say; a family without one complete trial is failed, with the reason."""
    if planned.why_unavailable:
        return failed_evidence(planned, [])
    tried, unfinished = _tried_trials(plan, planned, outcomes)
    if not tried:
        return failed_evidence(planned, unfinished, complete=_complete_splits(plan, planned, outcomes))
    truth = plan.truth
    if planned.family.is_reference:
        repeats = [take_as_it_is(trials[0], truth) for trials in tried]
        return reference_evidence(planned, repeats, tried[0][0])
    repeats = [
        choose_by_inner([trials] * partition.n_folds, partition.fold_of_row, truth)
        for trials, partition in zip(tried, plan.partitions, strict=True)
    ]
    final = FinalChoice.among(tried[0], choose_over_all(tried, truth))
    return chosen_evidence(planned, repeats, final, trial_records(repeats, final, unfinished))


def _tried_trials(
    plan: SearchPlan, planned: FamilyPlan, outcomes: Mapping[str, Outcome]
) -> tuple[list[list[Trial]], list[TrialRecord]]:
    """Return the trials complete on all partitions, by partition, and records of the others."""
    complete: list[list[Trial]] = []
    unfinished: list[TrialRecord] = []
    for number, params in enumerate(planned.trials):
        by_partition: list[Trial] = []
        reason = ""
        for index, partition in enumerate(plan.partitions):
            splits = needed_splits(planned.family, index, partition.n_folds)
            fits, reason = fits_or_reason(
                plan.maker, outcomes, family=planned.family, params=params, splits=splits
            )
            if reason:
                break
            by_partition.append(Trial(number=number, params=params, partition=partition, fits=fits))
        if reason:
            unfinished.append(unfinished_record(number, params, reason))
        else:
            complete.append(by_partition)
    return [list(trials) for trials in zip(*complete, strict=True)], unfinished


def _complete_splits(
    plan: SearchPlan, planned: FamilyPlan, outcomes: Mapping[str, Outcome]
) -> tuple[int, int]:
    """Return on how many outer splits, of how many, the default trial has every fit that choosing and judging need."""
    family, params = planned.family, planned.trials[0]
    complete = [
        all(
            plan.maker.unit(family, split, params).key in outcomes
            for split in needed_splits(family, index, partition.n_folds)
            if fold in split.test
        )
        for index, partition in enumerate(plan.partitions)
        for fold in range(partition.n_folds)
    ]
    return sum(complete), len(complete)
