"""Words of the data made safe to look at: cut, and with nothing invisible left in them."""

from __future__ import annotations

import unicodedata

LABEL_LIMIT = 48
TEXT_LIMIT = 280
_KEPT = {"\n", "\t", "\u200c", "\u200d"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(text: str) -> str:
    r"""Return ``text`` with every invisible or direction-changing character written out.

    C0 controls become their pictures (ESC is ␛), all others ``[U+202E]``. Line feeds, tabs and the two joiners that
    scripts and emoji need are kept.

    Examples
    --------
    >>> visible("abc\u202egnp.exe")
    'abc[U+202E]gnp.exe'
    """
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def excerpt(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return ``text`` on one line, visible, and cut to at most ``limit`` characters with an ellipsis."""
    line = " ".join(text[: 4 * limit].split())
    shown = visible(line)
    if len(shown) <= limit and len(text) <= 4 * limit:
        return shown
    return shown[: limit - 1].rstrip() + "…"


def short_label(label: str) -> str:
    """Return a category's name as it is shown; an empty or blank one is named as such."""
    return excerpt(label, LABEL_LIMIT) or "(blank)"


def listing(words: tuple[str, ...], limit: int = 6) -> str:
    """Return ``a, b and c``; beyond ``limit`` the rest is counted."""
    shown = words[:limit]
    if len(words) > limit:
        return f"{', '.join(shown)} and {len(words) - limit} more"
    if len(shown) > 1:
        return f"{', '.join(shown[:-1])} and {shown[-1]}"
    return "".join(shown)


def _shown(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x20:  # noqa: PLR2004  (C0 controls have pictures at U+2400)
        return chr(0x2400 + code)
    return f"[U+{code:04X}]"
