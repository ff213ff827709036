"""JSON as people have it: one object a line, an array of records, columns, or these inside containers."""

from __future__ import annotations

import json
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from automl_text.tables.encoding import find_encoding
from automl_text.tables.formats import Format
from automl_text.tables.lines import Lines
from automl_text.tables.quoting import LABEL_NAMES, TEXT_NAMES
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
    from automl_text.tables.source import Source
    from automl_text.tables.table import Chunk

    Record = dict[str, Any]  # JSON holds any value

_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_LARGEST = 2**29
"""Characters of a document that is not one object a line, and is therefore read whole."""

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_REMEDY = 'Write one object a line, such as {"text": "where is my order", "category": "delivery"}'
_KNOWN = frozenset().union(*TEXT_NAMES, *LABEL_NAMES)
_EXAMPLES = {"patterns", "examples", "texts", "utterances", "sentences", "samples", "phrases", "queries"}
"""Keys under which a record holds several texts of one label."""

_DEEPEST = 4
_LONG_WORDS = 3


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
    is_row = any(
        key.casefold() in _KNOWN and not isinstance(each, list | dict) for key, each in value.items()
    )
    return is_row and _records(value) is None


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
    return refusal(file, f"this is not valid JSON ({error})", _REMEDY, line=line)


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
    if len(values) > 1:
        rows = _numbered(text, values)
        if not all(isinstance(value, dict) for _, value in rows):
            raise _no_table(file, [value for _, value in rows])
    else:
        found = _records(values[0][1])
        if found is None and isinstance(values[0][1], dict):
            found = (
                [values[0][1]] if not any(isinstance(v, list | dict) for v in values[0][1].values()) else None
            )
        if not found:
            raise _no_table(file, values[0][1])
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


def _records(value: Any, depth: int = 0) -> list[Record] | None:
    """Return the records that a JSON value plainly holds, in one of the ways that people write; None for others."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return _of_list(value)
    if isinstance(value, dict) and value:
        for way in (_of_columns, _of_pandas, _of_labels, _of_container):
            found = way(value, depth)
            if found:
                return found
    return None


def _of_list(values: list[Any]) -> list[Record] | None:
    if values and all(isinstance(each, dict) and each for each in values):
        return list(chain.from_iterable(map(_examples, values)))
    if values and all(isinstance(each, list) and each for each in values):
        widths = set(map(len, values))
        if len(widths) == 1 and not any(isinstance(cell, list | dict) for row in values for cell in row):
            return [{str(place): cell for place, cell in enumerate(row, start=1)} for row in values]
    return None


def _examples(record: Record) -> list[Record]:
    """Return the record, or one for each of its examples: ``{"intent": "greet", "examples": ["hello", "hi"]}``."""
    keys = [key for key, value in record.items() if key.casefold() in _EXAMPLES and isinstance(value, list)]
    if len(keys) != 1 or not all(isinstance(each, str | dict) for each in record[keys[0]]):
        return [record]
    rest = {key: value for key, value in record.items() if not isinstance(value, list | dict)}
    return [rest | (each if isinstance(each, dict) else {"text": each}) for each in record[keys[0]]]


def _of_columns(value: Record, depth: int) -> list[Record] | None:  # noqa: ARG001
    """Read ``{"text": {"0": …}, "label": {"0": …}}``, the same by rows, and ``{"text": […], "label": […]}``."""
    columns = list(value.values())
    if all(isinstance(column, dict) and column for column in columns):
        keys = list(columns[0])
        if any(list(column) != keys for column in columns) or any(
            isinstance(cell, list | dict) for column in columns for cell in column.values()
        ):
            return None
        is_by_row = not _KNOWN.isdisjoint(map(str.casefold, keys)) and len(keys) <= len(columns)
        return columns if is_by_row else [{name: value[name][key] for name in value} for key in keys]
    if len(columns) > 1 and all(isinstance(column, list) and column for column in columns):
        is_even = len(set(map(len, columns))) == 1
        is_flat = not any(isinstance(cell, list | dict) for column in columns for cell in column)
        if is_even and is_flat and not _KNOWN.isdisjoint(map(str.casefold, value)):
            return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    return None


def _of_pandas(value: Record, depth: int) -> list[Record] | None:  # noqa: ARG001
    """Read ``{"columns": […], "index": […], "data": [[…], …]}``, and ``{"schema": {…}, "data": [{…}, …]}``."""
    names, data = value.get("columns"), value.get("data")
    if isinstance(data, list) and isinstance(value.get("schema"), dict):
        return _of_list(data)
    if not isinstance(names, list) or not isinstance(data, list):
        return None
    if not data or not all(isinstance(row, list) and len(row) == len(names) for row in data):
        return None
    return [dict(zip(map(str, names), row, strict=True)) for row in data]


def _of_labels(value: Record, depth: int) -> list[Record] | None:  # noqa: ARG001
    """Read ``{"delivery": ["where is it", …], "billing": […]}``: texts by label, of unequal numbers."""
    if not all(isinstance(texts, list) and texts for texts in value.values()) or len(value) == 1:
        return None
    if not all(isinstance(text, str) for texts in value.values() for text in texts):
        return None
    if len(set(map(len, value.values()))) == 1 and not _are_texts(value):  # they could as well be columns
        return None
    return [{"text": text, "label": label} for label, texts in value.items() for text in texts]


def _are_texts(value: Record) -> bool:
    """Return whether every list holds texts of several words, and no key is the usual name of a column."""
    n_words = [sum(len(text.split()) for text in texts) / len(texts) for texts in value.values()]
    return min(n_words) >= _LONG_WORDS and _KNOWN.isdisjoint(map(str.casefold, value))


def _of_container(value: Record, depth: int) -> list[Record] | None:
    """Read ``{"data": […]}``, and ``{"train": […], "test": […]}`` with a column that says which."""
    found = {name: records for name, each in value.items() if (records := _records(each, depth + 1))}
    if len(found) == 1:
        return next(iter(found.values()))
    wide = [records for records in found.values() if len(records[0]) > 1]
    if len(wide) == 1 and not any(
        TEXT_NAMES[0] & set(records[0]) for records in found.values() if records is not wide[0]
    ):
        return wide[0]  # the others list names, of labels or columns
    names = {tuple(records[0]) for records in found.values()}
    if not found or len(names) > 1 or "split" in next(iter(names)):
        return None
    return [{**record, "split": name} for name, records in found.items() for record in records]


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _JsonError(max(keys, key=keys.count))
    return content


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=Spelled, parse_constant=Spelled)

FORMAT = Format(turn=4, recognises=_recognises, open=_open)
