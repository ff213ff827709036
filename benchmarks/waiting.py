"""What somebody who waits is told: when the first family is ranked, how long it will take, and how true that was.

    python benchmarks/waiting.py DATA [--families logreg,linear,lightgbm,encoder,lstm] [--preset standard] [--jobs 2]
        [--json FILE]

Searches DATA and prints the seconds until the first row of the ranking. A second search is interrupted at its first
row, as by Ctrl-C: the seconds until its model lies on the disk. Then the journal of the first is replayed on as many
processes of a clock that nothing else moves: beside each fit the time left as it was told and as it was, and by family
the seconds that its further fits were to take after its default trial.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from automl_text.engine.local import cores_available
from automl_text.experiment.budget import Budget, Clock
from automl_text.experiment.encoder import encoders_at
from automl_text.experiment.prepare import prepare
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search
from automl_text.experiment.searching import open_journal
from automl_text.tuning.search import search_families
from silent import Silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.engine.unit import Outcome, Unit
    from automl_text.experiment.observer import Progress
    from automl_text.tuning.plan import Purpose, SearchPlan

NEAR = 0.3
"""A time left that is off by no more of the truth counts as true."""
WORTH_TELLING = 3.0
"""Seconds that are left: nobody plans by less."""


class FirstRow(Silent):
    """An observer that notes when the first family is ranked."""

    def __init__(self, *, ends: bool = False) -> None:
        self.began, self.seconds, self._ends = time.perf_counter(), math.nan, ends

    def finished(self, progress: Progress) -> None:
        if progress.best_inner is not None and math.isnan(self.seconds):
            self.seconds = time.perf_counter() - self.began
            if self._ends:
                signal.raise_signal(signal.SIGINT)


class Replay:
    """Runs the units of a search by what its journal says they took."""

    def __init__(self, plan: SearchPlan, outcomes: Mapping[str, Outcome], jobs: int) -> None:
        self.now, self._free = 0.0, [0.0] * jobs
        self._outcomes, self._jobs = outcomes, jobs
        self._known: dict[str, Outcome] = {}
        self.budget = Budget(plan, Clock(monotonic=0.0, now=lambda: self.now))
        self.told: list[tuple[float, float | None, bool]] = []
        """After each fit: the time, the time left as told, whether default trials are over."""
        self.further: dict[str, list[float]] = defaultdict(list)
        """By family, what its fits took after the default trials."""
        self.foreseen: dict[str, float] = {}
        """By family, what they were to take."""

    def __call__(self, units: Sequence[Unit], purpose: Purpose, /) -> dict[str, Outcome]:
        """Return the outcomes of ``units``, those that are new in the order of the journal."""
        asked = {unit.key: unit for unit in units}
        missing = {key: unit for key, unit in asked.items() if key not in self._known}
        is_first = not self.told
        self.budget.plan_units(units, list(missing.values()), purpose)
        if not is_first and not self.foreseen:
            for name, cost in self.budget._costs().items():  # noqa: SLF001  (what it tells is the sum of these)
                if factor := self.budget._seconds_by_cost(name):  # noqa: SLF001
                    self.foreseen[name] = factor * cost
        for key in (key for key in self._outcomes if key in missing):
            self._finish(missing[key], self._outcomes[key], is_first=is_first)
        return {key: self._known[key] for key in asked if key in self._known}

    def _finish(self, unit: Unit, outcome: Outcome, *, is_first: bool) -> None:
        place = self._free.index(min(self._free))
        self._free[place] += outcome.seconds
        self.now = max(self.now, self._free[place])
        self._known[unit.key] = outcome
        self.budget.finished(unit, outcome)
        self.told.append((self.now, self.budget.seconds_left(None, n_at_once=self._jobs), not is_first))
        if not is_first:
            self.further[unit.family].append(outcome.seconds)


def figures(replay: Replay) -> dict[str, Any]:
    """Return how near the time left was told, and what fits were foreseen to take over what they took, by family."""
    end = replay.now
    pairs = {True: list[float](), False: list[float]()}
    for at, left, is_later in replay.told:
        if left is not None and end - at >= WORTH_TELLING:
            pairs[is_later].append(left / (end - at))
    later = pairs[True]
    return {
        "fits_seconds": round(end, 1),
        "before_defaults_median": round(median(pairs[False]), 2) if pairs[False] else None,
        "after_defaults_median": round(median(later), 2) if later else None,
        "after_defaults_range": [round(min(later), 2), round(max(later), 2)] if later else None,
        "after_defaults_near": round(sum(abs(ratio - 1) <= NEAR for ratio in later) / len(later), 2)
        if later
        else None,
        "foreseen_over_taken": {
            name: round(replay.foreseen[name] / math.fsum(taken), 2)
            for name, taken in replay.further.items()
            if name in replay.foreseen and math.fsum(taken) >= 1
        },
    }


def searched(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Search for real, then replay."""
    families = tuple(options.families.split(",")) if options.families else ()
    request = SearchRequest(
        data=options.data, families=families, preset=options.preset, output=folder, jobs=options.jobs
    )
    watch = FirstRow()
    run_search(request, watch)
    seconds = time.perf_counter() - watch.began
    with encoders_at((), lambda _: None, families=families) as encoders:
        prepared = prepare(request, encoders)
        outcomes = open_journal(folder / "journal.jsonl", prepared).outcomes
        replay = Replay(prepared.plan, outcomes, options.jobs or cores_available())
        search_families(prepared.plan, replay)
    return {
        "seconds": round(seconds, 1),
        "first_row": round(watch.seconds, 1),
        "first_model": round(seconds_to_model(request, folder.with_name("ended")), 1),
        **figures(replay),
    }


def seconds_to_model(request: SearchRequest, folder: Path) -> float:
    """Return the seconds until a search that ends at its first row has left its model; nan where it has none."""
    watch = FirstRow(ends=True)
    run_search(replace(request, output=folder), watch)
    return time.perf_counter() - watch.began if (folder / "best_model.pkl").is_file() else math.nan


def main() -> None:
    """Print the figures of one search."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="CSV file with the columns text and category")
    parser.add_argument("--families", help="all of them when left out")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = searched(options, Path(folder) / "run")
    for name, value in found.items():
        print(f"{name:24} {value}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
