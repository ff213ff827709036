"""Parquet: typed columns turned into the text that a person would write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from automl_text.tables.formats import Format
from automl_text.tables.table import CHUNK_ROWS, Incoming, RecordChunk
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from automl_text.files import ReadAs
    from automl_text.tables.source import Source
    from automl_text.tables.table import Chunk


def _open(source: Source, _how: ReadAs, _expected: tuple[str, ...]) -> Incoming:
    import pyarrow as pa
    from pyarrow import parquet

    with _faults(source.file):
        opened = parquet.ParquetFile(source.stream)
    # pandas writes its index as a column of this name; no person put it there.
    names = tuple(name for name in opened.schema_arrow.names if not name.startswith("__index_level_"))
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        what = f"several columns are called {listed(repeated)}"
        raise refusal(source.file, what, "Give every column its own name")
    if not opened.metadata.num_rows or not names:
        raise refusal(source.file, "the Parquet file has no row", "Write it again with rows")
    return Incoming(
        file=source.file,
        format="parquet",
        header=names,
        names=names,
        chunks=_chunks(source.file, opened, names),
        schema=pa.schema([opened.schema_arrow.field(name) for name in names]),
    )


def _chunks(file: str, opened: Any, names: tuple[str, ...]) -> Iterator[Chunk]:  # pyarrow has no types
    start = 1
    with _faults(file):
        for batch in opened.iter_batches(batch_size=CHUNK_ROWS, columns=list(names)):
            columns = [_values(batch.column(name)) for name in names]
            objects = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
            lines = range(start, start + len(objects))
            yield RecordChunk(file=file, names=names, objects=objects, lines=lines)
            start += len(objects)


def _values(column: Any) -> list[Any]:
    """Return Python's values; text where Python has none, such as for a date in the year 20000."""
    import pyarrow as pa

    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except (ValueError, OverflowError) as error:
        if isinstance(error, UnicodeDecodeError | pa.ArrowException):
            raise
        return column.cast(pa.string()).to_pylist()  # type: ignore[no-any-return]


@contextmanager
def _faults(file: str) -> Iterator[None]:
    """Put what pyarrow says of a damaged file into words.

    Raises
    ------
    InputError
        Instead of pyarrow's error.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refusal(file, f"the Parquet file cannot be read ({first})", "Write it again") from error


FORMAT = Format(
    turn=1,
    recognises=lambda source, _: source.head.startswith(b"PAR1"),
    open=_open,
    needs_copy=True,
)
