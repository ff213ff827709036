"""Tables on a terminal, and intervals drawn in characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.cli.say import console
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.table import Table

    from automl_text.results import LeaderboardRow

BAR_WIDTH = 14
"""So that a leaderboard fits into 80 columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and whether it is flush right."""

    name: str
    is_number: bool = False


def build_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table whose cells are plain text, whatever stands in them."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            Text(column.name),
            justify="right" if column.is_number else "left",
            no_wrap=column.is_number,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on stdout."""
    console().print(build_table(columns, rows))


def leaderboard_table(rows: Sequence[LeaderboardRow]) -> Table:
    """Return the leaderboard with each interval drawn on one common scale."""
    low, high = _scale(rows)
    columns = (
        Column("#", is_number=True),
        Column("family"),
        Column("macro-F1", is_number=True),
        Column("expected", is_number=True),
        Column("95 % interval", is_number=True),
        Column(f"{low:.2f}{f'{high:.2f}':>{BAR_WIDTH - 4}}"),
    )
    return build_table(columns, [_leaderboard_cells(row, low, high) for row in rows])


def interval_bar(low: float, middle: float | None, high: float, *, scale: tuple[float, float]) -> str:
    """Return ``low`` to ``high`` as ``|---o----|`` at its place on ``scale``, `BAR_WIDTH` characters wide."""
    start, end = scale

    def place(value: float) -> int:
        share = (value - start) / (end - start) if end > start else 0.0
        return round(min(max(share, 0.0), 1.0) * (BAR_WIDTH - 1))

    first, last = place(low), place(high)
    bar = [" "] * BAR_WIDTH
    bar[first : last + 1] = "─" * (last - first + 1)
    bar[first], bar[last] = "├", "┤"
    if middle is not None:
        bar[place(middle)] = "●"
    return "".join(bar)


def _scale(rows: Sequence[LeaderboardRow]) -> tuple[float, float]:
    """Return the common scale: tenths around all intervals."""
    ends = [end for row in rows if row.interval for end in row.interval]
    if not ends:
        return 0.0, 1.0
    return int(min(ends) * 10) / 10, min(-int(-max(ends) * 10 // 1) / 10, 1.0)


def _leaderboard_cells(row: LeaderboardRow, low: float, high: float) -> tuple[str, ...]:
    name = f"{row.family} (ref)" if row.is_reference else row.family
    if row.macro_f1 is None:
        return (str(row.rank), name, "-", "-", "-", row.status)
    interval, bar = "-", ""
    if row.interval:
        interval = f"{row.interval[0]:.3f}-{row.interval[1]:.3f}"
        bar = interval_bar(row.interval[0], row.expected_macro_f1, row.interval[1], scale=(low, high))
    return (
        str(row.rank),
        name,
        f"{row.macro_f1:.3f}",
        "-" if row.expected_macro_f1 is None else f"{row.expected_macro_f1:.3f}",
        interval,
        bar,
    )
