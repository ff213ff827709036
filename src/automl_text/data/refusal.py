"""How this room says no: one line with the file, the line and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 5


def refusal(file: str, what: str, remedy: str, *, line: int | None = None) -> InputError:
    """Return the error ``file, line N: what. Remedy.`` (or ``Did you mean x?``) with everything unprintable escaped.

    Parameters
    ----------
    file : str
        The path as the user wrote it.
    what, remedy : str
        Without a full stop at the end.
    line : int, optional
        Counts from 1.
    """
    place = f"{file}, line {line}" if line else file
    end = "" if remedy.endswith("?") else "."
    return InputError(printable(f"{place}: {what}. {remedy}{end}"))


def printable(text: str) -> str:
    r"""Return ``text`` with control and other unprintable characters as escapes such as ``\\n``."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 row`` or ``1,700 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: Sequence[object]) -> str:
    """Return ``a, b, c`` with at most five items and the number of the others."""
    rest = len(items) - _SHOWN
    return ", ".join(str(item) for item in items[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
