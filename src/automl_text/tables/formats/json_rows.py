"""JSON as people have it: one object a line, an array of records, columns, or these inside containers."""

from __future__ import annotations

import json
import math
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from automl_text.tables.encoding import find_encoding
from automl_text.tables.formats import Format
from automl_text.tables.json_records import is_record, records_in
from automl_text.tables.lines import Lines
from automl_text.tables.table import (
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    Incoming,
    RecordChunk,
    Spelled,
    cell_text,
    flat,
)
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from automl_text.errors import InputError
    from automl_text.files import ReadAs
    from automl_text.tables.json_records import Record
    from automl_text.tables.source import Source
    from automl_text.tables.table import Chunk

_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_LARGEST = 2**29
"""Characters of a document that is not one object a line, and is therefore read whole."""

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_REMEDY = 'Write one object a line, such as {"text": "where is my order", "category": "delivery"}'
_PANDAS = "In pandas: table.to_json('data.jsonl', orient='records', lines=True)"
_FAULTS = tuple(
    (re.compile(what, re.IGNORECASE), said, remedy)
    for what, said, remedy in (
        (r"(//|/\*|#)", "a comment stands here, and JSON has none", "Delete the comments"),
        (
            r"'",
            "names or texts stand in single quotes, as Python prints them",
            f"Write JSON instead. {_PANDAS}",
        ),
        (
            r"(none|true|false|nan|undefined)\b",
            "a word such as None, True or nan stands here, where JSON says null, true or NaN",
            f"Write JSON instead. {_PANDAS}",
        ),
        (r"[\]}]", "a comma stands before the closing bracket", "Delete that comma"),
        (
            r",",
            "a comma follows the object",
            "Delete these commas, or put [ before the first object and ] behind the last",
        ),
        (
            r"[a-z_$][\w$.]*\s*:",
            "the name of a value stands without quotes",
            f'Write it in double quotes, such as "text". {_PANDAS}',
        ),
        (
            r"[a-z_$][\w$. ]*[=(]",
            "JavaScript stands around the JSON",
            "Keep what is between the outer brackets alone",
        ),
        (r"$", "it ends in the middle of a value", "The file is cut off: copy or export it again"),
    )
)
"""What stands where JSON cannot be read on."""
_SAID = {
    "Illegal trailing": ("a comma stands before the closing bracket", "Delete that comma"),
    "Invalid control": ("a line end or tab stands inside a text", 'Write it as "\\n" or "\\t"'),
    "Invalid \\": (
        "a backslash stands before a character that it cannot escape",
        "Write the backslash twice",
    ),
    "Unterminated": (
        "a text begins here and never ends",
        "The file is cut off, or a quote inside a text lacks its backslash",
    ),
    "Expecting ',' delimiter": (
        "a comma or a bracket is missing here",
        'Write a quote inside a text as \\"; else export the file again',
    ),
}
"""What the json module says where the place does not tell, in other words."""
_TELLING = ("", "/", "#")


_PYTHON = re.compile(r"\[?\s*\{\s*'[^'\n]+'\s*:")


class _JsonError(ValueError):
    """A key stands twice in one object, so one of its values would be lost."""


def _recognises(source: Source, how: ReadAs) -> bool:
    if how.separator:
        return False
    if source.suffix in _SUFFIXES:
        return True
    text = source.head.replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd \t\r\n")
    if text[:1] not in ("{", "["):
        return False
    if _PYTHON.match(text):
        return True
    first = re.split(r"[\r\n]", text[:100_000], maxsplit=1)[0]
    return _begins_with_value(first, is_cut=False) or _begins_with_value(text, is_cut=not source.is_whole)


def _begins_with_value(text: str, *, is_cut: bool) -> bool:
    """Return whether the text begins with an object or array, which may be cut off."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except RecursionError:
        return False
    except ValueError as error:
        return is_cut and getattr(error, "pos", 0) > len(text) - 10_000
    return isinstance(value, dict) or (isinstance(value, list) and bool(value))


def _open(source: Source, how: ReadAs, _expected: tuple[str, ...]) -> Incoming:
    encoding = find_encoding(source, how.encoding)
    lines = Lines(source, encoding, is_asked=bool(how.encoding), longest=_LARGEST)
    stream = iter(lines)
    before = list(_until_two(stream))
    numbered = enumerate(chain(before, stream), start=1)
    if _is_lines(before, source.suffix):
        first = next(line for line in before if line.strip())
        names = tuple(flat(_object(source.file, first, 1)))
        chunks = _line_chunks(source.file, names, numbered)
    else:
        rows = _document(source.file, "".join(line for _, line in numbered))
        names = tuple({name: None for _, record in rows for name in flat(record)})
        chunks = _record_chunks(source.file, names, rows)
    return Incoming(
        file=source.file, format="json_rows", header=names, names=names, encoding=encoding, chunks=chunks
    )


def _until_two(stream: Iterator[str]) -> Iterator[str]:
    """Yield lines until two of them are not blank."""
    n_filled = 0
    for line in stream:
        yield line
        n_filled += not line.isspace()
        if n_filled == 2:  # noqa: PLR2004
            return


def _is_lines(before: list[str], suffix: str) -> bool:
    """Return whether each line is an object: the first is one, and another line follows or it holds no rows itself."""
    filled = [line for line in before if line.strip()]
    try:
        value = json.loads(filled[0], parse_constant=str) if filled else None
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict):
        return False
    if len(filled) > 1 or suffix in {".jsonl", ".ndjson"}:
        return True
    return is_record(value) and records_in(value) is None


def _line_chunks(file: str, names: tuple[str, ...], numbered: Iterable[tuple[int, str]]) -> Iterator[Chunk]:
    objects: list[Record] = []
    numbers: list[int] = []
    size = 0
    for number, line in numbered:
        if line.isspace():
            continue
        objects.append(_object(file, line, number))
        numbers.append(number)
        size += len(line)
        if len(objects) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
            yield RecordChunk(file=file, names=names, objects=objects, lines=numbers)
            objects, numbers, size = [], [], 0
    if objects:
        yield RecordChunk(file=file, names=names, objects=objects, lines=numbers)


def _record_chunks(file: str, names: tuple[str, ...], rows: list[tuple[int, Record]]) -> Iterator[Chunk]:
    numbered = iter(rows)
    while some := list(islice(numbered, CHUNK_ROWS)):
        lines, objects = zip(*some, strict=True)
        yield RecordChunk(file=file, names=names, objects=list(objects), lines=lines)


def _object(file: str, line: str, number: int) -> Record:
    """Return the object that stands on one line.

    Raises
    ------
    InputError
        If it is no object, a key occurs twice, or an escape stands for what no file may hold.
    """
    try:
        content = _DECODER.decode(line.strip())
    except (ValueError, RecursionError) as error:
        raise _invalid(file, error, number) from error
    if not isinstance(content, dict):
        raise refusal(file, "this is not a JSON object", _REMEDY, line=number)
    if "\\u" in line:
        _check_escapes(file, content, number)
    return content


def _check_escapes(file: str, record: Record, number: int) -> None:
    if any(_UNUSABLE.search(key + cell_text(value)) for key, value in record.items()):
        what = "an escape stands for NUL or for half a character"
        raise refusal(file, what, "Remove it or export again", line=number)


def _invalid(file: str, error: Exception, line: int) -> InputError:
    if isinstance(error, RecursionError):
        return refusal(file, "the line is nested too deeply", _REMEDY, line=line)
    if isinstance(error, _JsonError):
        return refusal(
            file, f"the key {error.args[0]!r} occurs twice", "Give every key its own name", line=line
        )
    if not isinstance(error, json.JSONDecodeError):
        return refusal(file, f"this is not valid JSON: {error}", _REMEDY, line=line)
    rest = error.doc[error.pos :].lstrip()
    if error.msg == "Extra data" and rest.startswith(("{", "[")):
        return refusal(file, "several values stand on this line", _REMEDY, line=line)
    said = [
        words for start, words in _SAID.items() if error.msg.startswith(start) and rest[:1] not in _TELLING
    ]
    found = [words for what, *words in _FAULTS if what.match(rest)]
    what, remedy = next(chain(said, found), (error.msg.lower(), _REMEDY))
    return refusal(file, f"this is not valid JSON: {what}", remedy, line=line)


def _document(file: str, text: str) -> list[tuple[int, Record]]:
    """Return the records of a text that is one JSON value, or several that are not one a line, with line or place."""
    values: list[tuple[int, Any]] = []
    place = _skip(text, 0)
    while place < len(text):
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            at = getattr(error, "pos", place)
            raise _invalid(file, error, 1 + text.count("\n", 0, at)) from error
        values.append((place, value))
        place = _skip(text, end)
    if not values:
        raise refusal(file, "there is no row", _REMEDY)
    only = values[0][1] if len(values) == 1 else [value for _, value in values]
    if len(values) > 1 and all(isinstance(value, dict) for value in only):
        rows = _numbered(text, values)
    else:
        found = records_in(only)
        if (
            not found
            and isinstance(only, dict)
            and only
            and not any(isinstance(v, list | dict) for v in only.values())
        ):
            found = [only]
        if not found:
            raise _no_table(file, only)
        rows = list(enumerate(found, start=1))
    if "\\u" in text:
        for number, record in rows:
            _check_escapes(file, record, number)
    return rows


def _skip(text: str, place: int) -> int:
    """Return where the next character stands that is not blank."""
    found = _FILLED.search(text, place)
    return found.start() if found else len(text)


_FILLED = re.compile(r"[^\s\ufeff]")


def _numbered(text: str, values: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    rows, line, before = [], 1, 0
    for place, value in values:
        line += text.count("\n", before, place)
        before = place
        rows.append((line, value))
    return rows


def _no_table(file: str, value: Any) -> InputError:
    if isinstance(value, dict):
        kind = f"an object with {listed(list(value), in_quotes=True)}" if value else "an empty object"
    elif isinstance(value, list):
        kind = "an array whose elements are no records of one kind" if value else "an empty array"
    else:
        kind = "a single value"
    return refusal(
        file,
        f"this is valid JSON, but no table: {kind}",
        'Write an array of records, such as [{"text": "where is my order", "category": "delivery"}], or one a line',
    )


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _JsonError(max(keys, key=keys.count))
    return content


def _constant(name: str) -> float:
    """Return a number without digits; NaN is none, as in every other format, and Infinity keeps its name."""
    return math.nan if name == "NaN" else Spelled(name)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=Spelled, parse_constant=_constant)

FORMAT = Format(turn=4, recognises=_recognises, open=_open)
