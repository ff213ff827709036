"""`Table`: a file as columns of text, before anybody knows which column is which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
