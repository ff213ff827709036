"""fastText's training files: ``__label__delivery where is my parcel``, one text a line."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from automl_text.tables.encoding import find_encoding
from automl_text.tables.formats import Format
from automl_text.tables.lines import Lines
from automl_text.tables.table import CHUNK_ROWS, Incoming, RowChunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from automl_text.files import ReadAs
    from automl_text.tables.source import Source
    from automl_text.tables.table import Chunk

_MARK = "__label__"
_LABELLED = re.compile(r"((?:__label__\S+\s+)*)(.*?)((?:\s+__label__\S+)*)", re.DOTALL)
_WITH_LABEL = re.compile(rb"(?:^|\s)__label__\S")
_NAMES = ("label", "text")
_FIRST, _LOOKED_AT = 100_000, 20
"""Bytes before the first label, and lines that must have one: labels stand before the text, or after it."""


def _recognises(source: Source, how: ReadAs) -> bool:
    head = source.head.lstrip(b"\xef\xbb\xbf \r\n")
    if how.separator or _MARK.encode() not in head[:_FIRST]:
        return False
    lines = [line for line in head.splitlines()[:_LOOKED_AT] if line.strip()]
    return head.startswith(_MARK.encode()) or (
        len(lines) > 1 and all(map(_WITH_LABEL.search, lines)) and not any(b'"' in line for line in lines)
    )


def _open(source: Source, how: ReadAs, _expected: tuple[str, ...]) -> Incoming:
    encoding = find_encoding(source, how.encoding)
    lines = Lines(source, encoding, is_asked=bool(how.encoding))
    return Incoming(
        file=source.file,
        format="fasttext",
        header=_NAMES,
        names=_NAMES,
        encoding=encoding,
        chunks=_chunks(enumerate(lines, start=1)),
    )


def _chunks(numbered: Iterator[tuple[int, str]]) -> Iterator[Chunk]:
    while some := list(islice(((number, line) for number, line in numbered if line.strip()), CHUNK_ROWS)):
        yield RowChunk(
            names=_NAMES, cells=[_cells(line) for _, line in some], lines=[number for number, _ in some]
        )


def _cells(line: str) -> list[str]:
    """Return (label, text); several labels are joined by ``|``, and a line without one has an empty label."""
    before, text, after = _LABELLED.fullmatch(line.strip()).groups()  # type: ignore[union-attr]  # it matches every text
    if not before and text.startswith(_MARK):  # a label and no text
        before, text = text, ""
    return ["|".join(mark.removeprefix(_MARK) for mark in f"{before} {after}".split()), text]


FORMAT = Format(turn=3, recognises=_recognises, open=_open)
