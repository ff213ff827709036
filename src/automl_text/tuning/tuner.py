"""`Tuner`: one family tuned on the rows of one partition, by a sampler that hears the scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automl_text.tuning.assemble import unfinished_record
from automl_text.tuning.nested import choose
from automl_text.tuning.tried import TriedPoint, fits_or_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automl_text.data.dataset import Partition
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Point
    from automl_text.results import TrialRecord
    from automl_text.statistics.comparison import Truth
    from automl_text.tuning.plan import FamilyPlan, SearchPlan
    from automl_text.tuning.trials import Asking

POINTS_AT_ONCE = 5
"""Points asked for before the scores of the last ones are told: enough to keep several processes busy."""


@dataclass(slots=True, kw_only=True, eq=False)
class Tuner:
    """One family tuned on the rows of one partition.

    Attributes
    ----------
    planned : FamilyPlan
    index : int
        The partition's place in the plan.
    partition : Partition
    asking : Asking
    tried : list of TriedPoint
        Distinct points all of whose fits succeeded, by number.
    unfinished : list of TrialRecord
    """

    planned: FamilyPlan
    index: int
    partition: Partition
    asking: Asking
    tried: list[TriedPoint] = field(default_factory=list)
    unfinished: list[TrialRecord] = field(default_factory=list)
    _asked: list[tuple[int, Point]] = field(default_factory=list)
    _n_asked: int = 0

    @property
    def n_not_tried(self) -> int:
        """Points that an early end left out."""
        dropped = sum(record.status == "dropped" for record in self.unfinished)
        return self.planned.n_points - self._n_asked + dropped

    def ask(self, plan: SearchPlan) -> list[Unit]:
        """Return the units of the next few points.

        Points of one split stand together: they share its features while these are still in memory.
        """
        n_points = min(POINTS_AT_ONCE, self.planned.n_points - self._n_asked)
        self._asked = [self.asking.ask() for _ in range(n_points)]
        self._n_asked += n_points
        by_point = [self.units(plan, number, point) for number, point in self._asked]
        return [unit for of_split in zip(*by_point, strict=True) for unit in of_split]

    def units(self, plan: SearchPlan, number: int, point: Point) -> list[Unit]:
        """Return the fits of one point; those of the default point come before any other's."""
        family = self.planned.family
        return [
            plan.maker.unit(family, split, point, turn=plan.turn_of(family, number))
            for split in plan.tuning_splits(self.index)
        ]

    def tell(self, plan: SearchPlan, outcomes: Mapping[str, Outcome], truth: Truth) -> None:
        """Take the scores of the points asked for."""
        for number, point in self._asked:
            splits = plan.tuning_splits(self.index)
            fits, reason = fits_or_reason(
                plan.maker, outcomes, family=self.planned.family, point=point, splits=splits
            )
            if reason:
                self.unfinished.append(unfinished_record(number, point, reason))
                self.asking.fail(number)
                continue
            tried = TriedPoint(number=number, point=point, partition=self.partition, fits=fits)
            self.asking.tell(number, choose([tried.outer_predicted()], truth).scores[0])
            if all(each.point != point for each in self.tried):
                self.tried.append(tried)
        self._asked = []
