"""Independent inner splits: every outer split tunes by itself, on training rows of its own or a sample of them.

Nested resampling in the textbook sense: a tuner sees some rows and returns a point. It is run once for each outer split
of each repeat, and once over all rows for the exported model. Thorough searches do it to tune with a sampler that
learns, searches on large data to tune on a few thousand rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from automl_text.tuning.assemble import (
    FinalChoice,
    chosen_evidence,
    failed_evidence,
    trial_records,
    unfinished_record,
)
from automl_text.tuning.params import strategy_of
from automl_text.tuning.plan import derived_seed, outer_splits
from automl_text.tuning.repeat import choose_by_inner, choose_over_all
from automl_text.tuning.trials import Asking, sampler
from automl_text.tuning.tried import NOT_RUN, TriedPoint, fits_or_reason
from automl_text.tuning.tuner import Tuner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.data.dataset import Split
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Point, Scores
    from automl_text.statistics.comparison import Truth
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.tuning.plan import FamilyPlan, Run, SearchPlan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RetunedPoint:
    """A point tuned inside one outer split, and its fit on all of that split's training rows.

    Attributes
    ----------
    inner : TriedPoint
        Its fits on the outer split's own inner partition.
    outer : Scores
    """

    inner: TriedPoint
    outer: Scores

    @property
    def number(self) -> int:
        """Place in the outer split's own list of points."""
        return self.inner.number

    @property
    def point(self) -> Point:
        """The point itself."""
        return self.inner.point

    @property
    def steps(self) -> tuple[int, ...]:
        """Epochs or rounds at which every fit was looked at."""
        return self.inner.steps

    def outer_fit(self, part: int) -> Scores:  # noqa: ARG002  (there is only the one)
        """Return the fit on all training rows of the outer split."""
        return self.outer

    def inner_predicted(self, outer: int) -> NDArray[np.int64]:  # noqa: ARG002  (there is only the one)
        """Return out-of-fold classes on the inner partition, shape (n_steps, n_rows); -1 on the outer part's rows."""
        return self.inner.outer_predicted()


def tune_families(plan: SearchPlan, run: Run) -> list[FamilyEvidence]:
    """Return the evidence of every family of the plan that is not a reference, all tuned side by side.

    What any result needs is fitted first: the default points, on whole training parts and wherever they are tuned, and
    the references.
    """
    truth = plan.truth
    planned = [each for each in plan.families if not each.family.is_reference]
    tuners = {each.family.name: _tuners(plan, each) for each in planned if not each.why_unavailable}
    everyone = [tuner for of_family in tuners.values() for tuner in of_family]
    outer = dict(run(_first_units(plan, everyone), "points"))
    while units := [unit for tuner in everyone for unit in tuner.ask(plan)]:
        outcomes = run(units, "points")
        for tuner in everyone:
            tuner.tell(plan, outcomes, truth)
        if any(unit.key not in outcomes for unit in units):
            break
    chosen = [unit for of_family in tuners.values() for unit in _outer_units(plan, of_family)]
    outer |= run(chosen, "outer")
    return [_evidence(plan, each, tuners.get(each.family.name, []), outer) for each in planned]


def _first_units(plan: SearchPlan, tuners: Sequence[Tuner]) -> list[Unit]:
    """Return every fit of a default point, that of a reference included."""
    outer = [
        plan.maker.unit(each.family, split, each.space.default_point, turn=plan.turn_of(each.family, 0))
        for each in plan.families
        if not each.why_unavailable
        for index, partition in enumerate(plan.partitions)
        for split in outer_splits(index, partition.n_parts)
    ]
    inner = [unit for tuner in tuners for unit in tuner.units(plan, 0, tuner.planned.space.default_point)]
    return outer + inner


def _tuners(plan: SearchPlan, planned: FamilyPlan) -> list[Tuner]:
    """Return the tuner over all rows, then one for each outer split of each repeat."""
    return [
        Tuner(
            planned=planned,
            index=index,
            partition=partition,
            asking=Asking(planned.space, sampler(plan.sampler, seed=_seed(plan, planned, index))),
        )
        for index, partition in enumerate(plan.inner_partitions, start=len(plan.partitions))
    ]


def _seed(plan: SearchPlan, planned: FamilyPlan, index: int) -> int:
    return derived_seed(plan.maker.run_seed, f"{planned.family.name} {index}")


def _outer_units(plan: SearchPlan, tuners: Sequence[Tuner]) -> list[Unit]:
    """Return the fits on whole training parts: of each outer split's choices, and of the final point on all splits."""
    family, truth = tuners[0].planned.family, plan.truth
    units = [
        plan.maker.unit(family, split, point.point)
        for split, tuner in _outer_tuners(plan, tuners)
        for point in _worth_an_outer_fit(tuner, truth)
    ]
    if tuners[0].tried:
        final = _final_point(tuners[0], truth)
        units += [
            plan.maker.unit(family, split, final.point)
            for split in outer_splits(0, plan.partitions[0].n_parts)
        ]
    return units


def _final_point(tuner: Tuner, truth: Truth) -> TriedPoint:
    return tuner.tried[choose_over_all([tuner.tried], truth).point_index]


def _outer_tuners(plan: SearchPlan, tuners: Sequence[Tuner]) -> list[tuple[Split, Tuner]]:
    """Return each outer split with its tuner, repeat by repeat."""
    splits = [
        split
        for index, partition in enumerate(plan.partitions)
        for split in outer_splits(index, partition.n_parts)
    ]
    return list(zip(splits, tuners[1:], strict=True))


def _worth_an_outer_fit(tuner: Tuner, truth: Truth) -> list[TriedPoint]:
    """Return the points whose outer predictions are needed: the choice, the default, and each strategy's choice."""
    if not tuner.tried:
        return []
    by_strategy: dict[str, list[TriedPoint]] = {}
    for point in tuner.tried:
        by_strategy.setdefault(strategy_of(point.point), []).append(point)
    numbers = set()
    for points in (tuner.tried, *by_strategy.values()):
        chosen = points[choose_over_all([points], truth).point_index]
        numbers |= {points[0].number, chosen.number}
    return [point for point in tuner.tried if point.number in numbers]


def _evidence(
    plan: SearchPlan, planned: FamilyPlan, tuners: Sequence[Tuner], outer: Mapping[str, Outcome]
) -> FamilyEvidence:
    truth = plan.truth
    if not tuners or not all(tuner.tried for tuner in tuners):
        unfinished = [record for tuner in tuners for record in tuner.unfinished]
        tuned = sum(bool(tuner.tried) for tuner in tuners[1:])
        failed = failed_evidence(planned, unfinished, complete=(tuned, len(tuners) - 1))
        return replace(failed, cuts=tuple(_points_cut(tuners)))
    retuned: list[list[RetunedPoint]] = []
    for split, tuner in _outer_tuners(plan, tuners):
        worth = {
            plan.maker.unit(planned.family, split, point.point).key: point
            for point in _worth_an_outer_fit(tuner, truth)
        }
        outcomes = [(point, outer[key]) for key, point in worth.items() if key in outer]
        found = [
            RetunedPoint(inner=point, outer=outcome.scores)
            for point, outcome in outcomes
            if outcome.scores is not None
        ]
        if not found:
            complete = (len(retuned), len(tuners) - 1)
            return _without_outer_fit(planned, [outcome.reason for _, outcome in outcomes], complete)
        retuned.append(found)
    final, reasons = _final_choice(plan, tuners[0], outer)
    if final is None:
        return _without_outer_fit(planned, reasons, (len(retuned), len(retuned)))
    n_parts = plan.partitions[0].n_parts
    repeats = [
        choose_by_inner(retuned[r * n_parts : (r + 1) * n_parts], partition.part_of_row, truth)
        for r, partition in enumerate(plan.partitions)
    ]
    evidence = chosen_evidence(planned, repeats, final, trial_records((), final, tuners[0].unfinished))
    return replace(evidence, cuts=(*_points_cut(tuners), *_fits_cut(plan, tuners, outer, final)))


def _without_outer_fit(
    planned: FamilyPlan, reasons: Sequence[str], complete: tuple[int, int]
) -> FamilyEvidence:
    """Return a family whose chosen points all failed or were not run on some whole training part; the first reason."""
    reason = next(iter(reasons), NOT_RUN)
    record = unfinished_record(0, planned.space.default_point, reason)
    return failed_evidence(planned, [record], complete=complete)


def _points_cut(tuners: Sequence[Tuner]) -> list[str]:
    """Return how many points an early end left out, over all rows and inside the outer splits."""
    cuts = []
    for where, some in (("over all rows", tuners[:1]), ("inside the outer splits", tuners[1:])):
        n_cut = sum(tuner.n_not_tried for tuner in some)
        n_points = sum(tuner.planned.n_points for tuner in some)
        cuts += [f"{n_cut} of {n_points} points not tried {where}"] if n_cut else []
    return cuts


def _fits_cut(
    plan: SearchPlan, tuners: Sequence[Tuner], outer: Mapping[str, Outcome], final: FinalChoice
) -> list[str]:
    """Return which choices an early end left without a fit on whole training parts."""
    family, truth = tuners[0].planned.family, plan.truth
    pairs = _outer_tuners(plan, tuners)
    n_cut = sum(
        any(
            plan.maker.unit(family, split, each.point).key not in outer
            for each in _worth_an_outer_fit(tuner, truth)
        )
        for split, tuner in pairs
    )
    cuts = (
        [f"{n_cut} of {len(pairs)} outer splits lack fits of points they chose; others stand in"]
        if n_cut
        else []
    )
    if final.point.number != _final_point(tuners[0], truth).number:
        cuts.append("the point chosen over all rows lacks fits; the default point stands in")
    return cuts


def _final_choice(
    plan: SearchPlan, tuner: Tuner, outer: Mapping[str, Outcome]
) -> tuple[FinalChoice | None, list[str]]:
    """Return the choice over all rows, or the first point where the chosen one lacks a fit; why, if that does too."""
    choice = choose_over_all([tuner.tried], plan.truth)
    splits = outer_splits(0, plan.partitions[0].n_parts)
    reasons = []
    for index in (choice.point_index, 0):
        point = tuner.tried[index]
        fits, reason = fits_or_reason(
            plan.maker, outer, family=tuner.planned.family, point=point.point, splits=splits
        )
        if not reason:
            final = FinalChoice(
                tried=tuple(tuner.tried),
                choice=replace(choice, point_index=index, step_index=choice.step_indices[index]),
                point=replace(point, partition=plan.partitions[0], fits=fits),
            )
            return final, []
        reasons.append(reason)
    return None, reasons
