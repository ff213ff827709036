"""A few thousand rows of a file at a time, as each format holds them: texts to judge, and cells to pass on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from automl_text.tables.table import cell_text
from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from automl_text.tables.table import Format

CHUNK_ROWS = 8192
CHUNK_CHARACTERS = 2**24
"""A chunk ends after this many rows or characters, whichever comes first, so a few long texts fit in memory too."""


class Chunk(Protocol):
    """Some rows of a file."""

    def texts(self, columns: Sequence[str]) -> list[str]:
        """Return one text a row: the cells of ``columns``, joined by a newline."""

    def rows(self) -> Iterator[list[str]]:
        """Yield each row's cells as text, in the order of the header."""

    def records(self) -> Iterator[dict[str, Any]]:  # JSON holds any value
        """Yield each row as an object, with the values of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A file that is read chunk by chunk.

    Attributes
    ----------
    file : str
        As the user wrote it; begins every message.
    format : "csv", "jsonl" or "parquet"
    header : tuple of str
        Names of the columns as they stand in the file.
    names : tuple of str
        The same, but a column without a name is ``column 3``.
    separator : str
        Empty where the format has none.
    chunks : iterator of Chunk
    schema : object
        Arrow's schema of a Parquet file, None otherwise.
    """

    file: str
    format: Format
    header: tuple[str, ...]
    names: tuple[str, ...]
    separator: str = ""
    chunks: Iterator[Chunk]
    schema: Any = None  # pyarrow has no types


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChunk:
    """Rows of CSV."""

    names: tuple[str, ...]
    cells: list[list[str]]

    def texts(self, columns: Sequence[str]) -> list[str]:
        """See `Chunk`."""
        places = [self.names.index(name) for name in columns]
        if len(places) == 1:
            return [row[places[0]] for row in self.cells]
        return ["\n".join(row[place] for place in places) for row in self.cells]

    def rows(self) -> Iterator[list[str]]:
        """See `Chunk`."""
        return iter(self.cells)

    def records(self) -> Iterator[dict[str, Any]]:
        """See `Chunk`."""
        return (dict(zip(self.names, row, strict=True)) for row in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChunk:
    """Rows of JSONL or Parquet, with the line of each."""

    file: str
    names: tuple[str, ...]
    objects: list[dict[str, Any]]
    lines: Sequence[int]

    def texts(self, columns: Sequence[str]) -> list[str]:
        """See `Chunk`."""
        return [
            "\n".join(cell_text(row.get(name), errors="replace") for name in columns) for row in self.objects
        ]

    def rows(self) -> Iterator[list[str]]:
        """See `Chunk`; a key that the first line lacks has no column, and is refused rather than lost."""
        known = frozenset(self.names)
        for row, line in zip(self.objects, self.lines, strict=True):
            if not known.issuperset(row):
                new = next(name for name in row if name not in known)
                raise refusal(
                    self.file,
                    f"the key {new!r} does not stand on the first line, so the CSV has no column for it",
                    "Write JSONL instead: -o predictions.jsonl",
                    line=line,
                )
            yield [cell_text(row.get(name), errors="replace") for name in self.names]

    def records(self) -> Iterator[dict[str, Any]]:
        """See `Chunk`."""
        return iter(self.objects)
