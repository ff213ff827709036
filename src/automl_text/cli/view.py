"""How a running search looks: a live screen on a terminal, plain lines elsewhere, nothing with --quiet."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from automl_text.cli.say import console, note
from automl_text.cli.table import Column, build_table
from automl_text.cli.watcher import STAGES, Watcher, in_words, time_left
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from automl_text.experiment.observer import Progress, RunStage

SECONDS_BETWEEN_LINES = 10.0
_BAR_WIDTH = 60
_COLUMNS = (
    Column("family"),
    Column("trials", is_number=True),
    Column("fits", is_number=True),
    Column("failed", is_number=True),
    Column("best inner macro-F1", is_number=True),
)


@contextmanager
def watching(*, is_quiet: bool) -> Iterator[Watcher]:
    """Return the view that fits: live on a terminal, lines elsewhere, none if quiet."""
    screen = console(is_error=True)
    if is_quiet:
        yield Watcher()
    elif not screen.is_terminal:
        yield LineView()
    else:
        from rich.live import Live

        view = LiveView(screen)
        with Live(get_renderable=view.render, console=screen, refresh_per_second=4, transient=True):
            screen.show_cursor()  # Live hides it, and a second Ctrl-C ends the process before it is shown again
            yield view


class LineView(Watcher):
    """Plain lines on stderr: each stage, each note, and progress every `SECONDS_BETWEEN_LINES`."""

    def __init__(self) -> None:
        super().__init__()
        self._last_line = time.monotonic()

    def stage(self, name: RunStage, detail: str = "") -> None:
        """See `Observer`."""
        super().stage(name, detail)
        note(f"{STAGES[name]}{': ' if detail else ''}{detail}")

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
        note(f"{self.n_done} of {self.n_planned} fits, {time_left(self.seconds_left)}{scores}")


class LiveView(Watcher):
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
        title.append(STAGES[self.stage_name], style="cyan")
        title.append(f" {printable(self.stage_detail)}", style="dim")
        parts: list[RenderableType] = [title]
        if self.families:
            parts += ["", build_table(_COLUMNS, self._rows()), ""]
        if self.n_planned:
            n_full = _BAR_WIDTH * self.n_done // self.n_planned
            bar = Text("━" * n_full, style="green")
            parts.append(bar.append("━" * (_BAR_WIDTH - n_full), style="bright_black"))
            parts.append(Text(self._progress_line(), style="dim"))
        return Group(*parts)

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                each.name,
                str(len(each.trials)),
                str(each.n_fits),
                str(each.n_failed or ""),
                _score(each.best_inner),
            )
            for each in self.ranked
        ]

    def _progress_line(self) -> str:
        used = in_words(time.monotonic() - self.began)
        left = f", {time_left(self.seconds_left)}" if self.stage_name == "search" else ""
        return f"{self.n_done} of {self.n_planned} fits, {used} so far{left}"


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"
