"""CSV files that a spreadsheet reads as text: no cell of ours is ever run as a formula.

What a spreadsheet would run gets one leading apostrophe, wherever it would split; `unguard` takes it off again.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cell = str | int | float | None

_MARK = "'"
_STARTS_FORMULA = frozenset("=+-@＝＋－＠")  # noqa: RUF001  (full-width forms are formulas in East Asian Excel)
_STARTS_CELL = ("\t", "\r", "\n", _MARK)
_INVISIBLE = '"\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\0'
"""Spreadsheets drop some of these before they look at the first character."""
_SIGNS = "+-\uff0b\uff0d"
_RUNS = re.compile(r"[(!|]|[+-]\s*[\w.]+\s*[-+*/^&=]")
_PIECES = re.compile(r"(?<=[;,|\t\r\n])|(?<= )(?='*=\S)")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def is_risky(cell: str) -> bool:
    """Return whether a spreadsheet might run ``cell`` or what follows a separator in it, or would lose a mark."""
    return _guard(cell) != cell


def _guard(cell: str) -> str:
    """Return ``cell`` with one apostrophe before each of its pieces that is risky, unchanged otherwise.

    Pieces end at line ends and separators: a spreadsheet that splits at another character than the file's own takes
    each for a cell, and what is quoted for one separator is not for another.
    """
    if not cell:
        return cell
    first, *others = _PIECES.split(cell)
    if first.startswith(_STARTS_CELL) or cell.startswith(_STARTS_CELL) or _is_formula(cell):
        first = _MARK + first
    return first + "".join(_MARK + piece if _is_risky_piece(piece) else piece for piece in others)


def unguard(cell: str) -> str:
    """Take back `_guard`: ``unguard(guard(cell)) == cell`` for every string."""
    return "".join(piece.removeprefix(_MARK) for piece in _PIECES.split(cell))


def _is_risky_piece(piece: str) -> bool:
    """Return whether a piece inside a cell is a formula; a minus before words is a dash or a list's."""
    if piece.startswith(_MARK):
        return True
    if not _is_formula(piece):
        return False
    return _first_shown(piece) not in _SIGNS or _RUNS.search(piece) is not None


def _is_formula(text: str) -> bool:
    return _first_shown(text) in _STARTS_FORMULA and not _NUMBER.fullmatch(text)


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
        self._writer = csv.writer(_Lines(stream), delimiter=separator, lineterminator="\r\n")

    def write(self, row: Sequence[Cell]) -> None:
        """Write one row; numbers are written as they are, None as an empty cell."""
        self._writer.writerow(row if self._raw else [self._guarded(cell) for cell in row])

    def _guarded(self, cell: Cell) -> Cell:
        if not isinstance(cell, str):
            return cell
        guarded = _guard(cell)
        self.n_guarded += guarded != cell
        return guarded


class _Lines:
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


def _first_shown(text: str) -> str:
    """Return the first character that a spreadsheet would look at, or an empty string."""
    return next((c for c in text if not c.isspace() and c not in _INVISIBLE), "")
