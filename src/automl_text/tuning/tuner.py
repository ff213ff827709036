"""`Tuner`: one family tuned on the rows of one partition, by a sampler that hears the scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automl_text.tuning.assemble import unfinished_record
from automl_text.tuning.nested import choose
from automl_text.tuning.tried import Trial, fits_or_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automl_text.data.dataset import Partition
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Params
    from automl_text.results import TrialRecord
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.plan import FamilyPlan, SearchPlan
    from automl_text.tuning.trials import Asking

TRIALS_AT_ONCE = 5
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
    tried : list of Trial
        Distinct trials all of whose fits succeeded, by number.
    unfinished : list of TrialRecord
    """

    planned: FamilyPlan
    index: int
    partition: Partition
    asking: Asking
    tried: list[Trial] = field(default_factory=list)
    unfinished: list[TrialRecord] = field(default_factory=list)
    _asked: list[tuple[int, Params]] = field(default_factory=list)
    _n_asked: int = 0

    @property
    def n_not_tried(self) -> int:
        """Points that an early end left out."""
        dropped = sum(record.status == "dropped" for record in self.unfinished)
        return self.planned.n_trials - self._n_asked + dropped

    def ask(self, plan: SearchPlan) -> list[Unit]:
        """Return the units of the next few trials.

        Points of one split stand together: they share its features while these are still in memory.
        """
        n_trials = min(TRIALS_AT_ONCE, self.planned.n_trials - self._n_asked)
        self._asked = [self.asking.ask() for _ in range(n_trials)]
        self._n_asked += n_trials
        by_trial = [self.units(plan, number, params) for number, params in self._asked]
        return [unit for of_split in zip(*by_trial, strict=True) for unit in of_split]

    def units(self, plan: SearchPlan, number: int, params: Params) -> list[Unit]:
        """Return the fits of one trial; those of the default trial come before any other's."""
        family = self.planned.family
        return [
            plan.maker.unit(family, split, params, turn=plan.turn_of(family, number))
            for split in plan.tuning_splits(self.index)
        ]

    def tell(self, plan: SearchPlan, outcomes: Mapping[str, Outcome], truth: Truth) -> None:
        """Take the scores of the trials asked for."""
        for number, params in self._asked:
            splits = plan.tuning_splits(self.index)
            fits, reason = fits_or_reason(
                plan.maker, outcomes, family=self.planned.family, params=params, splits=splits
            )
            if reason:
                self.unfinished.append(unfinished_record(number, params, reason))
                self.asking.fail(number)
                continue
            tried = Trial(number=number, params=params, partition=self.partition, fits=fits)
            self.asking.tell(number, choose([tried.outer_predicted()], truth).scores[0])
            if all(each.params != params for each in self.tried):
                self.tried.append(tried)
        self._asked = []
