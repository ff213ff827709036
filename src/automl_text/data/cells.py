"""Values of any type turned into the text that a person would write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence


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
