"""Opens a file of any size for reading chunk by chunk; the data room decides its encoding and separator."""

from __future__ import annotations

import codecs
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from automl_text.tables.byte_stream import open_bytes
from automl_text.tables.chunks import CHUNK_CHARACTERS, CHUNK_ROWS, Incoming, RecordChunk, RowChunk
from automl_text.tables.delimited import (
    EXCEL_HINT,
    NO_SEPARATOR,
    cells_of_any_length,
    ragged_rows,
    read_delimited,
    read_rows,
)
from automl_text.tables.encoding import decode, nul_character
from automl_text.tables.json_rows import looks_like_json_lines, read_json_lines, read_object
from automl_text.tables.parquet import MAGIC, open_parquet, parquet_faults
from automl_text.tables.reading import JSON_SUFFIXES
from automl_text.tables.source import GZIP_FAULTS, Source, damaged_gzip
from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from automl_text.tables.byte_stream import ByteStream
    from automl_text.tables.chunks import Chunk

_CHECKED_BYTES = 2**22


@contextmanager
def open_incoming(
    data: str, *, encoding: str | None = None, separator: str | None = None
) -> Iterator[tuple[Incoming, Callable[[], float | None]]]:
    """Open ``data`` and give it with a function that tells the share read so far.

    Parameters
    ----------
    data : str
        A path, or ``-`` for standard input.
    encoding, separator : str, optional
        Override the detection.

    Raises
    ------
    InputError
        For whatever the data room refuses; faults further down are raised while chunks are read.
    """
    with cells_of_any_length(), open_bytes(data) as source:
        yield _incoming(source, encoding, separator), source.share_read


def _incoming(source: ByteStream, encoding: str | None, separator: str | None) -> Incoming:
    if source.head.startswith(MAGIC):
        return _parquet(source)
    decoded = decode(_as_source(source), encoding or _whole_file_encoding(source))
    lines = _lines(source, decoded.encoding)
    if separator is None and (_is_named_json(source) or looks_like_json_lines(decoded.text)):
        return _json_lines(source.file, decoded.text, lines)
    head = decoded.text if source.is_whole else _whole_rows(decoded.text)
    return _delimited(source.file, head, lines, separator)


def _as_source(source: ByteStream) -> Source:
    """Return the beginning of the file as the data room takes it, cut after a line unless it is all there is."""
    end = len(source.head) if source.is_whole else source.head.rfind(b"\n") + 1 or len(source.head)
    if source.head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        end += -end % 4  # the rest of the line feed
    elif source.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        end += -end % 2
    return Source(file=source.file, name=source.file, suffix="", sha256="", content=source.head[:end])


def _whole_file_encoding(source: ByteStream) -> str | None:
    """Return ``utf-8`` where the file is all UTF-8; None lets the data room judge by the beginning.

    A file whose first stranger stands on its last line is thus not refused halfway.
    """
    if (
        source.is_whole
        or source.path is None
        or source.head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    ):
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with open_bytes(str(source.path)) as again:
            while block := again.stream.read(_CHECKED_BYTES):
                decoder.decode(block)
    except UnicodeDecodeError:
        return "cp1252" if source.head.isascii() else None
    except GZIP_FAULTS:
        return None  # reading on will meet the same fault and name its line
    return None


def _is_named_json(source: ByteStream) -> bool:
    suffixes = source.path.suffixes if source.path else []
    return any(suffix.lower() in JSON_SUFFIXES for suffix in suffixes[-2:])


def _lines(source: ByteStream, encoding: str) -> Iterator[str]:
    """Yield the decoded lines with their ends, and put every fault of the bytes into words."""
    text = io.TextIOWrapper(source.stream, encoding=encoding, newline="")
    number = 0
    try:
        for number, line in enumerate(text, start=1):
            if "\0" in line:
                raise nul_character(source.file, number)
            yield line
    except UnicodeDecodeError as error:
        raise refusal(
            source.file,
            f"soon after this line the bytes are not valid {encoding}",
            "Save the whole file as UTF-8, or name its encoding with --encoding cp1252",
            line=number,
        ) from error
    except GZIP_FAULTS as error:
        raise damaged_gzip(source.file, error, line=number) from error


def _whole_rows(text: str) -> str:
    """Cut ``text`` after the last line end that no quoted cell holds."""
    end = len(text)
    while (end := text.rfind("\n", 0, end)) > 0:
        if text.count('"', 0, end) % 2 == 0:
            return text[: end + 1]
    return text


def _delimited(file: str, head: str, lines: Iterator[str], separator: str | None) -> Incoming:
    known = read_delimited(file, head, separator)
    first_line = 1
    if EXCEL_HINT.match(head):
        next(lines)
        first_line = 2
    rows = read_rows(file, lines, known.separator or NO_SEPARATOR, first_line=first_line)
    _, header = next(rows)
    names = tuple(known.columns)
    return Incoming(
        file=file,
        format="csv",
        header=tuple(header),
        names=names,
        separator=known.separator,
        chunks=_row_chunks(file, names, rows, known.separator),
    )


def _row_chunks(
    file: str, names: tuple[str, ...], rows: Iterator[tuple[int, list[str]]], separator: str
) -> Iterator[Chunk]:
    cells: list[list[str]] = []
    size = 0
    for line, row in rows:
        if len(row) != len(names):
            raise ragged_rows(file, [(line, len(row))], n_columns=len(names), separator=separator)
        cells.append(row)
        size += sum(map(len, row))
        if len(cells) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
            yield RowChunk(names=names, cells=cells)
            cells, size = [], 0
    if cells:
        yield RowChunk(names=names, cells=cells)


def _json_lines(file: str, head: str, lines: Iterator[str]) -> Incoming:
    first = next((line for line in head.split("\n") if line.strip()), "")
    names = tuple(read_json_lines(file, first).columns)
    chunks = _record_chunks(file, names, lines)
    return Incoming(file=file, format="jsonl", header=names, names=names, chunks=chunks)


def _record_chunks(file: str, names: tuple[str, ...], lines: Iterator[str]) -> Iterator[Chunk]:
    objects: list[dict[str, Any]] = []
    numbers: list[int] = []
    size = 0
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        objects.append(read_object(file, line, number))
        numbers.append(number)
        size += len(line)
        if len(objects) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
            yield RecordChunk(file=file, names=names, objects=objects, lines=numbers)
            objects, numbers, size = [], [], 0
    if objects:
        yield RecordChunk(file=file, names=names, objects=objects, lines=numbers)


def _parquet(source: ByteStream) -> Incoming:
    import pyarrow as pa

    if source.path is None:
        raise refusal(source.file, "Parquet cannot be read from a pipe", "Save it to a file and name that")
    file, names = open_parquet(source.file, source.path)
    return Incoming(
        file=source.file,
        format="parquet",
        header=names,
        names=names,
        chunks=_arrow_chunks(source.file, file, names),
        schema=pa.schema([file.schema_arrow.field(name) for name in names]),
    )


def _arrow_chunks(file: str, table: Any, names: tuple[str, ...]) -> Iterator[Chunk]:  # pyarrow has no types
    start = 1
    with parquet_faults(file):
        for batch in table.iter_batches(batch_size=CHUNK_ROWS, columns=list(names)):
            objects = batch.to_pylist()
            yield RecordChunk(
                file=file, names=names, objects=objects, lines=range(start, start + len(objects))
            )
            start += len(objects)
