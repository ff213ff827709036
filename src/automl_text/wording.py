"""Words for people: why something is refused, things counted and listed, texts of the data made safe to look at."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from automl_text.errors import InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LABEL_LIMIT = 48
_TEXT_LIMIT = 280
_COUNTED = ("LSTM", "encoder")
"""Ends of titles that take an article in a sentence."""
_SHOWN = 5
_LONGEST_NAME = 60
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BLOCK = "\n\t\u200c\u200d"
"""What `printable` may keep where more than one line is shown: line ends, tabs, the joiners of scripts and emoji."""


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
    said = printable(f"{place}: {what}. {remedy}{end}")
    # a blank that is none, such as a no-break space in the name of a column, is seen
    return InputError("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in said))


def no_column(
    file: str, name: str, known: Iterable[str], *, option: str = "", remedy: str = ""
) -> InputError:
    """Return the error for a column that is not among ``known``: the nearest name, else ``remedy``, else all names."""
    known = list(known)
    what = f"{option} {name!r}: there is no such column" if option else f"there is no column {name!r}"
    return refusal(file, what, nearest(name, known).strip() or remedy or f"It has {listed(known)}")


def printable(text: str, *, kept: str = "") -> str:
    r"""Return ``text`` with everything invisible or direction-changing as an escape, but for the characters ``kept``.

    Examples
    --------
    >>> printable("abc\u202egnp.exe")
    'abc\\u202egnp.exe'
    """
    if text.isprintable():
        return text
    return "".join(_shown(character, kept) for character in text)


def _shown(character: str, kept: str) -> str:
    if character in kept or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")


def folded(text: str) -> str:
    """Return ``text`` so that two texts which differ by case and blanks alone are equal."""
    return " ".join(text.casefold().split())


def excerpt(text: str, limit: int = _TEXT_LIMIT) -> str:
    """Return ``text`` on one line, printable, and cut to at most ``limit`` characters with an ellipsis."""
    shown = printable(" ".join(text[: 4 * limit].split()), kept=BLOCK)
    if len(shown) <= limit and len(text) <= 4 * limit:
        return shown
    return shown[: limit - 1].rstrip() + "…"


def short_label(label: str) -> str:
    """Return a category's name as it is shown; an empty or blank one is named as such."""
    return excerpt(label, _LABEL_LIMIT) or "(blank)"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 row`` or ``1,700 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def rows_are(n: int) -> str:
    """Return ``1 row is`` or ``12 rows are``."""
    return counted(n, "row is", "rows are")


def rows_have(n: int) -> str:
    """Return ``1 row has`` or ``12 rows have``."""
    return counted(n, "row has", "rows have")


def mid_sentence(title: str) -> str:
    """Return the title as it stands in a sentence: "logistic regression", "LightGBM", "the LSTM"."""
    first, blank, rest = title.partition(" ")
    words = f"{first.lower() if first[1:].islower() else first}{blank}{rest}"
    return f"the {words}" if words.endswith(_COUNTED) else words


def listed(items: Sequence[object], limit: int = _SHOWN, *, in_quotes: bool = False) -> str:
    """Return ``a, b and c``; beyond ``limit`` the rest is counted: ``a, b and 7 more``.

    In quotes, as names of the data should be, each item is cut to 60 characters.
    """
    words = [_in_quotes(str(item)) if in_quotes else str(item) for item in items[:limit]]
    if len(items) > limit:
        words.append(f"{len(items) - limit} more")
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def _in_quotes(name: str) -> str:
    return repr(name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…")
