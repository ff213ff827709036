"""Which separator and which quotes a table of text has: found by evidence."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SEPARATORS = (",", "\t", ";", "|")
_RARE = ("^", "~", "\x01", "\x1f", "\u00a6")
"""Where none of the others cuts the first line, and one of these cuts all lines alike."""
_SEPARATOR_NAMES = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_QUOTE_NAMES = {"c": '"', "none": "", '"': '"', "'": "'", "double": '"', "single": "'"}
EXCEL_HINT = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)
"""A first line that names the separator; it is no row."""

_NO_SEPARATOR = "\uffff"
"""Not a character, so a table of one column is never cut."""

_PROBE_ROWS = 200
_MIN_UNDISPUTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the lines of a table are cut into cells."""

    separator: str
    """One character; empty for a table of one column."""
    quote: str = '"'
    """``"`` or ``'`` around cells that hold separators, line ends or quotes; empty: no character does that."""
    is_escaped: bool = False
    """A quote inside a cell stands after a backslash, not twice."""
    is_spaced: bool = False
    """A blank follows every separator and belongs to it."""
    has_bare_quotes: bool = False
    """Quotes were found to be characters like others."""
    rows_of_lines: tuple[int, ...] = ()
    """Lines at which they would have swallowed line ends of rows."""

    def reader(
        self, lines: Iterable[str], *, is_strict: bool = True
    ) -> Any:  # the csv module's reader has no name
        """Return a reader of rows that keeps every cell as it is written."""
        how: dict[str, Any] = {"quotechar": self.quote or None, "skipinitialspace": self.is_spaced}
        if not self.quote:
            how["quoting"] = csv.QUOTE_NONE
        if self.is_escaped:
            how["escapechar"] = "\\"
        return csv.reader(lines, delimiter=self.separator or _NO_SEPARATOR, strict=is_strict, **how)


def known_separator(file: str, separator: str) -> str:
    """Return the character that ``--sep`` means.

    Raises
    ------
    InputError
        If it cannot be a separator.
    """
    separator = _SEPARATOR_NAMES.get(separator.lower(), separator)
    if len(separator) != 1 or separator in '"\r\n ':
        raise refusal(file, f"--sep {separator!r} is not a separator", "Use one character: , ; | or tab")
    return separator


def known_quote(file: str, quote: str) -> str:
    """Return the character that ``--quote`` means, empty for none.

    Raises
    ------
    InputError
        If it means nothing.
    """
    if quote.lower() not in _QUOTE_NAMES:
        raise refusal(
            file, f"--quote {quote!r} is no way to quote", "Use C (the \" of spreadsheets), ' or none"
        )
    return _QUOTE_NAMES[quote.lower()]


def find_dialect(text: str, *, separator: str | None = None, quote: str | None = None) -> Dialect:
    """Return how a table is cut, by its beginning.

    Quotes are taken as spreadsheets write them if every row can be read so. They are characters like others where
    that fails, or swallows lines that are rows like the rest, and without them every line has equally many cells;
    else ``'`` and the backslash are tried in the same way.
    """
    if separator is None:
        hint = EXCEL_HINT.match(text)
        separator = hint[1] if hint else None
    if quote is not None:
        return Dialect(separator=separator or _separator(text, quote), quote=quote)
    usual = Dialect(separator=separator if separator is not None else _separator(text, '"'))
    look = _look(text, usual)
    if look.n_spaced > _MIN_UNDISPUTED and (
        look.is_spaced or (not look.is_even and _look(text, replace(usual, is_spaced=True)).is_even)
    ):
        return replace(usual, is_spaced=True)
    if look.is_even and not (look.swallowed and _is_swallowed(text, usual, look)):
        return usual
    swallowed = tuple(line for line, _ in look.swallowed)
    for sign, is_escaped in (("", False), ("'", False), ('"', True)):
        other = Dialect(
            separator=separator if separator is not None else _separator(text, sign),
            quote=sign,
            is_escaped=is_escaped,
            has_bare_quotes=not sign,
            rows_of_lines=() if sign else swallowed,
        )
        if sign not in text or (is_escaped and "\\" + sign not in text):
            continue
        seen = _look(text, other)
        if seen.is_even and (seen.n_columns > 1 or (not sign and look.n_columns <= 1)):
            return other
    return usual


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What the rows of a text look like, cut in one way."""

    is_even: bool
    """All could be read, and have as many cells as the first."""
    n_columns: int
    swallowed: list[tuple[int, int]]
    """First and last line of each row that goes over several."""
    n_spaced: int
    """Rows in whose other cells than the first a blank comes first."""
    is_spaced: bool
    """All are such."""


def _look(text: str, dialect: Dialect) -> _Look:
    reader = dialect.reader(physical(text))
    n_columns, line, is_even, n_rows, n_spaced = 0, 0, True, 0, 0
    swallowed = []
    try:
        for row in reader:
            if reader.line_num - line > 1 and n_columns:
                swallowed.append((line + 1, reader.line_num))
            line = reader.line_num
            if row and (len(row) > 1 or not row[0].isspace()):
                n_columns = n_columns or len(row)
                is_even = is_even and len(row) == n_columns
                n_rows += 1
                n_spaced += len(row) > 1 and all(cell.startswith(" ") for cell in row[1:])
    except csv.Error:
        is_even = False
    return _Look(
        is_even=is_even,
        n_columns=n_columns,
        swallowed=swallowed,
        n_spaced=n_spaced,
        is_spaced=is_even and n_spaced == n_rows,
    )


def _is_swallowed(text: str, usual: Dialect, look: _Look) -> bool:
    """Return whether the lines inside quoted cells are rows: as wide as the others, with values that others have."""
    lines = list(islice(Dialect(separator=usual.separator, quote="").reader(physical(text)), None))
    if not usual.separator or any(len(row) != look.n_columns for row in lines if row):
        return False
    inside = {n for first, last in look.swallowed for n in range(first, last + 1)}
    free = [row for n, row in enumerate(lines, start=1) if n not in inside and row][1:]
    disputed = [lines[n - 1] for n in sorted(inside) if lines[n - 1]]
    if len(free) < _MIN_UNDISPUTED:
        return False
    kinds = [_kinds(column) for column in zip(*free, strict=True)]
    fitting = sum(
        any(_shape(cell) in known for cell, known in zip(row, kinds, strict=True)) for row in disputed
    )
    return 2 * fitting > len(disputed)


def _kinds(cells: Sequence[str]) -> frozenset[str]:
    """Return what the cells of a column look like where few looks serve all: values that repeat, dates, numbers."""
    looks = Counter(map(_shape, cells))
    return frozenset(looks) if len(looks) <= max(2, len(cells) // 4) else frozenset()


def _shape(cell: str) -> str:
    return re.sub(r"\d+", "0", cell.strip().strip("\"'"))


def physical(text: str) -> Iterator[str]:
    """Yield lines with their ends; unlike str.splitlines, only CR, LF and CRLF end one."""
    return iter(io.StringIO(text, newline=""))


def _separator(text: str, quote: str) -> str:
    """Return the separator that cuts the first rows most evenly; empty where none cuts the first one."""
    best = (0.0, 0, "")
    for candidate in SEPARATORS:
        reader = Dialect(separator=candidate, quote=quote).reader(physical(text), is_strict=False)
        try:
            header, *rows = islice((len(row) for row in reader if row), _PROBE_ROWS)
        except (csv.Error, ValueError):
            continue
        even = sum(n == header for n in rows) / max(len(rows), 1)
        if header > 1 and (even, header) > best[:2]:
            best = (even, header, candidate)
    return best[2] or next((rare for rare in _RARE if _cuts_all(text, rare)), "")


def _cuts_all(text: str, separator: str) -> bool:
    lines = [line.count(separator) for line in islice(physical(text), _PROBE_ROWS) if line.strip()]
    return len(lines) > _MIN_UNDISPUTED and lines[0] > 0 and len(set(lines)) == 1


def is_number(value: str) -> bool:
    """Return whether a cell holds a number, with a point or a decimal comma."""
    try:
        float(value.replace(",", "."))
    except ValueError:
        return False
    return True
