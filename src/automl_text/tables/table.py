"""`Table`: a file as columns of text, before anybody knows which column is which."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def as_text(values: Sequence[Any]) -> list[str]:  # whatever types a file or a frame declares
    """Return nulls as empty strings, booleans as ``true`` and ``false``, dates as ISO 8601, strings as they are."""
    if {type(value) for value in values} == {str}:
        return list(values)
    return [cell_text(value) for value in values]


def cell_text(value: object, *, errors: Literal["strict", "replace"] = "strict") -> str:
    """Return one value as `as_text` does; ``errors`` says what happens to bytes that are no UTF-8."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # noqa: PLR0124  (NaN marks a missing number in pandas)
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", errors)
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


Format = Literal["csv", "jsonl", "parquet", "memory"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A file's cells, all of them text.

    Attributes
    ----------
    columns : dict of str to list of str, each of length n_rows
        In the file's order. An empty cell is ``""``; ``"NA"``, ``"None"``, ``"null"`` and ``"nan"`` are text like
        any other.
    lines : ndarray of int64, shape (n_rows,)
        Line of the file (first line is 1) on which each row begins; the row's number in a Parquet file and in memory.
    file : str
        The path as given.
    file_name : str
        Its last part.
    format : "csv", "jsonl", "parquet" or "memory"
    encoding : str
        ``utf-8`` for Parquet and in memory.
    is_encoding_guess : bool
        True where nothing but plausibility speaks for the encoding.
    separator : str
        One character; empty for formats without one and for a table of one column.
    sha256 : str
        Digest of the file's bytes.
    """

    columns: dict[str, list[str]]
    lines: NDArray[np.int64]
    file: str
    file_name: str
    format: Format
    encoding: str
    is_encoding_guess: bool
    separator: str
    sha256: str

    @property
    def n_rows(self) -> int:
        """Number of rows, the header not counted."""
        return len(self.lines)
