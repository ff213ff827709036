"""How a running search looks: a live screen on a terminal, plain lines elsewhere, nothing with --quiet."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automl_text.cli.say import build_table, console, note
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console, RenderableType

    from automl_text.experiment.observer import Progress, RunStage

SECONDS_BETWEEN_LINES = 10.0
_BAR_WIDTH = 60
_HEADS = ("family", ">trials", ">fits", ">failed", ">best inner macro-F1")

_STAGES: Mapping[RunStage, str] = {
    "reading": "reading the data",
    "signal": "is there anything to learn?",
    "search": "searching",
    "verdict": "judging",
    "refit": "fitting the final model on all rows",
    "report": "writing the report",
}


@dataclass(slots=True)
class _FamilyCount:
    """One family so far."""

    name: str
    n_fits: int = 0
    n_failed: int = 0
    trials: set[int] = field(default_factory=set)
    best_inner: float | None = None


class RunView:
    """An `Observer` that keeps count; views inherit and draw."""

    def __init__(self) -> None:
        self.stage_name: RunStage = "reading"
        self.stage_detail = ""
        self.families: dict[str, _FamilyCount] = {}
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
        family = self.families.setdefault(progress.family, _FamilyCount(progress.family))
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
    def ranked(self) -> list[_FamilyCount]:
        """The families, best inner score first; those without one last."""
        return sorted(self.families.values(), key=lambda each: -(each.best_inner or -1.0))


@contextmanager
def watching(*, is_quiet: bool) -> Iterator[RunView]:
    """Return the view that fits: live on a terminal, lines elsewhere, none if quiet."""
    screen = console(is_error=True)
    if is_quiet:
        yield RunView()
    elif not screen.is_terminal:
        yield LineView()
    else:
        from rich.live import Live

        view = LiveView(screen)
        with Live(get_renderable=view.render, console=screen, refresh_per_second=4, transient=True):
            screen.show_cursor()  # Live hides it, and a second Ctrl-C ends the process before it is shown again
            yield view


class LineView(RunView):
    """Plain lines on stderr: each stage, each note, and progress every `SECONDS_BETWEEN_LINES`."""

    def __init__(self) -> None:
        super().__init__()
        self._last_line = time.monotonic()

    def stage(self, name: RunStage, detail: str = "") -> None:
        """See `Observer`."""
        super().stage(name, detail)
        note(f"{_STAGES[name]}{': ' if detail else ''}{detail}")

    def note(self, message: str) -> None:
        """See `Observer`."""
        note(message)

    def finished(self, progress: Progress) -> None:
        """See `Observer`."""
        super().finished(progress)
        now = time.monotonic()
        if now - self._last_line < SECONDS_BETWEEN_LINES and self.n_done < self.n_planned:
            return
        self._last_line = now
        best = ", ".join(
            f"{each.name} {each.best_inner:.3f}" for each in self.ranked if each.best_inner is not None
        )
        scores = f"; best inner macro-F1: {best}" if best else ""
        note(f"{self.n_done} of {self.n_planned} fits, {_time_left(self.seconds_left)}{scores}")


class LiveView(RunView):
    """A screen that is redrawn: what is being done, the families as they stand, the time left."""

    def __init__(self, screen: Console) -> None:
        super().__init__()
        self._screen = screen

    def note(self, message: str) -> None:
        """See `Observer`; notes scroll by above the screen."""
        from rich.text import Text

        self._screen.print(Text(printable(message)))

    def render(self) -> RenderableType:
        """Return the screen as it should look now."""
        from rich.console import Group
        from rich.text import Text

        title = Text("automl-text ", style="bold")
        title.append(_STAGES[self.stage_name], style="cyan")
        title.append(f" {printable(self.stage_detail)}", style="dim")
        parts: list[RenderableType] = [title]
        if self.families:
            parts += ["", build_table(_HEADS, self._rows()), ""]
        if self.n_planned:
            n_full = _BAR_WIDTH * self.n_done // self.n_planned
            bar = Text("━" * n_full, style="green")
            parts.append(bar.append("━" * (_BAR_WIDTH - n_full), style="bright_black"))
            parts.append(Text(self._progress_line(), style="dim"))
        return Group(*parts)

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for each in self.ranked:
            best = "-" if each.best_inner is None else f"{each.best_inner:.3f}"
            yield each.name, str(len(each.trials)), str(each.n_fits), str(each.n_failed or ""), best

    def _progress_line(self) -> str:
        used = _in_words(time.monotonic() - self.began)
        left = f", {_time_left(self.seconds_left)}" if self.stage_name == "search" else ""
        return f"{self.n_done} of {self.n_planned} fits, {used} so far{left}"


def _time_left(seconds: float | None) -> str:
    """Return how long it will take, or that nobody knows yet."""
    return "time left not known yet" if seconds is None else f"{_in_words(seconds)} left"


def _in_words(seconds: float) -> str:
    """Return a duration a person reads at a glance, such as ``2 min 10 s``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:  # noqa: PLR2004  (minutes of an hour)
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
