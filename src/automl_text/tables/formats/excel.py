"""Workbooks of Excel and LibreOffice: the first sheet, or the one that is named."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import subprocess
import sys
import zipfile
import zlib
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING, Any

from automl_text.errors import InputError, nearest
from automl_text.results import Finding, finding
from automl_text.tables.formats import Format
from automl_text.tables.header import has_header, header_below, title_above
from automl_text.tables.table import CHUNK_ROWS, Incoming, RowChunk, cell_text
from automl_text.wording import counted, listed, refusal, rows_have

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from automl_text.files import ReadAs
    from automl_text.tables.source import Source
    from automl_text.tables.table import Chunk

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00\x00\x06\x05\x00")
_ZIP = b"PK\x03\x04"
_MARKS = (b"xl/", b"[Content_Types].xml", b"application/vnd.oasis.opendocument.spreadsheet")
_MOST_MEMORY = 2**32
"""Address space of the process that reads an old workbook."""
_LARGEST = 2**28
"""Bytes of a workbook, which is read whole: 256 MiB."""


_MOST_RATIO, _UNPACKED = 200, 2**28
"""A workbook that unpacks to more bytes than the second, and to more than the first times its own, is refused."""
_MOST_CELLS = 100_000_000
"""Of the rectangle from the first cell to the last: the library takes memory for all of it, empty or not."""
_CELL = re.compile(
    rb"""<(?:\w+:)?(?:row\b[^>]*?\sr=["'](\d+)|c\b[^>]*?\sr=["']([A-Z]+)(\d+)["'](?:[^>]*[^/>])?>)"""
)
"""Of a sheet of Excel: the start of a row, or of a cell that is not empty."""
_REPEATED = re.compile(rb"<table:table-(row|cell)\b([^>]*)>")
_COUNT = re.compile(rb"""number-(?:rows|columns)-repeated=["'](\d+)""")


def _recognises(source: Source, _: ReadAs) -> bool:
    head = source.head
    if head.startswith(_ZIP):
        return any(mark in head for mark in _MARKS) and b"word/" not in head and b"ppt/" not in head
    return head.startswith(_OLD)


def _open(source: Source, how: ReadAs, expected: tuple[str, ...]) -> Incoming:
    rows, found = _rows(source, how)
    cells = ((n, [_cell(value) for value in row]) for n, row in enumerate(rows, start=1))
    numbered = [(n, row) for n, row in cells if any(row)]
    line, first = numbered[0]
    is_header = how.has_header
    if is_header is None:
        above = [row for _, row in numbered[:1000]]
        if place := header_below(above):
            raise title_above(source.file, numbered[place][0])
        is_header = has_header(first, above[1:], expected)
    header = tuple(first) if is_header else tuple(str(place) for place in range(1, len(first) + 1))
    names = tuple(name or f"column {place}" for place, name in enumerate(header, start=1))
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        what = f"several columns are called {listed(repeated)}"
        raise refusal(source.file, what, "Give every column its own name", line=line)
    body = numbered[1:] if is_header else numbered
    if not body:
        raise refusal(source.file, "there is a header but no row", "Add rows below the header")
    return Incoming(
        file=source.file,
        format="excel",
        header=header,
        names=names,
        has_header=is_header,
        chunks=_chunks(names, iter(body)),
        findings=lambda: found if is_header or how.has_header is False else [*found, _NO_HEADER],
    )


_NO_HEADER = finding(
    "no_header",
    "warning",
    "There is no header line: the first row is like the others, and columns are called 1, 2, …",
    "Put names on top, such as text and category, or say --no-header",
)


def _rows(source: Source, how: ReadAs) -> tuple[list[list[Any]], list[Finding]]:
    """Return the rows of the sheet that is read, at least one of them filled, and what is to be said of it."""
    content = source.stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise refusal(source.file, f"the workbook is larger than {_LARGEST >> 20} MiB", "Save it as CSV")
    if content.startswith(_ZIP):
        return _read(source.file, content, how.sheet)
    if _ENCRYPTED in content:
        raise refusal(source.file, "the workbook is protected by a password", "Save it without one")
    return _read_apart(source.file, content, how.sheet)


def _read(file: str, content: bytes, asked: str | None) -> tuple[list[list[Any]], list[Finding]]:
    import python_calamine

    try:
        if content.startswith(_ZIP):
            _refuse_unbounded(file, content)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        name, found = _chosen(file, book, asked)
        sheet = book.get_sheet_by_name(name)
        rows = [list(row) for row in sheet.to_python(skip_empty_area=False)]
        if n_filled := _fill_merged(rows, sheet.merged_cell_ranges or ()):
            found.append(_merged(n_filled))
    except (python_calamine.CalamineError, *_DAMAGED) as error:
        raise _unreadable(file, str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what the library's Rust raises, and no module names
            raise
        raise _unreadable(file, "it is damaged") from error
    else:
        return rows, found


def _unreadable(file: str, why: str) -> InputError:
    what = f"this is a workbook or zip archive that cannot be read ({why})"
    return refusal(file, what, "Save the sheet as CSV UTF-8")


def _read_apart(file: str, content: bytes, asked: str | None) -> tuple[list[list[Any]], list[Finding]]:
    """Read an old workbook in a process that may take so much memory and no more: 6 KB, damaged, can ask for 100 GB."""
    code = "from automl_text.tables.formats.excel import serve; serve()"
    done = subprocess.run(  # noqa: S603  (this interpreter and this module)
        [sys.executable, "-P", "-c", code, file, *([asked] if asked is not None else [])],
        input=content,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise _unreadable(file, "it is damaged") from error
    if "refusal" in answer:
        raise InputError(answer["refusal"])
    return answer["rows"], [Finding.model_validate(each) for each in answer["found"]]


def serve() -> None:
    """Read the workbook on standard input, and write its rows or why there are none as JSON; `_read_apart` asks."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    file, *asked = sys.argv[1:]
    try:
        rows, found = _read(file, sys.stdin.buffer.read(), asked[0] if asked else None)
    except InputError as error:
        print(json.dumps({"refusal": str(error)}))  # noqa: T201  (standard output is the answer)
        return
    texts = [[_cell(value) for value in row] for row in rows]
    print(json.dumps({"rows": texts, "found": [each.model_dump() for each in found]}))  # noqa: T201


def _chosen(file: str, book: Any, asked: str | None) -> tuple[str, list[Finding]]:
    """Return the sheet that is asked for or the first that is filled, shown ones first, and name the others."""
    sheets = book.sheet_names
    if asked is not None and asked not in sheets:
        what = f"--sheet {asked!r}: there is no such sheet.{nearest(asked, sheets)}".rstrip(".")
        raise refusal(file, what, f"It has {listed(sheets)}")
    ranked = sorted(book.sheets_metadata, key=lambda each: not str(each.visible).endswith(".Visible"))
    tables = [each.name for each in ranked if str(each.typ).endswith(".WorkSheet")]
    heights = {name: book.get_sheet_by_name(name).height for name in tables}
    filled = [name for name, height in heights.items() if height]
    if not filled or (asked is not None and asked not in filled):
        others = (
            f"Name one that is not: {listed(filled, in_quotes=True)}" if filled else "Write a table into it"
        )
        what = "the sheet is empty" if asked else "no sheet of the workbook holds anything"
        raise refusal(file, what, others)
    name = asked or filled[0]
    rest = [f"{each!r} ({counted(heights[each], 'line')})" for each in filled if each != name]
    if asked is not None or not rest:
        return name, []
    message = f"The sheet {name!r} was read; others of the workbook were not: {listed(rest)}"
    return name, [finding("other_sheets", "warning", message, "Name the right one with --sheet")]


def _fill_merged(rows: list[list[Any]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    """Give what a cell merged over several rows says to each of them that is not empty, and return how many got it."""
    n_filled = n_looked_at = 0
    for (top, column), (bottom, _) in ranges:
        n_looked_at += bottom - top
        if bottom >= len(rows) or n_looked_at > _MOST_CELLS:
            continue
        for row in rows[top + 1 : bottom + 1]:
            if column < len(row) and row[column] == "" and any(cell != "" for cell in row):
                row[column] = rows[top][column]
                n_filled += 1
    return n_filled


def _merged(n_filled: int) -> Finding:
    message = f"{rows_have(n_filled)} a cell merged with one above, and were read with what it says"
    return finding("merged_cells", "note", message, "Nothing to do if that is meant")


_DAMAGED = (
    IndexError,
    OSError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
)


def _refuse_unbounded(file: str, content: bytes) -> None:
    """Refuse a packed workbook that would take more memory than a table is worth."""
    what = ""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > max(_UNPACKED, _MOST_RATIO * len(content)):
            what = f"the workbook unpacks to {size >> 20:,} MiB, more than {_MOST_RATIO} times its size"
            members = []
        for member in members:
            if member.filename.lower().endswith((".xml", ".rels")):
                sheet = archive.read(member)
                if max(_last_cell(sheet), _n_repeated(sheet)) > _MOST_CELLS:
                    what = f"its cells lie so far apart that a sheet has more than {_MOST_CELLS:,}"
                    break
    if what:
        raise refusal(file, what, "Save the sheet as CSV UTF-8")


def _last_cell(content: bytes) -> int:
    """Return how many cells the rectangle of a sheet of Excel has."""
    n_rows = n_columns = 0
    for row, letters, of_cell in map(re.Match.groups, _CELL.finditer(content)):
        n_rows = max(n_rows, int(row or of_cell))
        n_columns = max(n_columns, reduce(lambda place, letter: 26 * place + letter - 64, letters or b"", 0))
    return n_rows * n_columns


def _n_repeated(content: bytes) -> int:
    """Return how many cells with a value a sheet of LibreOffice has, where it says how often rows and cells repeat."""
    n_cells, of_row = 0, 1
    for kind, attributes in _REPEATED.findall(content):
        said = _COUNT.search(attributes)
        count = int(said[1]) if said else 1
        if kind == b"row":
            of_row = count
        elif b"value-type" in attributes:
            n_cells += of_row * count
    return n_cells


def _cell(value: Any) -> str:  # calamine gives any type
    """Return a cell as text; a whole number without the ``.0`` that a workbook gives to all numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004  (exact)
        return str(int(value))
    return cell_text(value)


def _chunks(names: tuple[str, ...], body: Iterator[tuple[int, list[str]]]) -> Iterator[Chunk]:
    while some := list(islice(body, CHUNK_ROWS)):
        yield RowChunk(names=names, cells=[row for _, row in some], lines=[number for number, _ in some])


FORMAT = Format(turn=2, recognises=_recognises, open=_open, needs_copy=True)
