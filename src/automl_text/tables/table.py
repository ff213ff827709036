"""Rows as they were read: a `Table` whole, or `Chunk` by chunk, before anybody knows which column is which."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.results import Finding

CHUNK_ROWS = 8192
CHUNK_CHARACTERS = 2**24
"""A chunk ends after this many rows or characters, whichever comes first, so a few long texts fit in memory too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A file's encoding by Python's name, and what speaks for it."""

    name: str = "utf-8"
    is_guess: bool = False
    """Nothing in the file proves it, but its letters make sense so."""
    example: str = ""
    """Of a guess: the first text beyond ASCII, decoded."""


class Chunk(Protocol):
    """Some rows of a file."""

    @property
    def lines(self) -> Sequence[int]:
        """Line of the file (first line is 1) on which each row begins; the row's number where there are no lines."""

    def columns(self) -> dict[str, list[str]]:
        """Return the cells as text by column; all of one length."""

    def texts(self, columns: Sequence[str]) -> list[str]:
        """Return one text a row: the cells of ``columns``, joined by a newline."""

    def rows(self) -> Iterator[list[str]]:
        """Yield each row's cells as text, in the order of the header."""

    def records(self) -> Iterator[dict[str, Any]]:  # JSON holds any value
        """Yield each row as an object, with the values of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An open file that is read chunk by chunk."""

    file: str
    """As the user wrote it; begins every message."""
    format: str
    """Name of the module of `tables.formats` that reads it."""
    header: tuple[str, ...]
    """Names of the columns as they stand in the file."""
    names: tuple[str, ...]
    """The same, but a column without a name is ``column 3``."""
    chunks: Iterator[Chunk]
    separator: str = ""
    """Empty where the format has none."""
    encoding: Encoding = field(default_factory=Encoding)
    has_header: bool = True
    schema: Any = None
    """Arrow's schema of a Parquet file; pyarrow has no types."""
    findings: Callable[[], list[Finding]] = list
    """What the reader noticed; complete when the chunks are read."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A file's cells, all of them text."""

    columns: dict[str, list[str]]
    """In the file's order, each of length n_rows. An empty cell is ``""``; ``"NA"``, ``"None"``, ``"null"`` and
    ``"nan"`` are text like any other."""
    lines: NDArray[np.int64]
    """Of shape (n_rows,): see `Chunk.lines`."""
    file: str
    """The path as given."""
    file_name: str
    """Its last part."""
    format: str
    sha256: str
    """Digest of the file's bytes."""
    encoding: str = "utf-8"
    separator: str = ""
    """One character; empty for formats without one and for a table of one column."""
    has_header: bool = True
    findings: tuple[Finding, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.columns)

    @property
    def n_rows(self) -> int:
        """Number of rows, the header not counted."""
        return len(self.lines)

    def texts(self, columns: Sequence[str]) -> list[str]:
        """Return one text a row: the cells of ``columns``, joined by a newline."""
        return ["\n".join(cells) for cells in zip(*(self.columns[name] for name in columns), strict=True)]


class Spelled(float):
    """A number of JSON that is remembered as the file spells it: ``1.50``."""

    def __new__(cls, spelling: str) -> Self:
        """Return the number; ``str`` gives the spelling."""
        number = super().__new__(cls, spelling)
        number._spelling = spelling
        return number

    def __str__(self) -> str:
        return self._spelling

    _spelling: str


def cell_text(value: object, *, errors: Literal["strict", "replace"] = "replace") -> str:
    """Return a value as the text that a person would write.

    Nulls and empty lists are empty, a list of one text is that text, booleans are ``true`` and ``false``, dates ISO
    8601; ``errors`` says what happens to bytes that are no UTF-8.
    """
    if isinstance(value, str | Spelled):
        return str(value)
    if value is None or value != value:  # noqa: PLR0124  (NaN marks a missing number in pandas)
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors)
    if isinstance(value, list) and len(value) < 2 and all(isinstance(each, str) for each in value):  # noqa: PLR2004
        return "".join(value)
    if isinstance(value, bool | list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def as_text(values: Sequence[Any]) -> list[str]:  # whatever types a file or a frame declares
    """Return `cell_text` of each value; bytes must be UTF-8."""
    if {type(value) for value in values} == {str}:
        return list(values)
    return [cell_text(value, errors="strict") for value in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChunk:
    """Rows of text cells."""

    names: tuple[str, ...]
    cells: list[list[str]]
    lines: Sequence[int]

    def columns(self) -> dict[str, list[str]]:
        """See `Chunk`."""
        return dict(zip(self.names, map(list, zip(*self.cells, strict=True)), strict=True))

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


_DEEPEST = 4


def flat(record: dict[str, Any], depth: int = 1) -> dict[str, Any]:  # JSON holds any value
    """Return a record whose objects are spread over columns: ``{"message": {"text": "hi"}}`` has ``message.text``.

    What roles say is spread too: ``{"messages": [{"role": "user", "content": "hi"}]}`` has ``messages.user``.

    Examples
    --------
    >>> flat({"id": 7, "message": {"text": "hi", "lang": "en"}, "tags": ["a"]})
    {'id': 7, 'message.text': 'hi', 'message.lang': 'en', 'tags': ['a']}
    """
    kinds = {type(value[0] if isinstance(value, list) and value else value) for value in record.values()}
    if depth > _DEEPEST or dict not in kinds:
        return record
    spread: dict[str, Any] = {}
    for key, given in record.items():
        value = _said(given) if isinstance(given, list) else given
        inner = flat(value, depth + 1) if isinstance(value, dict) and value else None
        names = {key: value} if inner is None else {f"{key}.{name}": each for name, each in inner.items()}
        if not spread.keys().isdisjoint(names) or (inner and not record.keys().isdisjoint(names)):
            return record  # a key that holds dots already: nothing may be lost
        spread |= names
    return spread


def _said(values: list[Any]) -> Any:  # JSON holds any value
    """Return what each role says, where a list is such a conversation and no role speaks twice; else the list."""
    if not values or not all(
        isinstance(each, dict) and each.keys() >= {"role", "content"} for each in values
    ):
        return values
    said = {str(each["role"]): each["content"] for each in values}
    return said if len(said) == len(values) else values


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChunk:
    """Rows of values of any type, some without every key; objects in them are read as `flat` spreads them."""

    file: str
    names: tuple[str, ...]
    objects: list[dict[str, Any]]
    lines: Sequence[int]

    def columns(self) -> dict[str, list[str]]:
        """See `Chunk`; a key that a row leaves out is an empty cell."""
        rows = [flat(row) for row in self.objects]
        names = dict.fromkeys(self.names) | {name: None for row in rows for name in row}
        try:
            return {name: as_text([row.get(name) for row in rows]) for name in names}
        except UnicodeDecodeError as error:
            raise refusal(
                self.file, f"it holds bytes that are not UTF-8 ({error})", "Write it again"
            ) from error

    def texts(self, columns: Sequence[str]) -> list[str]:
        """See `Chunk`."""
        return ["\n".join(cell_text(row.get(name)) for name in columns) for row in map(flat, self.objects)]

    def rows(self) -> Iterator[list[str]]:
        """See `Chunk`; a key that the first row lacks has no column, and is refused rather than lost."""
        known = frozenset(self.names)
        for row, line in zip(map(flat, self.objects), self.lines, strict=True):
            new = next((name for name, value in row.items() if name not in known and value is not None), None)
            if new is not None:
                raise refusal(
                    self.file,
                    f"the key {new!r} does not stand on the first line, so the CSV has no column for it",
                    "Write JSONL instead: -o predictions.jsonl",
                    line=line,
                )
            yield [cell_text(row.get(name)) for name in self.names]

    def records(self) -> Iterator[dict[str, Any]]:
        """See `Chunk`."""
        return iter(self.objects)
