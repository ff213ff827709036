"""CSV files that a spreadsheet reads as text: no cell of ours is ever run as a formula.

A cell that a spreadsheet would run gets one leading apostrophe; `unguard` takes it off again, exactly.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cell = str | int | float | None

MARK = "'"
_STARTS_FORMULA = frozenset("=+-@＝＋－＠")  # noqa: RUF001  (full-width forms are formulas in East Asian Excel)
_STARTS_CELL = ("\t", "\r", "\n", MARK)
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\0"
"""Spreadsheets drop some of these before they look at the first character."""
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def is_risky(cell: str) -> bool:
    """Return whether a spreadsheet might run ``cell``, or whether it already begins with the mark."""
    if not cell:
        return False
    if cell.startswith(_STARTS_CELL):
        return True
    first = _first_visible(cell)
    return first in _STARTS_FORMULA and not _NUMBER.fullmatch(cell)


def guard(cell: str) -> str:
    """Return ``cell`` with one leading apostrophe where it is risky, unchanged otherwise."""
    return MARK + cell if is_risky(cell) else cell


def unguard(cell: str) -> str:
    """Take back `guard`: ``unguard(guard(cell)) == cell`` for every string."""
    return cell.removeprefix(MARK)


class GuardedWriter:
    """Writes rows of CSV to a text stream and counts the cells it guards.

    Attributes
    ----------
    n_guarded : int
        Cells that got an apostrophe so far, headers included.
    """

    def __init__(self, stream: IO[str], *, separator: str = ",", raw: bool = False) -> None:
        self.n_guarded = 0
        self._raw = raw
        # Up to Python 3.12 the csv module leaves a lone carriage return unquoted unless lines end in one.
        self._writer = csv.writer(_LineFeeds(stream), delimiter=separator, lineterminator="\r\n")

    def write(self, row: Sequence[Cell]) -> None:
        """Write one row; numbers are written as they are, None as an empty cell."""
        self._writer.writerow(row if self._raw else [self._guarded(cell) for cell in row])

    def _guarded(self, cell: Cell) -> Cell:
        if not isinstance(cell, str) or cell[:1].isalnum() or not is_risky(cell):
            return cell
        self.n_guarded += 1
        return MARK + cell


class _LineFeeds:
    """A stream for the csv module that ends lines with a line feed alone."""

    def __init__(self, stream: IO[str]) -> None:
        self._write = stream.write

    def write(self, line: str) -> int:
        return self._write(line[:-2] + "\n")


def write_csv(
    target: Path | str | IO[str], header: Sequence[str], rows: Iterable[Sequence[Cell]], *, raw: bool = False
) -> int:
    """Write a CSV file (UTF-8, one line feed a row) and return the number of cells guarded.

    Parameters
    ----------
    target : path or text stream
        A stream stays open.
    header : sequence of str
    rows : iterable of sequences of str, int, float or None
    raw : bool
        Write the cells exactly as they are, formulas included.
    """
    if isinstance(target, Path | str):
        with Path(target).open("w", encoding="utf-8", newline="") as stream:
            return write_csv(stream, header, rows, raw=raw)
    writer = GuardedWriter(target, raw=raw)
    writer.write(header)
    for row in rows:
        writer.write(row)
    return writer.n_guarded


def _first_visible(cell: str) -> str:
    """Return the first character that a spreadsheet would look at, or an empty string."""
    return next((c for c in cell if not c.isspace() and c not in _INVISIBLE), "")
