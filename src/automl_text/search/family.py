"""From the outcomes of one family's units to its `FamilyEvidence`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import TrialRecord
from automl_text.search.assemble import FinalChoice, chosen_evidence, failed_evidence, reference_evidence
from automl_text.search.gather import choose_by_inner, choose_over_all, take_as_it_is
from automl_text.search.plan import needed_splits
from automl_text.search.tried import TriedPoint
from automl_text.statistics.comparison import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.data.dataset import Split
    from automl_text.engine.unit import Outcome
    from automl_text.families.contract import Point, Scores
    from automl_text.search.evidence import FamilyEvidence
    from automl_text.search.gather import Repeat
    from automl_text.search.plan import FamilyPlan, SearchPlan


def family_evidence(plan: SearchPlan, planned: FamilyPlan, outcomes: Mapping[str, Outcome]) -> FamilyEvidence:
    """Return what the fits of one family say; a family without one complete point is failed, with the reason."""
    if planned.why_unavailable:
        return failed_evidence(planned, [])
    tried, unfinished = _tried_points(plan, planned, outcomes)
    if not tried:
        return failed_evidence(planned, unfinished)
    truth = truth_of(plan)
    if planned.family.is_reference:
        repeats = [take_as_it_is(points[0], truth) for points in tried]
        return reference_evidence(planned, repeats, tried[0][0])
    repeats = [
        choose_by_inner([points] * partition.n_parts, partition.part_of_row, truth)
        for points, partition in zip(tried, plan.partitions, strict=True)
    ]
    final = FinalChoice.among(tried[0], choose_over_all(tried, truth))
    trials = _trial_records(repeats, final, unfinished)
    return chosen_evidence(planned, repeats, final, trials)


def truth_of(plan: SearchPlan) -> Truth:
    """Return what predictions for all rows are judged by."""
    data = plan.dataset
    return Truth(
        codes=data.codes, groups=data.groups, measurable=data.measurable, n_parts=plan.partitions[0].n_parts
    )


def _tried_points(
    plan: SearchPlan, planned: FamilyPlan, outcomes: Mapping[str, Outcome]
) -> tuple[list[list[TriedPoint]], list[TrialRecord]]:
    """Return the points complete on all partitions, by partition, and records of the others."""
    complete: list[list[TriedPoint]] = []
    unfinished: list[TrialRecord] = []
    for number, point in enumerate(planned.points):
        by_partition: list[TriedPoint] = []
        reason = ""
        for index, partition in enumerate(plan.partitions):
            splits = needed_splits(planned.family, index, partition.n_parts)
            found = {s: outcomes.get(plan.maker.unit(planned.family, s, point).key) for s in splits}
            fits, reason = scores_or_reason(found)
            if reason:
                break
            by_partition.append(TriedPoint(number=number, point=point, partition=partition, fits=fits))
        if reason:
            unfinished.append(unfinished_record(number, point, reason))
        else:
            complete.append(by_partition)
    return [list(points) for points in zip(*complete, strict=True)], unfinished


def scores_or_reason(found: Mapping[Split, Outcome | None]) -> tuple[dict[Split, Scores], str]:
    """Return the scores of all splits, or why one of them has none; NOT_RUN where an early end left it out."""
    fits: dict[Split, Scores] = {}
    for split, outcome in found.items():
        if outcome is None:
            return {}, NOT_RUN
        if outcome.scores is None:
            return {}, outcome.reason
        fits[split] = outcome.scores
    return fits, ""


NOT_RUN = "The search ended before all of its fits were done."


def unfinished_record(number: int, point: Point, reason: str) -> TrialRecord:
    """Return the record of a point without scores: failed, or dropped by an early end."""
    status = "dropped" if reason == NOT_RUN else "failed"
    return TrialRecord(
        number=number,
        point=dict(point),
        steps=0,
        inner_score=None,
        inner_scores=(),
        status=status,  # type: ignore[arg-type]  # one of the two literals
        reason=reason,
    )


def _trial_records(
    repeats: Sequence[Repeat], final: FinalChoice, unfinished: Sequence[TrialRecord]
) -> tuple[TrialRecord, ...]:
    done = [
        TrialRecord(
            number=point.number,
            point=dict(point.point),
            steps=point.steps[final.choice.step_indices[index]],
            inner_score=final.choice.scores[index],
            inner_scores=tuple(choice.scores[index] for repeat in repeats for choice in repeat.choices),
            status="done",
        )
        for index, point in enumerate(final.tried)
    ]
    return tuple(sorted([*done, *unfinished], key=lambda record: record.number))
