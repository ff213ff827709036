"""What a search says at its end: the families side by side, what a person decides by, and where the files are."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from automl_text.cli.say import build_table, console
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table

    from automl_text.report.elements import Axis
    from automl_text.report.sections.leaderboard import Line
    from automl_text.results import Interval, LeaderboardRow, RunResult

_BAR_WIDTH = 15
_ROOM_FOR_BARS = 76
"""Columns of a terminal below which differences are told in words alone."""


def print_summary(result: RunResult, folder: Path) -> None:
    """Print the end of a search on stdout."""
    console().print(summary(result, folder))


def summary(result: RunResult, folder: Path) -> RenderableType:
    """Return the end of a search: leaderboard, first screen of the report, files."""
    from rich.console import Group

    return Group(Leaderboard(result), "", _BriefingView(result, folder))


@dataclass(frozen=True, slots=True)
class _BriefingView:
    """The first screen of the report in about ten lines."""

    result: RunResult
    folder: Path

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Set every fact on as few lines as the terminal allows."""
        from automl_text.report.briefing import briefing

        brief = briefing(self.result)
        yield _plain(f"{brief.title}. {brief.certainty}.", "bold")
        for sentence in brief.sentences:
            yield from map(_plain, wrap(printable(sentence), options.max_width, subsequent_indent="  "))
        for each in brief.commands:
            yield _plain(f"{each.purpose}:  {each.line}", "cyan")
        page, model = self.folder / "report.html", self.result.timing.model
        yield _plain(f"Files:   {page}{f', {model.file_name}' if model else '; no model was written'}")
        if model:
            yield _plain(f"sha256:  {model.sha256}")


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """The families in order, each against the recommended one; bars where the terminal has room for them."""

    result: RunResult
    has_details: bool = False
    """Say of every family what it was given, and not only why one has no score."""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Yield the table and, below it, how to read it, and why a row has no score."""
        from automl_text.report.formats import MISSING
        from automl_text.report.sections.leaderboard import view

        shown = view(self.result)
        rows = list(zip(self.result.leaderboard, shown.lines, strict=True))
        has_rivals = any(line.mark for line in shown.lines)
        yield self._table(rows, shown.axis, has_bars=has_rivals and options.max_width >= _ROOM_FOR_BARS)
        yield _plain("Ranked by macro-F1 as measured on rows that the models had not seen.", "dim")
        for row, line in rows:
            given = [line.given] if self.has_details and line.given != MISSING else []
            words = "; ".join(filter(None, [*given, line.reason if self.has_details else row.reason]))
            if words:
                yield _plain(f"{row.family}: {words}", "dim")

    def _table(self, rows: Iterable[tuple[LeaderboardRow, Line]], axis: Axis, *, has_bars: bool) -> Table:
        lead, scale = self.result.recommended, (axis.low, axis.high)
        heads = [">#", "family", ">macro-F1"]
        if lead:
            heads += [f"against {lead}", *([_ends(scale)] if has_bars else [])]
        cells = []
        for row, line in rows:
            pair = self.result.against(row.family, lead) if lead else None
            bar = _interval_bar(pair.interval, pair.difference, scale=scale) if pair else ""
            said = "recommended" if line.is_lead else line.relation
            name = f"{row.family} (ref)" if row.is_reference else row.family
            score = row.status if row.macro_f1 is None else f"{row.macro_f1:.3f}"
            cells.append((line.rank, name, score, said, bar)[: len(heads)])
        return build_table(heads, cells)


def _interval_bar(interval: Interval, middle: float, *, scale: Interval) -> str:
    """Return an interval as ``├──●──┤`` at its place on ``scale``, `_BAR_WIDTH` characters wide; ``◂`` lies beyond."""
    start, end = scale

    def place(value: float) -> int:
        share = (value - start) / (end - start) if end > start else 0.0
        return round(min(max(share, 0.0), 1.0) * (_BAR_WIDTH - 1))

    if middle < start:
        return "◂"
    first, last = map(place, interval)
    bar = [" "] * _BAR_WIDTH
    bar[place(0.0)] = "│"
    bar[first : last + 1] = "─" * (last - first + 1)
    bar[first], bar[last] = "├", "┤"
    bar[place(middle)] = "●"
    return "".join(bar)


def _ends(scale: Interval) -> str:
    low, high = (f"{end + 0.0:+.2f}" for end in scale)
    return f"{low}{high:>{_BAR_WIDTH - len(low)}}"


def _plain(line: str, style: str = "") -> RenderableType:
    from rich.text import Text

    return Text(printable(line), style=style)
