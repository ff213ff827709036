"""Whoever watches a run: what they hear, the count of fits, and the log that keeps it."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from automl_text.files import open_file
from automl_text.statistics.metrics import macro_f1
from automl_text.wording import counted, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from automl_text.data.dataset import Split
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.experiment.budget import Budget
    from automl_text.families.contract import Params
    from automl_text.tuning.plan import SearchPlan

RunStage = Literal["reading", "signal", "search", "verdict", "refit", "report"]
"""What a run does, in its order; a run that recommends nothing has no refit."""

_FOLDS_LEFT_OUT = 2
"""An inner split leaves out its outer fold and the one that judges."""

_SECONDS_BETWEEN_LINES = 10.0
"""Fits are too many for a line each in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One fit has ended."""

    family: str
    trial_number: int
    status: str
    """As in `Outcome`."""
    best_inner: float | None
    """The family's best mean inner score over the trials that are complete so far."""
    n_done: int
    """Fits of all families."""
    n_planned: int
    seconds_left: float | None
    """Until the model is refitted, as `Budget` tells it; None where it cannot be told yet."""


class Observer(Protocol):
    """Whoever watches a run: a terminal, a log, a test. The experiment itself never prints."""

    def stage(self, name: RunStage, detail: str = "") -> None:
        """Hear that a stage begins."""

    def note(self, message: str) -> None:
        """Hear one line worth knowing: columns chosen and why, an adapted protocol."""

    def planned(self, n_units: int) -> None:
        """Hear that so many more fits have been planned."""

    def finished(self, progress: Progress) -> None:
        """Hear that one fit ended."""


class FitCounter:
    """Counts fits as they end and tells an observer: what is done, the best inner scores, the time left."""

    def __init__(self, plan: SearchPlan, observer: Observer, budget: Budget) -> None:
        self._plan = plan
        self._observer = observer
        self._budget = budget
        self._numbers = {
            (each.family.name, _params_key(params)): number
            for each in plan.families
            for number, params in enumerate(each.trials)
        }
        self._scores: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._n_splits: dict[tuple[str, int], int] = defaultdict(int)
        self._n_done = 0
        self._n_planned = 0

    def plan_units(self, missing: Sequence[Unit]) -> None:
        """Take note of units that are about to run."""
        self._n_planned += len(missing)
        for unit in missing:
            self._n_splits[unit.family, self._number(unit)] += self._is_inner(unit.split)
        self._observer.planned(len(missing))

    def finished(self, unit: Unit, outcome: Outcome, *, n_at_once: int) -> None:
        """Take note of an outcome and tell the observer."""
        self._n_done += 1
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
                seconds_left=self._budget.seconds_left(self._best_family(), n_at_once=n_at_once),
            )
        )

    def _number(self, unit: Unit) -> int:
        return self._numbers[unit.family, _params_key(unit.params)]

    def _is_inner(self, split: Split) -> bool:
        """Whether a split is one that choices are made by, and not a smaller one of a learning curve."""
        if self._plan.samples:
            return split.partition >= len(self._plan.partitions)
        partition = self._plan.partitions[split.partition]
        if partition.first_judged is not None:
            return True
        n_folds = partition.n_folds
        is_whole = len(split.train) == n_folds - _FOLDS_LEFT_OUT and split.fraction == 1
        return len(split.test) == _FOLDS_LEFT_OUT and is_whole

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


def _params_key(params: Params) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(params.items()))


class RunLog:
    """An `Observer` that passes on what it hears and keeps it; lines heard before `write_to` wait for it."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._path: Path | None = None
        self._waiting: list[str] = []
        self._n_failed = 0
        self._last_line = time.monotonic()

    def write_to(self, path: Path) -> None:
        """Write to ``path`` from now on, beginning with the lines that wait."""
        self._path = path
        self._append()

    def line(self, message: str) -> None:
        """Keep a line that no observer needs to hear."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        self._waiting.append(f"{now} {printable(message)}\n")
        self._append()

    def stage(self, name: RunStage, detail: str = "") -> None:
        """See `Observer`."""
        self.line(f"stage {name}{': ' if detail else ''}{detail}")
        self._observer.stage(name, detail)

    def note(self, message: str) -> None:
        """See `Observer`."""
        self.line(message)
        self._observer.note(message)

    def planned(self, n_units: int) -> None:
        """See `Observer`."""
        self._observer.planned(n_units)

    def finished(self, progress: Progress) -> None:
        """See `Observer`."""
        self._n_failed += progress.status != "done"
        now = time.monotonic()
        if now - self._last_line >= _SECONDS_BETWEEN_LINES or progress.n_done == progress.n_planned:
            self._last_line = now
            self.line(f"{progress.n_done} of {counted(progress.n_planned, 'fit')}, {self._n_failed} failed")
        self._observer.finished(progress)

    def _append(self) -> None:
        """Open and close for each line: processes write there too, and a killed run keeps all but the last."""
        if self._path is None:
            return
        lines, self._waiting = self._waiting, []
        with suppress(OSError):  # where the disk is full the run says so itself, of its results
            descriptor = open_file(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            with open(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:  # noqa: PTH123
                stream.writelines(lines)
