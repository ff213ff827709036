"""Which records a JSON value holds, in one of the ways that people write them."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

from automl_text.tables.header import LABEL_NAMES, TEXT_NAMES

Record = dict[str, Any]
"""One row; JSON holds any value."""

_KNOWN = frozenset().union(*TEXT_NAMES, *LABEL_NAMES)
_EXAMPLES = {"patterns", "examples", "texts", "utterances", "sentences", "samples", "phrases", "queries"}
"""Keys under which a record holds several texts of one label."""

_SPLIT = re.compile("train|test|val|dev|eval|fold|split|part", re.IGNORECASE)
_DEEPEST = 4
_LONG_WORDS = 3


def is_record(value: Record) -> bool:
    """Return whether an object is one row: a key is a usual name of a column, and says one value."""
    return any(key.casefold() in _KNOWN and not isinstance(each, list | dict) for key, each in value.items())


def records_in(value: Any, depth: int = 0) -> list[Record] | None:
    """Return the records that a JSON value plainly holds, in one of the ways that people write; None for others."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return _of_list(value)
    if isinstance(value, dict) and value:
        for way in (_of_columns, _of_pandas, _of_labels, _of_pairs, _of_container):
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
    """Return the record, or one for each of its examples: ``{"intent": "greet", "examples": ["hello", "hi"]}``.

    Records without a text, but with a name and one list of records that have one, are opened too: intents of queries.
    A text in pieces is one: ``{"data": [{"text": "play "}, {"text": "jazz", "entity": "genre"}]}``.
    """
    pieces = record.get("data") if len(record) == 1 else None
    if isinstance(pieces, list) and all(isinstance(each, dict) and each.get("text") for each in pieces):
        return [{"text": "".join(map(str, (each["text"] for each in pieces)))}]
    lists = {key: value for key, value in record.items() if isinstance(value, list) and value}
    keys = [key for key in lists if key.casefold() in _EXAMPLES]
    if not keys and not _has_text(record) and len(lists) == 1:
        keys = [key for key, value in lists.items() if all(isinstance(each, dict) for each in value)]
    if len(keys) != 1 or not all(isinstance(each, str | dict) for each in lists[keys[0]]):
        return [record]
    rest = {key: value for key, value in record.items() if not isinstance(value, list | dict)}
    if not rest:
        return [record]
    texts = [each if isinstance(each, dict) else {"text": each} for each in lists[keys[0]]]
    inner = list(chain.from_iterable(map(_examples, texts)))
    is_opened = keys[0].casefold() in _EXAMPLES or all(map(_has_text, inner))
    return [rest | each for each in inner] if is_opened else [record]


def _has_text(record: Record) -> bool:
    """Return whether an object says a text, or holds another object that may."""
    return any(key.casefold() in TEXT_NAMES[0] or isinstance(value, dict) for key, value in record.items())


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


def _of_pairs(value: Record, depth: int) -> list[Record] | None:
    """Read ``{"where is my parcel": "delivery", …}``: texts with their labels, which repeat."""
    labels = list(value.values())
    if depth or not all(isinstance(label, str) for label in labels) or 2 * len(set(labels)) > len(labels):
        return None
    n_words = sum(len(text.split()) for text in value) / len(value)
    return [{"text": t, "label": c} for t, c in value.items()] if n_words >= _LONG_WORDS else None


def _of_container(value: Record, depth: int) -> list[Record] | None:
    """Read ``{"data": […]}``, and ``{"train": […], "test": […]}`` with a column that says which."""
    found = {name: records for name, each in value.items() if (records := records_in(each, depth + 1))}
    if len(found) == 1:
        return next(iter(found.values()))
    wide = [records for records in found.values() if len(records[0]) > 1]
    if len(wide) == 1 and not any(
        TEXT_NAMES[0] & set(records[0]) for records in found.values() if records is not wide[0]
    ):
        return wide[0]  # the others list names, of labels or columns
    names = {tuple(records[0]) for records in found.values()}
    column = "split" if all(map(_SPLIT.search, found)) else "label"
    if not found or len(names) > 1 or column in next(iter(names)):
        return None
    return [{**record, column: name} for name, records in found.items() for record in records]
