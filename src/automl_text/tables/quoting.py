"""Which separator and which quotes a table of text has, and whether its first line is a header: found by evidence."""

from __future__ import annotations

import csv
import io
import re
import string
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from automl_text.errors import InputError

_SEPARATORS = (",", "\t", ";", "|")
_RARE_SEPARATORS = ("^", "~", "\x01", "\x1f", "\u00a6")
"""Where none of the others cuts the first line, and one of these cuts all lines alike."""
_SEPARATOR_NAMES = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_QUOTE_NAMES = {"c": '"', "none": "", '"': '"', "'": "'", "double": '"', "single": "'"}
EXCEL_HINT = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)
"""A first line that names the separator; it is no row."""

_NO_SEPARATOR = "\uffff"
"""Not a character, so a table of one column is never cut."""

_PROBE_ROWS = 200
_MIN_UNDISPUTED = 5
_MOST_ABOVE = 20
"""Lines of title and remarks that may stand above a table."""
_LONG_WORDS = 3
_BLANKS = string.whitespace + "\x1a"
"""What makes no cell; DOS ends files with the last."""

TEXT_NAMES = (
    {"text", "texts", "message", "messages", "body", "content", "document", "description", "comment"}
    | {"comments", "review", "sentence", "utterance", "query", "question", "tweet", "post", "ticket"}
    | {"transcript", "input", "nachricht", "texte", "texto", "testo"},
    {"title", "subject", "headline", "summary", "abstract", "name"},
)
"""Names of columns that say text: first choice, second choice."""

LABEL_NAMES = (
    {"category", "categories", "label", "labels", "class", "target", "intent", "kategorie", "klasse"}
    | {"categorie", "cat\u00e9gorie", "categor\u00eda", "categoria", "etikett"},
    {"topic", "tag", "sentiment", "type", "department", "queue", "genre", "output", "y"},
)
_KNOWN_NAMES = frozenset().union(*TEXT_NAMES, *LABEL_NAMES, {"id", "index", "split", "date", "no", "nr"})


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
    for candidate in _SEPARATORS:
        reader = Dialect(separator=candidate, quote=quote).reader(physical(text), is_strict=False)
        try:
            header, *rows = islice((len(row) for row in reader if row), _PROBE_ROWS)
        except (csv.Error, ValueError):
            continue
        even = sum(n == header for n in rows) / max(len(rows), 1)
        if header > 1 and (even, header) > best[:2]:
            best = (even, header, candidate)
    return best[2] or next((rare for rare in _RARE_SEPARATORS if _cuts_all(text, rare)), "")


def _cuts_all(text: str, separator: str) -> bool:
    lines = [line.count(separator) for line in islice(physical(text), _PROBE_ROWS) if line.strip()]
    return len(lines) > _MIN_UNDISPUTED and lines[0] > 0 and len(set(lines)) == 1


def is_blank(row: Sequence[str]) -> bool:
    """Return whether all cells of a row are empty."""
    return not any(cell.strip(_BLANKS) for cell in row)


def header_below(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the row that names the columns below rows of titles, whose cells are mostly empty; else 0."""
    filled = [[cell.strip().casefold() for cell in row if cell.strip()] for row in rows[: _MOST_ABOVE + 1]]
    if not filled or len(filled[0]) == len(rows[0]) or not _KNOWN_NAMES.isdisjoint(filled[0]):
        return 0
    named = [place for place, row in enumerate(filled) if len(_KNOWN_NAMES.intersection(row)) > 1]
    if named:
        return named[0]
    is_title = len(filled[0]) == 1 and len(rows[0]) > 2  # noqa: PLR2004  (else it may be a column without a name)
    return next((place for place, row in enumerate(filled) if is_title and len(row) > 1), 0)


def title_above(file: str, line: int) -> InputError:
    """Return the error for a table that begins below lines of titles and remarks."""
    what = "the table seems to begin here: the lines above are no rows of it"
    return refusal(file, what, "Delete them", line=line)


def begins_at(text: str, expected: Sequence[str] = ()) -> int:
    """Return the line on which a table seems to begin below lines that are no rows; 0 where there is nothing such.

    A first line that is the name of a column is the header of one column, whatever stands in its texts.
    """
    if text.split("\n", 1)[0].strip().casefold() in _KNOWN_NAMES | {name.casefold() for name in expected}:
        return 0
    for separator in _SEPARATORS:
        reader = Dialect(separator=separator).reader(physical(text), is_strict=False)
        rows: list[tuple[int, int]] = []
        try:
            rows.extend((reader.line_num, len(row)) for row in islice(reader, _PROBE_ROWS) if row)
        except csv.Error:
            continue
        above = next((place for place, (_, width) in enumerate(rows) if width > 1), 0)
        below = [width for _, width in rows[above:]]
        if 0 < above <= _MOST_ABOVE and len(below) > _MIN_UNDISPUTED and len(set(below)) == 1:
            return rows[above][0]
    return 0


def has_header(first: Sequence[str], rows: Sequence[Sequence[str]], expected: Sequence[str] = ()) -> bool:
    """Return whether the first row names the columns rather than being a row like the others.

    It is a row where it has a text in the column of texts, and a value that is repeated in a column of few values.
    A table of one column has a header where the first line is a name that is looked for, a usual one, or one word.
    """
    names = {name.strip().casefold() for name in first}
    wanted = {
        name.strip().casefold() for name in expected if not name.isdecimal()
    }  # 1, 2: there was no header
    if names & (wanted | _KNOWN_NAMES):
        return True
    if len(first) == 1:
        return len(first[0].split()) <= 1 or not (rows or expected)
    columns = list(zip(*(row for row in rows if len(row) == len(first)), strict=True))
    if not columns or len(columns[0]) < _MIN_UNDISPUTED:
        return True
    n_words = [_words(column) for column in columns]
    texts = [
        len(cell.split()) >= max(2, mean / 3)
        for cell, mean in zip(first, n_words, strict=True)
        if mean >= _LONG_WORDS
    ]
    repeats = any(
        mean < _LONG_WORDS and cell.strip() and column.count(cell) > 1
        for cell, column, mean in zip(first, columns, n_words, strict=True)
    )
    return not (texts and all(texts) and repeats)


def _words(column: Sequence[str]) -> float:
    filled = [cell for cell in column if cell.strip()]
    return sum(len(cell.split()) for cell in filled) / max(len(filled), 1)


def is_number(value: str) -> bool:
    """Return whether a cell holds a number, with a point or a decimal comma."""
    try:
        float(value.replace(",", "."))
    except ValueError:
        return False
    return True
