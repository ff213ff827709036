"""The errors that a person sees: one line that says what, where and how to put it right."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class AutomlTextError(Exception):
    """Base of every error that ends a command with one line on stderr."""

    exit_code = 1


class InputError(AutomlTextError):
    """The data, a file or an option is wrong; the message names the remedy. Exit code 2."""

    exit_code = 2


class RunError(AutomlTextError):
    """The run itself could not be finished. Exit code 1."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name most like ``name``, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def refuse_below(least: int, **values: int | None) -> None:
    """Raise InputError if one of ``values`` is below ``least``; what was not given is not looked at."""
    for name, value in values.items():
        if value is not None and value < least:
            raise InputError(f"{name} is {value}: it must be at least {least}.")
