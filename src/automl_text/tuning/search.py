"""The search itself: plan the units, have them run, choose, and hand on the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from automl_text.tuning.curves import curve_measurements, curve_units
from automl_text.tuning.evidence import (
    FinalChoice,
    SearchEvidence,
    chosen_evidence,
    failed_evidence,
    reference_evidence,
    trial_records,
    unfinished_record,
)
from automl_text.tuning.independent import tune_families
from automl_text.tuning.nested import Trial, choose_by_inner, choose_over_all, fits_or_reason, take_as_it_is
from automl_text.tuning.plan import needed_splits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.engine.unit import Outcome, Unit
    from automl_text.results import TrialRecord
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.tuning.plan import FamilySearch, RunUnits, SearchPlan


def search_families(plan: SearchPlan, run: RunUnits) -> SearchEvidence:
    """Run every fit of ``plan`` and return the evidence, families in the order of the plan.

    Parameters
    ----------
    plan : SearchPlan
    run : RunUnits
        Outcomes that are missing belong to units that an early end left out.
    """
    tuned = tune_families(plan, run) if plan.inner_partitions else []
    shared = [each for each in plan.families if each.family.is_reference or not plan.inner_partitions]
    runnable = [family for family in shared if not family.why_unavailable]
    outcomes = run([unit for family in runnable for unit in trial_units(plan, family)], "trials")
    evidence = tuned + [family_evidence(plan, family, outcomes) for family in shared]
    if plan.with_curve:
        evidence = _measure_curves(plan, evidence, outcomes, run)
    return SearchEvidence(dataset=plan.dataset, partitions=plan.partitions, families=tuple(evidence))


def trial_units(plan: SearchPlan, planned: FamilySearch) -> list[Unit]:
    """Return the units of all trials of a family on all partitions.

    Points of one split stand together: they share its features while these are still in memory.
    """
    family = planned.family
    return [
        plan.maker.unit(family, split, params, turn=plan.turn_of(family, number))
        for index, partition in enumerate(plan.partitions)
        for split in needed_splits(family, index, partition.n_folds)
        for number, params in enumerate(planned.trials)
    ]


def _measure_curves(
    plan: SearchPlan, evidence: Sequence[FamilyEvidence], outcomes: Mapping[str, Outcome], run: RunUnits
) -> list[FamilyEvidence]:
    """Fit every final trial on fewer rows, all families in one go, and add the measurements."""
    families = {planned.family.name: planned.family for planned in plan.families}
    units = {
        each.family: curve_units(plan, families[each.family], each.final_params)
        for each in evidence
        if each.final_params is not None and not each.is_reference
    }
    new = [unit for of_family in units.values() for unit in of_family if unit.key not in outcomes]
    known = {**outcomes, **run(new, "curve")}
    return [_with_curve(plan, each, units.get(each.family, ()), known) for each in evidence]


def _with_curve(
    plan: SearchPlan, evidence: FamilyEvidence, units: Sequence[Unit], known: Mapping[str, Outcome]
) -> FamilyEvidence:
    missing = sum(unit.key not in known for unit in units)
    cut = (f"{missing} of {len(units)} fits of its learning curve not made",) if missing else ()
    curve = curve_measurements(plan, units, known)
    return replace(evidence, curve=curve, cuts=evidence.cuts + cut)


def family_evidence(
    plan: SearchPlan, planned: FamilySearch, outcomes: Mapping[str, Outcome]
) -> FamilyEvidence:
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
    plan: SearchPlan, planned: FamilySearch, outcomes: Mapping[str, Outcome]
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
    plan: SearchPlan, planned: FamilySearch, outcomes: Mapping[str, Outcome]
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
