"""The search itself: have the fits run in their order, let every chooser choose, and hand on the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import TEXT_ALONE
from automl_text.tuning.choosing import FamilyChoices, unfinished_record
from automl_text.tuning.curves import curve_measurements, curve_units
from automl_text.tuning.evidence import SearchEvidence, ended, failed_evidence, reference_evidence
from automl_text.tuning.nested import NOT_RUN, Trial, fits_or_reason, take_as_it_is

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import ModelFamily
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.tuning.plan import FamilySearch, RunUnits, SearchPlan


def search_families(plan: SearchPlan, run: RunUnits) -> SearchEvidence:
    """Run every fit of ``plan`` and return the evidence, families in the order of the plan.

    First come the default trials, those of the family that is ranked soonest first: a search that ends early has a
    ranking and a model by then. Then the other trials, then what chosen ones lack on whole training folds, and last
    the learning curves and the references.

    Parameters
    ----------
    run : RunUnits
        Outcomes that are missing belong to units that an early end left out.
    """
    known: dict[str, Outcome] = {}
    able = sorted((each for each in plan.families if not each.why_unavailable), key=plan.seconds_to_row)
    tuned = [FamilyChoices.of(plan, each, known) for each in able if not each.family.is_reference]
    references = [each for each in able if each.family.is_reference]
    first = [unit for turn, each in enumerate(tuned, start=1) for unit in each.first_units(turn=turn)]
    for each in references:
        first += _reference_units(plan, each, turn=0) if plan.purpose_of(each) == "trials" else []
    known |= run(first, "trials")
    if plan.drops_laggards:
        _compare_defaults(tuned)
    further = _further_units(plan, tuned) + _decided_curves(plan, tuned)
    known |= run([unit for unit in further if unit.key not in known], "trials")
    _collect(tuned)
    if outer := [unit for turn, each in enumerate(tuned) for unit in each.outer_units(turn=turn)]:
        known |= run(_in_order(plan, outer), "outer")
        _collect(tuned)
    found = {each.planned.family.name: each.evidence() for each in tuned}
    curves = {name: _curve_units(plan, each, turn) for turn, (name, each) in enumerate(found.items())}
    alone = {name: _text_units(plan, each, turn) for turn, (name, each) in enumerate(found.items())}
    last = _in_order(plan, [unit for units in (*alone.values(), *curves.values()) for unit in units])
    last += [unit for each in references for unit in _reference_units(plan, each, turn=len(tuned))]
    known |= run([unit for unit in last if unit.key not in known], "curve")
    found = {name: _with_curve(plan, each, curves[name], known) for name, each in found.items()}
    found = {name: _with_text_alone(plan, each, alone[name], known) for name, each in found.items()}
    measured = {each.family.name: _reference(plan, each, known) for each in references}
    found |= {name: _with_text_alone(plan, each, (), known) for name, each in measured.items()}
    return SearchEvidence(
        dataset=plan.judged,
        partitions=tuple(each.judged() for each in plan.partitions),
        inner_truth=plan.truth,
        families=tuple(
            found.get(each.family.name) or failed_evidence(each, each.why_unavailable)
            for each in plan.families
        ),
    )


def _further_units(plan: SearchPlan, tuned: Sequence[FamilyChoices]) -> list[Unit]:
    """Return the fits of all trials, those made already among them; where time may run out, families take turns."""
    if not plan.is_budgeted:
        return [unit for each in tuned for unit in each.units(range(each.n_trials), turn=0)]
    return [
        unit
        for place, each in enumerate(tuned)
        for number in range(each.n_trials)
        for unit in each.units([number], turn=number * len(tuned) + place)
    ]


def _decided_curves(plan: SearchPlan, tuned: Sequence[FamilyChoices]) -> list[Unit]:
    """Return the fits of learning curves that hang on no further choice: they keep processes busy."""
    if plan.is_budgeted or not plan.with_curve:
        return []
    decided = [each.planned for each in tuned if each.is_decided and not each.is_given_up]
    return [unit for each in decided for unit in curve_units(plan, each.family, each.trials[0])]


def _in_order(plan: SearchPlan, units: Sequence[Unit]) -> list[Unit]:
    """Return units whose turns count only where time may run out: elsewhere processes are best kept busy."""
    return [unit if plan.is_budgeted else replace(unit, turn=0) for unit in units]


def _compare_defaults(tuned: Sequence[FamilyChoices]) -> None:
    """Tell every family by how much its default trial is behind the best one, as each chooser sees it.

    Where one of two families has only had a first look, both are judged by the rows of that look.
    """
    whole = [each.scores_of_default(early=False) for each in tuned]
    is_any_early = any(each.looks_first for each in tuned)
    early = [each.scores_of_default(early=True) for each in tuned] if is_any_early else whole
    for one, each in enumerate(tuned):
        for other, rival in enumerate(tuned):
            scores = early if each.looks_first or rival.looks_first else whole
            for place, (own, theirs) in enumerate(zip(scores[one], scores[other], strict=True)):
                if own is not None and theirs is not None:
                    each.behind[place] = max(each.behind[place], theirs - own)
        each.give_up_where_hopeless()


def _collect(tuned: Sequence[FamilyChoices]) -> None:
    for each in tuned:
        each.collect()


def _reference_units(plan: SearchPlan, planned: FamilySearch, *, turn: int = 0) -> list[Unit]:
    splits = plan.splits_of(planned).default
    return [plan.maker.unit(planned.family, split, planned.trials[0], turn=turn) for split in splits]


def _reference(plan: SearchPlan, planned: FamilySearch, known: Mapping[str, Outcome]) -> FamilyEvidence:
    """Return what the fits of a reference say: it has one trial and nothing to choose."""
    units = _reference_units(plan, planned)
    fits, reason = fits_or_reason(units, known)
    if reason:
        n_made = sum(unit.key in known for unit in units)
        why = ended(n_made, len(units)) if reason == NOT_RUN else reason
        cuts = (f"{len(units) - n_made} of {len(units)} fits were not made",) if reason == NOT_RUN else ()
        failed = failed_evidence(planned, why, [unfinished_record(0, planned.trials[0], reason)])
        return replace(failed, cuts=cuts)
    trial = Trial(number=0, params=planned.trials[0], fits=fits)
    repeats = [take_as_it_is(trial, choosers, plan) for choosers in plan.choosers_inside]
    return reference_evidence(planned, plan, repeats, trial)


def _text_units(plan: SearchPlan, evidence: FamilyEvidence, turn: int) -> tuple[Unit, ...]:
    """Return the fit of each outer split's choice on the texts alone, where something stands beside them."""
    family = _family(plan, evidence)
    if plan.dataset.frame is None or not getattr(family, "reads_beside", False):
        return ()
    splits = [chooser.outer[0] for chooser in plan.choosers[1:]]
    return tuple(
        plan.maker.unit(family, split, choice.params, turn=turn, reads_beside=False)
        for split, choice in zip(splits, evidence.choices, strict=False)
    )


def _with_text_alone(
    plan: SearchPlan, evidence: FamilyEvidence, units: Sequence[Unit], known: Mapping[str, Outcome]
) -> FamilyEvidence:
    """Return the evidence with what the texts alone predict, or with a word on why that is not there."""
    if plan.dataset.frame is not None and not getattr(_family(plan, evidence), "reads_beside", False):
        return replace(evidence, notes=(*evidence.notes, TEXT_ALONE))
    outcomes = [known.get(unit.key) for unit in units]
    judged = [each.judged() for each in plan.partitions]
    predicted = np.zeros((len(judged), len(judged[0].fold_of_row)), dtype=np.int64)
    for unit, outcome, choice in zip(units, outcomes, evidence.choices, strict=False):
        if outcome is None or outcome.scores is None:
            cut = "what its columns beside the text brought was not measured"
            return replace(evidence, cuts=(*evidence.cuts, cut))
        of_partition = unit.split.partition
        fold = unit.split.test[0] - plan.partitions[of_partition].judged_folds.start
        step = outcome.scores.steps.index(choice.steps)
        predicted[of_partition, judged[of_partition].rows((fold,))] = outcome.scores.logits[step].argmax(
            axis=-1
        )
    return replace(evidence, text_predicted=predicted) if units else evidence


def _family(plan: SearchPlan, evidence: FamilyEvidence) -> ModelFamily:
    return next(each.family for each in plan.families if each.family.name == evidence.family)


def _curve_units(plan: SearchPlan, evidence: FamilyEvidence, turn: int) -> tuple[Unit, ...]:
    """Return the fits of a learning curve, those that are made already among them."""
    is_given_up = evidence.inner_predicted is None
    if not plan.with_curve or evidence.final_params is None or is_given_up:
        return ()
    return curve_units(plan, _family(plan, evidence), evidence.final_params, turn=turn)


def _with_curve(
    plan: SearchPlan, evidence: FamilyEvidence, units: Sequence[Unit], known: Mapping[str, Outcome]
) -> FamilyEvidence:
    missing = sum(unit.key not in known for unit in units)
    cut = (f"{missing} of {len(units)} fits of its learning curve not made",) if missing else ()
    return replace(evidence, curve=curve_measurements(plan, units, known), cuts=evidence.cuts + cut)
