"""What a search says at its end: the leaderboard, the verdict in three lines, and where the files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.cli.say import console
from automl_text.cli.table import leaderboard_table
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from automl_text.results import LeaderboardRow, RunResult, Verdict


def print_summary(result: RunResult, folder: Path) -> None:
    """Print the end of a search on stdout."""
    console().print(summary(result, folder))


def summary(result: RunResult, folder: Path) -> RenderableType:
    """Return the end of a search: leaderboard, verdict, files."""
    from rich.console import Group

    verdict = [_plain(line) for line in verdict_lines(result.verdict)]
    return Group(leaderboard_view(result.leaderboard), "", *verdict, "", *map(_plain, _files(result, folder)))


def leaderboard_view(rows: Sequence[LeaderboardRow]) -> RenderableType:
    """Return the leaderboard and, below it, how to read it, and why a row has no score or no interval."""
    from rich.console import Group

    reasons = {row.family: row.reason or row.interval_reason for row in rows}
    notes = [_plain(f"{family}: {reason}", style="dim") for family, reason in reasons.items() if reason]
    return Group(leaderboard_table(rows), "", _plain(_how_to_read(rows), style="dim"), *notes)


def _how_to_read(rows: Sequence[LeaderboardRow]) -> str:
    words = "Ranked by macro-F1 as measured; expected is on new texts, after training on all rows."
    level = [row.family for row in rows if row.rank_group == 1 and row.macro_f1 is not None]
    return f"{words} Not credibly worse than the first: {', '.join(level[1:])}." if level[1:] else words


def verdict_lines(verdict: Verdict) -> tuple[str, ...]:
    """Return the verdict in at most three lines: what, why, and what to do next."""
    why = verdict.reasons[:1]
    following = (verdict.next_steps or verdict.would_change)[:1]
    return (verdict.headline, *why, *following)


def _files(result: RunResult, folder: Path) -> list[str]:
    model = result.timing.model
    found = [f"report  {folder / 'report.html'}"]
    if model is None:
        return [*found, "model   none was written"]
    return [*found, f"model   {folder / model.file_name}", f"sha256  {model.sha256}"]


def _plain(line: str, style: str = "") -> RenderableType:
    from rich.text import Text

    return Text(printable(line), style=style)
