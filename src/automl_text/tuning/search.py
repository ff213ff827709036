"""The search itself: plan the units, have them run, choose, and hand on the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from automl_text.tuning.curve import curve_measurements, curve_units
from automl_text.tuning.evidence import SearchEvidence
from automl_text.tuning.independent import tune_families
from automl_text.tuning.plan import needed_splits
from automl_text.tuning.shared import family_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.engine.unit import Outcome, Unit
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.tuning.plan import FamilyPlan, Run, SearchPlan


def search_families(plan: SearchPlan, run: Run) -> SearchEvidence:
    """Run every fit of ``plan`` and return the evidence, families in the order of the plan.

    Parameters
    ----------
    plan : SearchPlan
    run : Run
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


def trial_units(plan: SearchPlan, planned: FamilyPlan) -> list[Unit]:
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
    plan: SearchPlan, evidence: Sequence[FamilyEvidence], outcomes: Mapping[str, Outcome], run: Run
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
