"""From columns in memory to a `Table`, as if a file had held them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.cells import as_text
from automl_text.data.table import Table
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def table_of(columns: Mapping[str, Sequence[Any]], *, name: str) -> Table:
    """Return columns of any type as a table of text, whose lines are the rows' numbers, counted from 1.

    Parameters
    ----------
    columns : mapping of str to sequence of length n_rows
        None and NaN are empty cells.
    name : str
        Stands where a file's name would: in the report and in every error.

    Raises
    ------
    InputError
        If there is no row.
    """
    texts = {key: as_text(values) for key, values in columns.items()}
    n_rows = len(next(iter(texts.values()), ()))
    if not n_rows:
        raise refusal(name, "there is no row", "Give labelled texts")
    content = json.dumps(list(texts.items())).encode()  # ASCII, so that lone surrogates have a digest too
    return Table(
        columns=texts,
        lines=np.arange(1, n_rows + 1, dtype=np.int64),
        file=name,
        file_name=name,
        format="memory",
        encoding="utf-8",
        is_encoding_guess=False,
        separator="",
        sha256=hashlib.sha256(content).hexdigest(),
    )


def frame_columns(frame: Any) -> dict[str, list[Any]]:  # a pandas or polars DataFrame, neither imported
    """Return the columns of a pandas or polars DataFrame, with None for what is missing.

    Raises
    ------
    InputError
        If several columns have one name.
    """
    names = [str(name) for name in frame.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise refusal(
            "DataFrame", f"several columns are called {listed(repeated)}", "Give every column its own name"
        )
    return {str(name): plain_list(frame[name]) for name in frame.columns}


def plain_list(values: Any) -> list[Any]:  # a list, an array, a pandas or polars Series
    """Return the values as a list of Python objects, with None where pandas marks a missing one."""
    if hasattr(values, "isna"):  # pandas: pd.NA refuses to be compared, so its mask decides
        missing = values.isna()
        return [None if gap else value for value, gap in zip(values.tolist(), missing, strict=True)]
    return values.tolist() if hasattr(values, "tolist") else list(values)
