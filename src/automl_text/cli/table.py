"""Tables on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.cli.say import console
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.table import Table


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
