"""Workbooks of Excel and LibreOffice: the first sheet, or the one that is named."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from automl_text.errors import nearest
from automl_text.results import finding
from automl_text.tables.formats import Format
from automl_text.tables.quoting import has_header
from automl_text.tables.table import CHUNK_ROWS, Incoming, RowChunk, cell_text
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from automl_text.files import ReadAs
    from automl_text.tables.source import Source
    from automl_text.tables.table import Chunk

_OLD = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00\x00\x06\x05\x00")
_ZIP = b"PK\x03\x04"
_MARKS = (b"xl/", b"[Content_Types].xml", b"application/vnd.oasis.opendocument.spreadsheet")
_LARGEST = 2**28
"""Bytes of a workbook, which is read whole: 256 MiB."""


def _recognises(source: Source, _: ReadAs) -> bool:
    head = source.head
    if head.startswith(_ZIP):
        return any(mark in head for mark in _MARKS) and b"word/" not in head and b"ppt/" not in head
    return head.startswith(_OLD)


def _open(source: Source, how: ReadAs, expected: tuple[str, ...]) -> Incoming:
    rows = _rows(source, how)
    numbered = [(n, [_cell(value) for value in row]) for n, row in enumerate(rows, start=1) if any(row)]
    if not numbered:
        raise refusal(source.file, "the sheet is empty", "Name another with --sheet")
    line, first = numbered[0]
    is_header = (
        how.has_header
        if how.has_header is not None
        else has_header(first, [row for _, row in numbered[1:1000]], expected)
    )
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
        findings=lambda: [] if is_header or how.has_header is False else [_NO_HEADER],
    )


_NO_HEADER = finding(
    "no_header",
    "warning",
    "There is no header line: the first row is like the others, and columns are called 1, 2, …",
    "Put names on top, such as text and category, or say --no-header",
)


def _rows(source: Source, how: ReadAs) -> list[list[Any]]:
    import python_calamine

    content = source.stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise refusal(source.file, f"the workbook is larger than {_LARGEST >> 20} MiB", "Save it as CSV")
    import io

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = book.sheet_names
        if how.sheet is not None and how.sheet not in sheets:
            what = f"--sheet {how.sheet!r}: there is no such sheet.{nearest(how.sheet, sheets)}".rstrip(".")
            raise refusal(source.file, what, f"It has {listed(sheets)}")
        sheet = book.get_sheet_by_name(how.sheet or sheets[0])
        return [list(row) for row in sheet.to_python(skip_empty_area=False)]
    except (python_calamine.CalamineError, IndexError, OSError, ValueError) as error:
        raise refusal(
            source.file,
            f"this is a workbook or zip archive that cannot be read ({error})",
            "Save the sheet as CSV UTF-8",
        ) from error


def _cell(value: Any) -> str:  # calamine gives any type
    """Return a cell as text; a whole number without the ``.0`` that a workbook gives to all numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004  (exact)
        return str(int(value))
    return cell_text(value)


def _chunks(names: tuple[str, ...], body: Iterator[tuple[int, list[str]]]) -> Iterator[Chunk]:
    while some := list(islice(body, CHUNK_ROWS)):
        yield RowChunk(names=names, cells=[row for _, row in some], lines=[number for number, _ in some])


FORMAT = Format(turn=2, recognises=_recognises, open=_open, needs_copy=True)
