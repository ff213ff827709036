"""From a path, a pipe or standard input to rows, whatever of the usual formats they are in: the one reader."""

from __future__ import annotations

import csv
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np

from automl_text.files import ReadAs
from automl_text.tables.foreign import refuse_foreign
from automl_text.tables.formats import formats
from automl_text.tables.lines import LONGEST_CELL
from automl_text.tables.source import kept, open_source
from automl_text.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from automl_text.tables.source import Source
    from automl_text.tables.table import Incoming


@contextmanager
def open_table(
    data: str | Path, how: ReadAs | None = None, *, expected: tuple[str, ...] = ()
) -> Iterator[tuple[Incoming, Callable[[], float | None]]]:
    """Open ``data`` for reading chunk by chunk, and give it with a function that tells the share read so far.

    The content decides what format it is, not the name; no value is guessed to be missing: ``"NA"`` stays ``"NA"``.

    Parameters
    ----------
    data : str or Path
        ``-`` is standard input. Everything is opened once.
    expected : tuple of str
        Columns that the caller looks for: a first line that holds one of them is a header.

    Raises
    ------
    InputError
        For every file that cannot be read as meant, one line with file, line and remedy; faults further down are
        raised while chunks are read.
    """
    with _opened(data, how or ReadAs(), expected, keep=False) as (incoming, source):
        yield incoming, source.share_read


def read_table(data: str | Path, how: ReadAs | None = None, *, expected: tuple[str, ...] = ()) -> Table:
    """Read all of ``data`` as text.

    Raises
    ------
    InputError
        As `open_table`.
    """
    columns: dict[str, list[str]] = {}
    lines: list[int] = []
    with _opened(data, how or ReadAs(), expected, keep=True) as (incoming, source):
        for chunk in incoming.chunks:
            for name, cells in chunk.columns().items():
                column = columns.setdefault(name, [])
                column.extend([""] * (len(lines) - len(column)))
                column.extend(cells)
            lines.extend(chunk.lines)
            for column in columns.values():
                column.extend([""] * (len(lines) - len(column)))
        return Table(
            columns={name: columns[name] for name in (*incoming.names, *columns)},
            lines=np.asarray(lines, dtype=np.int64),
            file=incoming.file,
            file_name=source.name,
            format=incoming.format,
            encoding=incoming.encoding.name,
            separator=incoming.separator,
            has_header=incoming.has_header,
            findings=tuple(incoming.findings()),
            sha256=source.sha256(),
        )


@contextmanager
def _opened(
    data: str | Path, how: ReadAs, expected: tuple[str, ...], *, keep: bool
) -> Iterator[tuple[Incoming, Source]]:
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        with open_source(data, keep=keep) as opened:
            format_ = next(each for each in formats().values() if each.recognises(opened, how))
            if not format_.needs_copy:
                is_text = bool(how.separator or how.quote) or how.has_header is not None
                refuse_foreign(opened.file, opened.head, is_text=is_text)
            with kept(opened) if format_.needs_copy else nullcontext(opened) as source:
                yield format_.open(source, how, expected), source
    finally:
        csv.field_size_limit(limit)
