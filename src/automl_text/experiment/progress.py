"""Counts fits as they end: what is done, the best inner score so far, an honest time left."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from automl_text.experiment.request import Progress
from automl_text.statistics.metrics import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.data.dataset import Split
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.experiment.request import Observer
    from automl_text.tuning.plan import SearchPlan

MIN_FITS_TO_TELL = 3
"""A time left needs so many finished fits of a family; before that it is a guess."""


PARTS_LEFT_OUT = 2
"""An inner split leaves out its outer part and the one that judges."""


class ProgressCounter:
    """Turns outcomes into `Progress` events for an observer.

    Parameters
    ----------
    plan : SearchPlan
    observer : Observer
    jobs : int
        Processes that work side by side.
    """

    def __init__(self, plan: SearchPlan, observer: Observer, jobs: int) -> None:
        self._plan = plan
        self._observer = observer
        self._jobs = jobs
        self._numbers = {
            (each.family.name, _point_key(point)): number
            for each in plan.families
            for number, point in enumerate(each.points)
        }
        self._waiting: dict[str, dict[str, float]] = defaultdict(dict)
        self._seconds_by_cost: dict[str, list[float]] = defaultdict(list)
        self._scores: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._n_splits: dict[tuple[str, int], int] = defaultdict(int)
        self._n_done = 0
        self._n_planned = 0

    def plan_units(self, units: Sequence[Unit]) -> None:
        """Take note of units that are about to run."""
        self._n_planned += len(units)
        for unit in units:
            self._waiting[unit.family][unit.key] = unit.cost
            self._n_splits[unit.family, self._number(unit)] += self._is_inner(unit.split)
        self._observer.planned(len(units))

    def count(self, unit: Unit, outcome: Outcome) -> None:
        """Take note of an outcome and tell the observer."""
        self._n_done += 1
        self._waiting[unit.family].pop(unit.key, None)
        if outcome.scores is not None:
            seconds = outcome.scores.fit_seconds + outcome.scores.predict_seconds
            self._seconds_by_cost[unit.family].append(seconds / unit.cost)
            if self._is_inner(unit.split):
                self._scores[unit.family, self._number(unit)].append(self._score(unit.split, outcome))
        self._observer.finished(
            Progress(
                family=unit.family,
                point_number=self._number(unit),
                status=outcome.status,
                best_inner=self._best_inner(unit.family),
                n_done=self._n_done,
                n_planned=self._n_planned,
                seconds_left=self._seconds_left(),
            )
        )

    def _number(self, unit: Unit) -> int:
        numbers = self._numbers  # points that splits draw for themselves are numbered as they come
        return numbers.setdefault((unit.family, _point_key(unit.point)), len(numbers))

    def _is_inner(self, split: Split) -> bool:
        """Whether a split is one that choices are made by, and not a smaller one of a learning curve."""
        if self._plan.inner_partitions:
            return split.partition >= len(self._plan.partitions)
        n_parts = self._plan.partitions[split.partition].n_parts
        is_whole = len(split.train) == n_parts - PARTS_LEFT_OUT and split.fraction == 1
        return len(split.test) == PARTS_LEFT_OUT and is_whole

    def _score(self, split: Split, outcome: Outcome) -> float:
        data = self._plan.dataset
        rows = self._plan.all_partitions[split.partition].rows(split.test)
        codes = data.codes[rows]
        present = data.measurable & np.isin(np.arange(data.n_classes), codes)
        logits = outcome.scores.logits if outcome.scores is not None else np.empty(0)
        return max(macro_f1(codes, at_step.argmax(axis=-1), present) for at_step in logits)

    def _best_inner(self, family: str) -> float | None:
        means = [
            float(np.mean(scores))
            for (name, number), scores in self._scores.items()
            if name == family and len(scores) == self._n_splits[name, number]
        ]
        return max(means, default=None)

    def _seconds_left(self) -> float | None:
        seconds = 0.0
        for family, waiting in self._waiting.items():
            own = self._seconds_by_cost[family]
            measured = own if len(own) >= MIN_FITS_TO_TELL else self._seconds_by_cost_of_all()
            if waiting and len(measured) < MIN_FITS_TO_TELL:
                return None
            seconds += float(np.mean(measured)) * sum(waiting.values()) if waiting else 0.0
        return seconds / self._jobs

    def _seconds_by_cost_of_all(self) -> list[float]:
        """Return what other families took: the best guess for one that has not begun."""
        return [seconds for family in self._seconds_by_cost.values() for seconds in family]


def _point_key(point: dict[str, bool | int | float | str]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(point.items()))
