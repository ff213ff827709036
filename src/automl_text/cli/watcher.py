"""What is known of a run while it lasts: the state that every view shows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automl_text.experiment.observer import Progress, RunStage

STAGES: Mapping[RunStage, str] = {
    "reading": "reading the data",
    "signal": "is there anything to learn?",
    "search": "searching",
    "verdict": "judging",
    "refit": "fitting the final model on all rows",
    "report": "writing the report",
}


@dataclass(slots=True)
class FamilyState:
    """One family so far."""

    name: str
    n_fits: int = 0
    n_failed: int = 0
    trials: set[int] = field(default_factory=set)
    best_inner: float | None = None


class Watcher:
    """An `Observer` that keeps count; views inherit and draw.

    Attributes
    ----------
    stage_name, stage_detail : str
    families : dict of str to FamilyState
        In the order in which they were first heard of.
    n_done, n_planned : int
    """

    def __init__(self) -> None:
        self.stage_name: RunStage = "reading"
        self.stage_detail = ""
        self.families: dict[str, FamilyState] = {}
        self.n_done = 0
        self.n_planned = 0
        self.began = time.monotonic()
        self._end: float | None = None

    def stage(self, name: RunStage, detail: str = "") -> None:
        """See `Observer`; what is left was told of the search, and is not known of what follows it."""
        self.stage_name, self.stage_detail = name, detail
        self._end = None

    def note(self, message: str) -> None:
        """See `Observer`; a view shows it or not."""

    def planned(self, n_units: int) -> None:
        """See `Observer`."""
        self.n_planned += n_units

    def finished(self, progress: Progress) -> None:
        """See `Observer`."""
        family = self.families.setdefault(progress.family, FamilyState(progress.family))
        family.n_fits += 1
        family.n_failed += progress.status != "done"
        family.trials.add(progress.trial_number)
        family.best_inner = progress.best_inner
        self.n_done, self.n_planned = progress.n_done, progress.n_planned
        self._end = None if progress.seconds_left is None else time.monotonic() + progress.seconds_left

    @property
    def seconds_left(self) -> float | None:
        """What is left of the time that was last told; None where none was, or all of it is over."""
        left = None if self._end is None else self._end - time.monotonic()
        return None if left is None or left < 0 else left

    @property
    def ranked(self) -> list[FamilyState]:
        """The families, best inner score first; those without one last."""
        return sorted(self.families.values(), key=lambda each: -(each.best_inner or -1.0))


def time_left(seconds: float | None) -> str:
    """Return how long it will take, or that nobody knows yet."""
    return "time left not known yet" if seconds is None else f"{in_words(seconds)} left"


def in_words(seconds: float) -> str:
    """Return a duration a person reads at a glance, such as ``2 min 10 s``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:  # noqa: PLR2004  (minutes of an hour)
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
