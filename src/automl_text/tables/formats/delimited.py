"""CSV and its kin: every text that is nothing else. Finds the separator, names the line of every fault."""

from __future__ import annotations

import csv
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING

from automl_text.results import finding
from automl_text.tables.encoding import find_encoding
from automl_text.tables.formats import Format
from automl_text.tables.header import begins_at, has_header, header_below, is_blank, title_above
from automl_text.tables.lines import LONGEST_CELL, Lines, head_text
from automl_text.tables.quoting import EXCEL_HINT, find_dialect, known_quote, known_separator, physical
from automl_text.tables.table import CHUNK_CHARACTERS, CHUNK_ROWS, Incoming, RowChunk
from automl_text.wording import counted, listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from automl_text.errors import InputError
    from automl_text.files import ReadAs
    from automl_text.results import Finding
    from automl_text.tables.quoting import Dialect
    from automl_text.tables.source import Source
    from automl_text.tables.table import Chunk

_PROBE_ROWS = 1000
_QUOTE_REMEDY = (
    'Put the whole cell in quotes and write each quote inside it twice (""), or say --quote none '
    "if quotes are characters like others"
)


def _open(source: Source, how: ReadAs, expected: tuple[str, ...]) -> Incoming:
    encoding = find_encoding(source, how.encoding)
    head = head_text(source, encoding)
    dialect = find_dialect(
        head,
        separator=known_separator(source.file, how.separator) if how.separator else None,
        quote=known_quote(source.file, how.quote) if how.quote else None,
    )
    if not dialect.separator and not how.quote and (start := begins_at(head, expected)):
        raise title_above(source.file, start)
    lines = Lines(source, encoding, is_asked=bool(how.encoding))
    reading = _Reading(source, dialect)
    rows = reading.rows(iter(lines), is_hinted=EXCEL_HINT.match(head) is not None)
    empty = []
    while (row := next(rows, (0, []))) and row[1] and is_blank(row[1]):
        empty.append(row)
    line, first = row
    if not first:
        raise refusal(source.file, "there is no header line", "Begin the file with the names of its columns")
    is_header = _is_header(source.file, head, dialect, how, expected)
    header = tuple(first) if is_header else tuple(str(place) for place in range(1, len(first) + 1))
    names = _names(source.file, header, line)
    return Incoming(
        file=source.file,
        format="delimited",
        header=header,
        names=names,
        separator=dialect.separator,
        encoding=encoding,
        has_header=is_header,
        chunks=reading.chunks(names, rows if is_header else chain(empty, [row], rows)),
        findings=lambda: [
            *_encoding_found(lines),
            *reading.findings(is_header=is_header or how.has_header is False),
        ],
    )


def _is_header(file: str, head: str, dialect: Dialect, how: ReadAs, expected: tuple[str, ...]) -> bool:
    if how.has_header is not None:
        return how.has_header
    hint = EXCEL_HINT.match(head)
    above = 1 if hint else 0
    reader, line, starts = dialect.reader(physical(head[hint.end() if hint else 0 :])), above, [0]
    rows: list[list[str]] = []
    with suppress(csv.Error):
        for row in islice(reader, _PROBE_ROWS):
            if row and not (is_blank(row) and not rows):
                rows.append(row)
                starts.append(line + 1)
            line = reader.line_num + above
    if place := header_below(rows):
        raise title_above(file, starts[1 + place])
    return not rows or has_header(rows[0], rows[1:], expected)


def _encoding_found(lines: Lines) -> list[Finding]:
    found = lines.encoding
    if not found.is_guess:
        return []
    shown = f"; its first text beyond ASCII is then {found.example!r}" if found.example else ""
    return [
        finding(
            "encoding_guess",
            "warning",
            f"The file is not UTF-8; it was read as {found.name}{shown}",
            "Look whether that is right; if not, name the encoding with --encoding",
        )
    ]


class _Reading:
    """The rows of one source, and what was noticed on the way."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self._source = source
        self._dialect = dialect
        self._n_columns = 0
        self._over_lines: list[int] = []
        self._values: list[set[str]] = []

    def rows(self, lines: Iterator[str], *, is_hinted: bool) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells) of every row that is not blank; the line is the one on which the row begins.

        In a table of one column a blank line above others is a row, or the lines below would belong to other rows.
        """
        start = 1
        if is_hinted:
            next(lines)
            start = 2
        reader = self._dialect.reader(lines)
        line, blank = start, []
        try:
            for row in reader:
                if not row or (len(row) == 1 and self._n_columns != 1 and row[0] and is_blank(row)):
                    blank.append(line)
                else:
                    if self._n_columns == 1:
                        yield from ((number, [""]) for number in blank)
                    blank = []
                    self._n_columns = self._n_columns or len(row)
                    if reader.line_num > line - start + 1:
                        self._notice(line, row)
                    elif line < _PROBE_ROWS:
                        self._values = self._values or [set() for _ in row]
                        for values, cell in zip(self._values, row, strict=False):
                            values.add(cell)
                    yield line, row
                line = start + reader.line_num
        except csv.Error as error:
            raise _misread(self._source.file, str(error), line, start - 1 + reader.line_num) from error

    def _notice(self, line: int, row: list[str]) -> None:
        """Remember a row over several lines, one of which could be a row: as wide, with a value of an earlier row."""
        inside = [piece for cell in row if "\n" in cell for piece in cell.split("\n")[1:]]
        cut = [piece.split(self._dialect.separator or "\n") for piece in inside]
        if any(
            len(cells) == self._n_columns > 1 and any(map(set.__contains__, self._values, cells))
            for cells in cut
        ):
            self._over_lines.append(line)

    def chunks(self, names: tuple[str, ...], rows: Iterable[tuple[int, list[str]]]) -> Iterator[Chunk]:
        """Yield the rows in chunks.

        Raises
        ------
        InputError
            For rows with another number of cells than the header, all of them named, and for a file without rows.
        """
        cells: list[list[str]] = []
        lines: list[int] = []
        ragged: list[tuple[int, int]] = []
        wrong: list[str] = []
        size, n_chunks, n_even = 0, 0, 0
        for line, row in rows:
            if len(row) != len(names):
                wrong = wrong or row
                ragged.append((line, len(row)))
                if self._source.is_live:
                    break
                continue
            n_even += 1
            if ragged:
                continue
            cells.append(row)
            lines.append(line)
            size += sum(map(len, row))
            if len(cells) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
                yield RowChunk(names=names, cells=cells, lines=lines)
                cells, lines, size, n_chunks = [], [], 0, n_chunks + 1
        if ragged:
            raise _ragged_rows(self._source.file, ragged, names, self._remedy(wrong), is_all=not n_even)
        if cells:
            yield RowChunk(names=names, cells=cells, lines=lines)
        elif not n_chunks:
            what = "there is a header but no row"
            raise refusal(self._source.file, what, "Add rows below the header")

    def _remedy(self, wrong: list[str]) -> str:
        """Say how to put right a row that the separator cuts too often."""
        shown = {"\t": "tab", "": "line end"}.get(self._dialect.separator, repr(self._dialect.separator))
        odd = next((cell.strip()[0] for cell in wrong if cell.strip()[:1] in _ODD_QUOTES), "")
        other = f'which are " and not {odd}' if odd else "or name another separator with --sep"
        return f"Put cells that hold the separator {shown} in quotes, {other}"

    def findings(self, *, is_header: bool) -> list[Finding]:
        """Return what a person should know of how the rows were cut."""
        found = []
        if self._dialect.has_bare_quotes:
            message = 'The character " does not stand around cells here, so it was read as one of the text'
            remedy = "Nothing to do if every line is one row; else say --quote C"
            found.append(finding("bare_quotes", "warning", message, remedy, self._dialect.rows_of_lines))
        if self._over_lines:
            rows = counted(len(self._over_lines), "row goes", "rows go")
            message = f"{rows} over lines that could be rows by themselves"
            remedy = "Nothing to do if texts have several lines; if quotes are characters like others, say --quote none"
            found.append(finding("row_over_lines", "warning", message, remedy, self._over_lines))
        if not is_header:
            message = "There is no header line: the first line is a row like the others, and columns are called 1, 2, …"
            remedy = "Put names on top, such as text,category, or say --no-header"
            found.append(finding("no_header", "warning", message, remedy))
        return found


def _misread(file: str, error: str, line: int, last_line: int) -> InputError:
    """Put a fault that the csv module found into words."""
    what = f"the row cannot be read ({error})"
    if "unexpected end" in error:
        what = "a quote is opened and never closed"
    elif "field limit" in error:
        what = f"a cell has more than {LONGEST_CELL:,} characters; a quote may be open"
    elif "expected after" in error:
        what = "text follows the closing quote of a cell"
        if last_line > line:
            what += f" (on line {last_line})"
    return refusal(file, what, _QUOTE_REMEDY, line=line)


def _names(file: str, header: tuple[str, ...], line: int) -> tuple[str, ...]:
    """Name unnamed columns by their place and refuse names that occur twice."""
    names = tuple(name or f"column {place}" for place, name in enumerate(header, start=1))
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, start=1):
        places.setdefault(name, []).append(place)
    for name, where in places.items():
        if len(where) > 1:
            raise refusal(
                file,
                f"{len(where)} columns are called {name!r} (columns {listed(where)})",
                "Give every column its own name, or say --no-header if the first line is a row",
                line=line,
            )
    return names


def _ragged_rows(
    file: str, rows: list[tuple[int, int]], names: tuple[str, ...], remedy: str, *, is_all: bool
) -> InputError:
    """Return the error for rows, each a (line, number of cells), that are not as long as the header."""
    (line, n_cells), *others = rows
    header = f"the header has {len(names)}"
    if is_all and others and all(n == n_cells for _, n in others):
        named = "Name every column on the first line (tables written by R lack the name of the first)"
        what = f"every row has {counted(n_cells, 'cell')}, {header}"
        return refusal(file, what, f"{named}, or {remedy[0].lower()}{remedy[1:]}")
    also = f" (wrong as well: lines {listed([n for n, _ in others])})" if others else ""
    return refusal(file, f"this row has {counted(n_cells, 'cell')}, {header}{also}", remedy, line=line)


_ODD_QUOTES = frozenset("\u201c\u201d\u201e\u00ab\u00bb\u2039`\u00b4")

FORMAT = Format(turn=9, recognises=lambda *_: True, open=_open)
