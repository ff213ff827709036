"""Writes predictions chunk by chunk, in the format that the file's name asks for."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from automl_text.errors import InputError, RunError
from automl_text.files import whole_file
from automl_text.tables.csv_guard import GuardedWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from automl_text.tables.table import Chunk, Incoming

Added = dict[str, "Sequence[str | float | None]"]
"""New columns: name to one value a row."""

STDOUT = "-"
_SEPARATORS = {".tsv": "\t", ".csv": ","}
_KINDS = {"json_rows": ".jsonl", "delimited": ""}
"""What a format is written as where the name does not say; "" is CSV with its separator."""

_JSON = (".jsonl", ".ndjson")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Outgoing(Protocol):
    """Somewhere to write chunks."""

    @property
    def n_guarded(self) -> int:
        """Cells that got an apostrophe so far."""

    def write(self, chunk: Chunk, added: Added) -> None:
        """Write the rows of ``chunk`` with the new columns after their own."""

    def close(self) -> None:
        """Write what must come last."""


@contextlib.contextmanager
def open_outgoing(output: str, incoming: Incoming, *, raw: bool = False) -> Iterator[_Outgoing]:
    """Open ``output`` (a path, or ``-``); a file appears under its name only when everything is in it.

    Parameters
    ----------
    output : str
        ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``, each but the last with or without ``.gz``; any other name,
        and standard output, take the format of what is read.
    raw : bool
        Leave cells that a spreadsheet would run as they are. Standard output always does.

    Raises
    ------
    InputError
        Where the file cannot be written.
    RunError
        Where the disk has no more room.
    """
    if output == STDOUT:
        kind = _KINDS.get(incoming.format, ".csv")
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # a TextIOWrapper
        yield _text_writer(sys.stdout, kind, incoming, raw=True)
        sys.stdout.flush()
        return
    path = Path(output)
    try:
        with whole_file(path) as file, _opened(file, path, incoming, raw=raw) as writer:
            yield writer
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise RunError(f"{path} cannot be written: {error.strerror}.") from error
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}). Name another file with -o."
        ) from error


@contextlib.contextmanager
def _opened(file: IO[bytes], path: Path, incoming: Incoming, *, raw: bool) -> Iterator[_Outgoing]:
    kind = _kind(path, incoming)
    if kind == ".parquet":
        writer: _Outgoing = _ParquetOut(file, incoming)
        try:
            yield writer
        finally:
            writer.close()
        return
    is_packed = path.suffix.lower() == ".gz"
    packed = gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) if is_packed else file
    with io.TextIOWrapper(cast("IO[bytes]", packed), encoding="utf-8", newline="") as stream:
        yield _text_writer(stream, kind, incoming, raw=raw)


def _kind(path: Path, incoming: Incoming) -> str:
    named = path.suffix.lower()
    if named == ".parquet":
        return named
    if named == ".gz":
        named = Path(path.stem).suffix.lower()
    if named in {*_SEPARATORS, *_JSON}:
        return named
    return _KINDS.get(incoming.format, ".csv")


def _text_writer(stream: IO[str], kind: str, incoming: Incoming, *, raw: bool) -> _Outgoing:
    if kind in _JSON:
        return _JsonLinesOut(stream)
    separator = _SEPARATORS.get(kind) or incoming.separator or ","
    return _CsvOut(GuardedWriter(stream, separator=separator, raw=raw), incoming.header)


class _CsvOut:
    """CSV: cells as text, guarded unless raw."""

    def __init__(self, writer: GuardedWriter, header: tuple[str, ...]) -> None:
        self._writer = writer
        self._header = header
        self._has_header = False

    @property
    def n_guarded(self) -> int:
        """Cells that got an apostrophe."""
        return self._writer.n_guarded

    def write(self, chunk: Chunk, added: Added) -> None:
        """See `Outgoing`."""
        if not self._has_header:
            self._writer.write([*self._header, *added])
            self._has_header = True
        for row, new in zip(chunk.rows(), zip(*added.values(), strict=True), strict=True):
            self._writer.write([*row, *new])

    def close(self) -> None:
        """Nothing comes last in CSV."""


class _JsonLinesOut:
    """JSONL: the values of the file as they were."""

    n_guarded = 0

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, chunk: Chunk, added: Added) -> None:
        """See `Outgoing`."""
        for record, new in zip(chunk.records(), zip(*added.values(), strict=True), strict=True):
            row = {**record, **dict(zip(added, new, strict=True))}
            self._stream.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

    def close(self) -> None:
        """Nothing comes last in JSONL."""


class _ParquetOut:
    """Parquet: the types of the file where it was Parquet, text otherwise."""

    n_guarded = 0

    def __init__(self, file: IO[bytes], incoming: Incoming) -> None:
        self._file = file
        self._incoming = incoming
        self._writer: Any = None  # opened by the first chunk, which knows the new columns

    def write(self, chunk: Chunk, added: Added) -> None:
        """See `Outgoing`."""
        import pyarrow as pa
        from pyarrow import parquet

        schema = self._schema(added)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._file, schema)
        names, is_typed = self._incoming.names, self._incoming.schema is not None
        old = chunk.records() if is_typed else (dict(zip(names, row, strict=True)) for row in chunk.rows())
        new = zip(*added.values(), strict=True)
        rows = [{**row, **dict(zip(added, cells, strict=True))} for row, cells in zip(old, new, strict=True)]
        self._writer.write_table(pa.Table.from_pylist(rows, schema=schema))

    def _schema(self, added: Added) -> Any:  # pyarrow has no types
        import pyarrow as pa

        text, number = pa.string(), pa.float64()
        old = self._incoming.schema or pa.schema([(name, text) for name in self._incoming.names])
        return pa.schema(
            [
                *old,
                *(
                    (name, text if any(isinstance(cell, str) for cell in cells) else number)
                    for name, cells in added.items()
                ),
            ]
        )

    def close(self) -> None:
        """See `Outgoing`."""
        if self._writer is not None:
            self._writer.close()
