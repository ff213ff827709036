"""Counts fits as they end: what is done, the best inner score so far, the time left."""

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
    from automl_text.experiment.time_left import TimeLeft
    from automl_text.tuning.plan import Purpose, SearchPlan

FOLDS_LEFT_OUT = 2
"""An inner split leaves out its outer fold and the one that judges."""


class ProgressCounter:
    """Turns outcomes into `Progress` events for an observer.

    Parameters
    ----------
    plan : SearchPlan
    observer : Observer
    time_left : TimeLeft
    """

    def __init__(self, plan: SearchPlan, observer: Observer, time_left: TimeLeft) -> None:
        self._plan = plan
        self._observer = observer
        self._time_left = time_left
        self._numbers = {
            (each.family.name, _params_key(params)): number
            for each in plan.families
            for number, params in enumerate(each.trials)
        }
        self._scores: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._n_splits: dict[tuple[str, int], int] = defaultdict(int)
        self._n_done = 0
        self._n_planned = 0

    def plan_units(self, asked: Sequence[Unit], missing: Sequence[Unit], stage: Purpose) -> None:
        """Take note of the units of a stage, and of those among them that are about to run."""
        self._time_left.plan_units(asked, missing, stage)
        self._n_planned += len(missing)
        for unit in missing:
            self._n_splits[unit.family, self._number(unit)] += self._is_inner(unit.split)
        self._observer.planned(len(missing))

    def count(self, unit: Unit, outcome: Outcome) -> None:
        """Take note of an outcome and tell the observer."""
        self._n_done += 1
        self._time_left.finished(unit, outcome)
        if outcome.scores is not None and self._is_inner(unit.split):
            self._scores[unit.family, self._number(unit)].append(self._score(unit.split, outcome))
        self._observer.finished(
            Progress(
                family=unit.family,
                trial_number=self._number(unit),
                status=outcome.status,
                best_inner=self._best_inner(unit.family),
                n_done=self._n_done,
                n_planned=self._n_planned,
                seconds_left=self._time_left.seconds(self._best_family()),
            )
        )

    def _number(self, unit: Unit) -> int:
        numbers = self._numbers  # trials that splits draw for themselves are numbered as they come
        return numbers.setdefault((unit.family, _params_key(unit.params)), len(numbers))

    def _is_inner(self, split: Split) -> bool:
        """Whether a split is one that choices are made by, and not a smaller one of a learning curve."""
        if self._plan.inner_partitions:
            return split.partition >= len(self._plan.partitions)
        n_folds = self._plan.partitions[split.partition].n_folds
        is_whole = len(split.train) == n_folds - FOLDS_LEFT_OUT and split.fraction == 1
        return len(split.test) == FOLDS_LEFT_OUT and is_whole

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

    def _best_family(self) -> str | None:
        best = {each.family.name: self._best_inner(each.family.name) for each in self._plan.families}
        scores = {name: score for name, score in best.items() if score is not None}
        return max(scores, key=lambda name: scores[name], default=None)


def _params_key(params: dict[str, bool | int | float | str]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(params.items()))
