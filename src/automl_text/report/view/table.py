"""Tables and figures as the templates know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from automl_text.report.marks import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: its text, what it sorts by, and a mark that is drawn instead of the text."""

    text: str
    value: float | None = None
    mark: Mark | None = None
    is_grey: bool = False
    is_data: bool = False
    """Words of the data: set apart, so that their direction does not spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A caption, column heads, and rows whose first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart: its finding as title, and the table behind it."""

    title: str
    svg: Markup
    table: Table


def plain_table(caption: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    """Return a table of texts alone."""
    return Table(
        caption=caption, columns=columns, rows=tuple(tuple(Cell(text=text) for text in row) for row in rows)
    )
