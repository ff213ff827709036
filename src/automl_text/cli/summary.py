"""What a search says at its end: the leaderboard, the verdict in three lines, and where the files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.cli.say import console, out
from automl_text.cli.table import leaderboard_table

if TYPE_CHECKING:
    from pathlib import Path

    from automl_text.results import RunResult, Verdict


def print_summary(result: RunResult, folder: Path) -> None:
    """Print the end of a search on stdout."""
    console().print(leaderboard_table(result.leaderboard))
    out()
    for line in verdict_lines(result.verdict):
        out(line)
    out()
    out(f"report  {folder / 'report.html'}")
    if result.timing.model is not None:
        out(f"model   {folder / result.timing.model.file_name}")
        out(f"sha256  {result.timing.model.sha256}")
    else:
        out("model   none was written")


def verdict_lines(verdict: Verdict) -> tuple[str, ...]:
    """Return the verdict in at most three lines: what, why, and what to do next."""
    why = verdict.reasons[:1]
    following = (verdict.next_steps or verdict.would_change)[:1]
    return (verdict.headline, *why, *following)
