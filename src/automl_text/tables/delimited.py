"""CSV and its kin: find the separator, read the rows, name the line of every fault."""

from __future__ import annotations

import csv
import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from automl_text.wording import counted, listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from automl_text.errors import InputError

_CANDIDATES = (",", "\t", ";", "|")
_NAMES = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
EXCEL_HINT = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)
"""A first line that names the separator; it is no row."""

_PROBE_ROWS = 200
_BATCH = 500
"""Rows turned into columns at a time; with 10,000 the garbage collector takes three times as long."""

_LONGEST_CELL = 2**31 - 1
NO_SEPARATOR = "\uffff"
"""Not a character, so a table of one column is never cut."""

_QUOTE_REMEDY = 'Put the whole cell in quotes and write each quote inside it twice ("")'


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Columns of text, with the line on which each row begins."""

    columns: dict[str, list[str]]
    lines: NDArray[np.int64]
    separator: str = ""


def read_delimited(file: str, text: str, separator: str | None) -> Cells:
    r"""Read a table with a header line and one separator; quoted cells may hold line ends.

    Parameters
    ----------
    file : str
        Begins every error message.
    text : str
    separator : str, optional
        One character, or its name (``tab``, ``\t``); found out where it is not given.

    Raises
    ------
    InputError
        For an open or misplaced quote, rows with another number of cells than the header, a duplicate column
        name, a separator that cannot be one, and a file without rows.
    """
    first_line = 1
    hint = EXCEL_HINT.match(text)
    if hint:
        separator, text, first_line = separator or hint[1], text[hint.end() :], 2
    with cells_of_any_length():
        chosen = _known(file, separator) if separator else _sniff(text)
        rows = read_rows(file, _physical(text), chosen or NO_SEPARATOR, first_line=first_line)
        return _collect(file, rows, chosen)


def _collect(file: str, rows: Iterator[tuple[int, list[str]]], separator: str) -> Cells:
    line, header = next(rows, (0, []))
    if not header:
        raise refusal(file, "there is no header line", "Begin the file with the names of its columns")
    names = _names(file, header, line)
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in names]
    ragged: list[tuple[int, int]] = []
    while batch := list(islice(rows, _BATCH)):
        even = [(line, row) for line, row in batch if len(row) == len(names)]
        ragged += [(line, len(row)) for line, row in batch if len(row) != len(names)]
        lines.extend(line for line, _ in even)
        for column, cells in zip(columns, zip(*(row for _, row in even), strict=True), strict=False):
            column.extend(cells)
    if ragged:
        raise ragged_rows(file, ragged, n_columns=len(names), separator=separator)
    if not lines:
        raise refusal(file, "there is a header but no row", "Add labelled rows below the header")
    return Cells(
        columns=dict(zip(names, columns, strict=True)),
        lines=np.asarray(lines, dtype=np.int64),
        separator=separator,
    )


def _physical(text: str) -> Iterator[str]:
    """Yield lines with their ends; unlike str.splitlines, only CR, LF and CRLF end one."""
    return (match.group() for match in _LINE.finditer(text))


@contextmanager
def cells_of_any_length() -> Iterator[None]:
    """Lift the csv module's limit of 128 KB for one cell, and put it back."""
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def read_rows(
    file: str, lines: Iterable[str], separator: str, *, first_line: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every row that is not blank; the line is the one on which the row begins.

    Parameters
    ----------
    file : str
        Begins every error message.
    lines : iterable of str
        With their ends.
    separator : str
        One character; `NO_SEPARATOR` for a table of one column, in which a cell of blanks is a row.
    first_line : int
        Number of the first of ``lines``.

    Raises
    ------
    InputError
        For an open or misplaced quote.
    """
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line, n_columns = first_line, 0
    try:
        for row in reader:
            if row and (len(row) > 1 or n_columns == 1 or not row[0].isspace()):
                n_columns = n_columns or len(row)
                yield line, row
            line = first_line + reader.line_num
    except csv.Error as error:
        raise _misread(file, str(error), line, first_line - 1 + reader.line_num) from error


def _misread(file: str, error: str, line: int, last_line: int) -> InputError:
    """Put a fault that the csv module found into words."""
    what = f"the row cannot be read ({error})"
    if "unexpected end" in error:
        what = "a quote is opened and never closed"
    elif "expected after" in error:
        what = "text follows the closing quote of a cell"
        if last_line > line:
            what += f" (on line {last_line})"
    return refusal(file, what, _QUOTE_REMEDY, line=line)


def _known(file: str, separator: str) -> str:
    separator = _NAMES.get(separator.lower(), separator)
    if len(separator) != 1 or separator in '"\r\n ':
        raise refusal(file, f"--sep {separator!r} is not a separator", "Use one character: , ; | or tab")
    return separator


def _sniff(text: str) -> str:
    """Return the separator that cuts the first rows most evenly; empty where none cuts the header."""
    best = (0.0, 0, "")
    for candidate in _CANDIDATES:
        reader = csv.reader(_physical(text), delimiter=candidate)
        try:
            header, *rows = islice((len(row) for row in reader if row), _PROBE_ROWS)
        except (csv.Error, ValueError):
            continue
        even = sum(n == header for n in rows) / max(len(rows), 1)
        if header > 1 and (even, header) > best[:2]:
            best = (even, header, candidate)
    return best[2]


def _names(file: str, header: list[str], line: int) -> list[str]:
    """Name unnamed columns by their place and refuse names that occur twice."""
    names = [name or f"column {place}" for place, name in enumerate(header, start=1)]
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, start=1):
        places.setdefault(name, []).append(place)
    for name, where in places.items():
        if len(where) > 1:
            raise refusal(
                file,
                f"{len(where)} columns are called {name!r} (columns {listed(where)})",
                "Give every column its own name",
                line=line,
            )
    return names


def ragged_rows(file: str, rows: list[tuple[int, int]], *, n_columns: int, separator: str) -> InputError:
    """Return the error for rows, each a (line, number of cells), that are not as long as the header."""
    (line, n_cells), *others = rows
    also = f" (wrong as well: lines {listed([n for n, _ in others])})" if others else ""
    shown = {"\t": "tab", "": "line end"}.get(separator, repr(separator))
    return refusal(
        file,
        f"this row has {counted(n_cells, 'cell')}, the header has {n_columns}{also}",
        f"Put cells that hold the separator {shown} in quotes, or name another separator with --sep",
        line=line,
    )
