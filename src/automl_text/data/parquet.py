"""Parquet: typed columns turned into the text that a person would write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.cells import as_text
from automl_text.data.delimited import Cells
from automl_text.data.refusal import listed, refusal

if TYPE_CHECKING:
    from automl_text.data.source import Source

MAGIC = b"PAR1"


def read_parquet(source: Source) -> Cells:
    """Read a Parquet file; nulls are empty cells, booleans ``true`` and ``false``, dates ISO 8601.

    Raises
    ------
    InputError
        For a damaged file, bytes that are not UTF-8, duplicate column names, and a file without rows.
    """
    import pyarrow as pa  # noqa: PLC0415  (0.3 s that CSV files need not wait for)
    from pyarrow import parquet  # noqa: PLC0415

    try:
        file = parquet.ParquetFile(pa.BufferReader(source.content))
        # pandas writes its index as a column of this name; no person put it there.
        names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise refusal(
                source.file,
                f"several columns are called {listed(repeated)}",
                "Give every column its own name",
            )
        table = file.read(columns=names)
        columns = {name: as_text(table.column(name).to_pylist()) for name in names}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refusal(source.file, f"the Parquet file cannot be read ({first})", "Write it again") from error
    if not table.num_rows or not columns:
        raise refusal(source.file, "the Parquet file has no row", "Write it again with labelled rows")
    return Cells(columns=columns, lines=np.arange(1, table.num_rows + 1, dtype=np.int64))
