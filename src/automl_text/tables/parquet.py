"""Parquet: typed columns turned into the text that a person would write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.tables.delimited import Cells
from automl_text.tables.table import as_text
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from automl_text.tables.source import Source

MAGIC = b"PAR1"


def read_parquet(source: Source) -> Cells:
    """Read a Parquet file; nulls are empty cells, booleans ``true`` and ``false``, dates ISO 8601.

    Raises
    ------
    InputError
        For a damaged file, bytes that are not UTF-8, duplicate column names, and a file without rows.
    """
    import pyarrow as pa

    file, names = open_parquet(source.file, pa.BufferReader(source.content))
    with parquet_faults(source.file):
        table = file.read(columns=list(names))
        columns = {name: as_text(table.column(name).to_pylist()) for name in names}
    return Cells(columns=columns, lines=np.arange(1, table.num_rows + 1, dtype=np.int64))


def open_parquet(file: str, source: Any) -> tuple[Any, tuple[str, ...]]:  # pyarrow has no types
    """Return the ``ParquetFile`` in ``source``, a path or a buffer, and the names of its columns.

    Raises
    ------
    InputError
        For a damaged file, duplicate column names, and a file without rows.
    """
    from pyarrow import parquet

    with parquet_faults(file):
        opened = parquet.ParquetFile(source)
    # pandas writes its index as a column of this name; no person put it there.
    names = tuple(name for name in opened.schema_arrow.names if not name.startswith("__index_level_"))
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise refusal(
            file, f"several columns are called {listed(repeated)}", "Give every column its own name"
        )
    if not opened.metadata.num_rows or not names:
        raise refusal(file, "the Parquet file has no row", "Write it again with labelled rows")
    return opened, names


@contextmanager
def parquet_faults(file: str) -> Iterator[None]:
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
