"""JSONL: one object a line, every value kept as the text that stands in the file."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from automl_text.tables.delimited import Cells
from automl_text.tables.encoding import LINE_END
from automl_text.tables.table import cell_text
from automl_text.wording import refusal

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_REMEDY = 'Write one object a line, such as {"text": "where is my order", "category": "delivery"}'


class _RepeatedKeyError(ValueError):
    """A key stands twice in one object, so one of its values would be lost."""


def looks_like_json_lines(text: str) -> bool:
    """Return whether the first line that is not blank is a JSON object."""
    first = LINE_END.split(text.lstrip()[:100_000], maxsplit=1)[0]
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def read_json_lines(file: str, text: str) -> Cells:
    """Read one object a line; a key that a line leaves out, and null, are empty cells.

    Numbers keep the file's spelling (``1.50``), booleans are ``true`` and ``false``, lists and objects their
    JSON with numbers in quotes.

    Raises
    ------
    InputError
        For a line that is no JSON object, a key that occurs twice in one, a character that no file may hold,
        and a file without rows.
    """
    if text.lstrip()[:1] == "[":
        raise refusal(
            file,
            "this is one JSON array, not one object a line",
            "Convert it with: jq -c '.[]' FILE > rows.jsonl",
        )
    columns: dict[str, list[str]] = {}
    lines: list[int] = []
    for number, line in enumerate(LINE_END.split(text), start=1):
        if not line or line.isspace():
            continue
        for key, value in read_object(file, line, number, keep_spelling=True).items():
            column = columns.setdefault(key, [])
            column.extend([""] * (len(lines) - len(column)))
            column.append(cell_text(value))
        lines.append(number)
    if not columns:
        raise refusal(file, "there is no row", _REMEDY)
    for column in columns.values():
        column.extend([""] * (len(lines) - len(column)))
    return Cells(columns=columns, lines=np.asarray(lines, dtype=np.int64))


def read_object(file: str, line: str, number: int, *, keep_spelling: bool = False) -> dict[str, Any]:
    """Return the object that stands on one line.

    Parameters
    ----------
    file : str
        Begins every error message.
    line : str
    number : int
        Of the line, from 1.
    keep_spelling : bool
        Give numbers as the text that stands in the file.

    Raises
    ------
    InputError
        If it is no object, a key occurs twice, or an escape stands for what no file may hold.
    """
    as_text: dict[str, Any] = (
        dict.fromkeys(("parse_int", "parse_float", "parse_constant"), str) if keep_spelling else {}
    )
    try:
        content = json.loads(line, object_pairs_hook=_unique, **as_text)
    except RecursionError as error:
        raise refusal(file, "the line is nested too deeply", _REMEDY, line=number) from error
    except _RepeatedKeyError as error:
        raise refusal(
            file, f"the key {error.args[0]!r} occurs twice", "Give every key its own name", line=number
        ) from error
    except ValueError as error:
        raise refusal(file, f"this is not valid JSON ({error})", _REMEDY, line=number) from error
    if not isinstance(content, dict):
        raise refusal(file, "this is not a JSON object", _REMEDY, line=number)
    if "\\u" in line and any(_UNUSABLE.search(key + cell_text(value)) for key, value in content.items()):
        raise refusal(
            file, "an escape stands for NUL or for half a character", "Remove it or export again", line=number
        )
    return content


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _RepeatedKeyError(max(keys, key=keys.count))
    return content
