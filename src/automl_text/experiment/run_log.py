"""The run's log: what the observer hears, a line each with its time."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from automl_text.wording import counted, printable

if TYPE_CHECKING:
    from pathlib import Path

    from automl_text.experiment.request import Observer, Progress, RunStage

SECONDS_BETWEEN_LINES = 10.0
"""Fits are too many for a line each."""


class RunLog:
    """An `Observer` that passes on what it hears and keeps it; lines heard before `write_to` wait for it.

    Parameters
    ----------
    observer : Observer
    """

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
        if now - self._last_line >= SECONDS_BETWEEN_LINES or progress.n_done == progress.n_planned:
            self._last_line = now
            self.line(f"{progress.n_done} of {counted(progress.n_planned, 'fit')}, {self._n_failed} failed")
        self._observer.finished(progress)

    def _append(self) -> None:
        """Open and close for each line: processes write there too, and a killed run keeps all but the last."""
        if self._path is None:
            return
        lines, self._waiting = self._waiting, []
        with suppress(OSError), self._path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.writelines(lines)  # where the disk is full the run says so itself, of its results
