"""From the outcomes of one family's units to its `FamilyEvidence`."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import SplitChoice, TrialRecord
from automl_text.search.curve import training_curves
from automl_text.search.evidence import FamilyEvidence
from automl_text.search.gather import choose_by_inner, choose_over_all, take_as_it_is
from automl_text.search.plan import needed_splits
from automl_text.search.tried import TriedPoint
from automl_text.statistics.comparison import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Split
    from automl_text.engine.unit import Outcome
    from automl_text.families.contract import Scores
    from automl_text.search.gather import Repeat
    from automl_text.search.nested import Choice
    from automl_text.search.plan import FamilyPlan, SearchPlan

STRATEGY = "imbalance"
"""The setting that every family calls its imbalance strategy."""


def family_evidence(plan: SearchPlan, planned: FamilyPlan, outcomes: Mapping[str, Outcome]) -> FamilyEvidence:
    """Return what the fits of one family say; a family without one complete point is failed, with the reason."""
    tried, unfinished = _tried_points(plan, planned, outcomes)
    if not tried:
        return _failed(planned, unfinished)
    truth = Truth(
        codes=plan.dataset.codes,
        groups=plan.dataset.groups,
        measurable=plan.dataset.measurable,
        n_parts=plan.partitions[0].n_parts,
    )
    if planned.family.is_reference:
        repeats = [take_as_it_is(points[0], truth) for points in tried]
        final = repeats[0].choices[0]
    else:
        repeats = [choose_by_inner(points, truth) for points in tried]
        final = choose_over_all(tried, truth)
    return _evidence(planned, repeats, final, unfinished)


def _evidence(
    planned: FamilyPlan, repeats: Sequence[Repeat], final: Choice, unfinished: Sequence[TrialRecord]
) -> FamilyEvidence:
    family, first = planned.family, repeats[0]
    point = first.tried[final.candidate]
    fits = [point.outer_fit(part) for part in range(point.partition.n_parts)]
    n_rows = len(point.partition.part_of_row)
    inner = None if family.is_reference else np.stack([repeat.inner_predicted() for repeat in repeats])
    return FamilyEvidence(
        family=family.name,
        title=family.title,
        simplicity=family.simplicity,
        is_reference=family.is_reference,
        status="done",
        notes=tuple(dict.fromkeys(note for fit in fits for note in fit.notes)),
        trials=_trial_records(repeats, final, unfinished),
        choices=_all_split_choices(repeats),
        outer_logits=np.stack([repeat.outer_logits() for repeat in repeats]),
        inner_predicted=inner,
        final_point=point.point,
        final_trial=point.number,
        final_steps=point.steps[final.step_index],
        final_predicted=final.predicted[:n_rows],
        by_strategy={} if family.is_reference else _by_strategy(first),
        default_predicted=_default_predicted(first),
        strategy=str(point.point.get(STRATEGY, "")),
        n_parameters=max(fit.n_parameters for fit in fits),
        training_curves=training_curves(family.title, point, first.truth),
        fit_seconds=median(fit.fit_seconds for fit in fits),
        predict_seconds=median(1000 * fit.predict_seconds / max(1, fit.logits.shape[1]) for fit in fits),
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
            fits, reason = _scores_or_reason(found)
            if reason:
                break
            by_partition.append(TriedPoint(number=number, point=point, partition=partition, fits=fits))
        if reason:
            unfinished.append(_unfinished(number, point, reason))
        else:
            complete.append(by_partition)
    return [list(points) for points in zip(*complete, strict=True)], unfinished


def _scores_or_reason(found: Mapping[Split, Outcome | None]) -> tuple[dict[Split, Scores], str]:
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


def _unfinished(number: int, point: Mapping[str, bool | int | float | str], reason: str) -> TrialRecord:
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


def _failed(planned: FamilyPlan, unfinished: Sequence[TrialRecord]) -> FamilyEvidence:
    family = planned.family
    return FamilyEvidence(
        family=family.name,
        title=family.title,
        simplicity=family.simplicity,
        is_reference=family.is_reference,
        status="failed",
        reason=planned.why_unavailable or unfinished[0].reason,
        trials=tuple(unfinished),
    )


def _trial_records(
    repeats: Sequence[Repeat], final: Choice, unfinished: Sequence[TrialRecord]
) -> tuple[TrialRecord, ...]:
    done = [
        TrialRecord(
            number=point.number,
            point=dict(point.point),
            steps=point.steps[final.step_indices[index]],
            inner_score=final.scores[index],
            inner_scores=tuple(choice.scores[index] for repeat in repeats for choice in repeat.choices),
            status="done",
        )
        for index, point in enumerate(repeats[0].tried)
    ]
    return tuple(sorted([*done, *unfinished], key=lambda record: record.number))


def _all_split_choices(repeats: Sequence[Repeat]) -> tuple[SplitChoice, ...]:
    choices: list[SplitChoice] = []
    for repeat in repeats:
        choices.extend(repeat.split_choices(first_split=len(choices)))
    return tuple(choices)


def _by_strategy(repeat: Repeat) -> dict[str, NDArray[np.int64]]:
    """Return out-of-fold classes by imbalance strategy, the rest of the point re-chosen inside each outer split."""
    strategies = sorted({str(point.point[STRATEGY]) for point in repeat.tried if STRATEGY in point.point})
    chosen = {}
    for strategy in strategies:
        subset = [point for point in repeat.tried if str(point.point[STRATEGY]) == strategy]
        chosen[strategy] = repeat.restricted_to(subset).outer_predicted()
    return chosen


def _default_predicted(repeat: Repeat) -> NDArray[np.int64] | None:
    """Return out-of-fold classes of the default point, None where one of its fits failed."""
    if repeat.tried[0].number != 0:
        return None
    return repeat.restricted_to(repeat.tried[:1]).outer_predicted()
