"""From bytes to text: which encoding, and when to refuse rather than to guess."""

from __future__ import annotations

import codecs
import difflib
import encodings.aliases
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.wording import refusal

if TYPE_CHECKING:
    from automl_text.errors import InputError
    from automl_text.tables.source import Source

_BOMS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_NOT_FOR_FILES = frozenset(
    {"unicode_escape", "raw-unicode-escape", "unicode-escape", "idna", "punycode", "undefined"}
)
"""Text encodings of Python that no file is in; some warn or run for minutes."""

_SURROGATES = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")
LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_BYTES = re.compile(rb"\r\n|\r|\n")

_MOSTLY = 0.3
"""Above this share of bytes beyond ASCII a text is in no Western encoding (French or Polish reach .1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file as text; ``encoding`` is Python's name, ``is_guess`` says that nothing in the file proves it."""

    text: str
    encoding: str
    is_guess: bool


def decode(source: Source, encoding: str | None) -> Decoded:
    """Decode strictly: by the encoding asked for, by a byte order mark, as UTF-8, else as cp1252 or Latin-1.

    Raises
    ------
    InputError
        If the encoding is unknown or does not fit, if lines differ in encoding, or if NUL characters stand in
        the text.
    """
    if encoding:
        decoded = Decoded(text=_decode_as(source, encoding), encoding=encoding, is_guess=False)
    else:
        decoded = _detect(source)
    nul = decoded.text.find("\0")
    if nul >= 0:
        raise _nul(source, decoded.text, nul)
    return decoded


def line_at(text: str, position: int) -> int:
    """Return the number, from 1, of the line on which ``text[position]`` stands."""
    return 1 + sum(1 for _ in LINE_END.finditer(text, 0, position))


def _decode_as(source: Source, encoding: str) -> str:
    if not _is_for_files(encoding):
        raise _unknown(source, encoding)
    try:
        return source.content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        position = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise refusal(
            source.file,
            f"the bytes are not valid {encoding}",
            "Leave --encoding out to have it detected, or name another",
            line=1 + sum(1 for _ in _LINE_END_BYTES.finditer(source.content, 0, position)),
        ) from error
    except LookupError as error:  # a codec from bytes to bytes, such as hex
        raise _unknown(source, encoding) from error


def _is_for_files(encoding: str) -> bool:
    """Return whether Python knows the codec and a file may be in it."""
    try:
        return codecs.lookup(encoding).name not in _NOT_FOR_FILES
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return False


def _unknown(source: Source, encoding: str) -> InputError:
    known = sorted({*encodings.aliases.aliases.values(), "utf-8", "utf-16", "latin-1"})
    close = difflib.get_close_matches(encoding.lower(), known, n=1)
    hint = f"Did you mean {close[0]}?" if close else "Common ones: utf-8, utf-16, cp1252, latin-1, gb18030"
    return refusal(source.file, f"there is no text encoding {encoding!r}", hint)


def _detect(source: Source) -> Decoded:
    for mark, encoding in _BOMS:
        if source.content.startswith(mark):
            return Decoded(text=_decode_as(source, encoding), encoding=encoding, is_guess=False)
    try:
        return Decoded(text=source.content.decode("utf-8"), encoding="utf-8", is_guess=False)
    except UnicodeDecodeError:
        return _western(source)


def _western(source: Source) -> Decoded:
    """Decode content that is not UTF-8 as cp1252 or Latin-1, unless it looks like neither."""
    escaped = source.content.decode("utf-8", errors="surrogateescape")
    if "\0" in escaped:
        raise _nul(source, escaped, escaped.index("\0"))
    odd = next(_SURROGATES.finditer(escaped)).start()
    n_odd = len(_SURROGATES.findall(escaped))
    if n_odd / len(escaped) > _MOSTLY:
        raise refusal(
            source.file,
            "the encoding cannot be told: most characters are neither UTF-8 nor Western",
            "Name it with --encoding, for instance gb18030, shift_jis, cp1251 or koi8-r",
        )
    if _BEYOND_ASCII.search(escaped):
        raise refusal(
            source.file,
            "this line is not UTF-8, but others are: the file mixes encodings",
            "Save the whole file as UTF-8, or force one with --encoding cp1252",
            line=line_at(escaped, odd),
        )
    for encoding in ("cp1252", "latin-1"):
        try:
            return Decoded(text=source.content.decode(encoding), encoding=encoding, is_guess=True)
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 decodes every byte")


def _nul(source: Source, text: str, position: int) -> InputError:
    wide = source.content[:200].count(b"\0") * 3 >= len(source.content[:200])
    if wide:
        order = "utf-16-le" if source.content[1:2] == b"\0" else "utf-16-be"
        return refusal(
            source.file,
            "every other byte is NUL: this looks like UTF-16 without a byte order mark",
            f"Use --encoding {order}",
        )
    return nul_character(source.file, line_at(text, position))


def nul_character(file: str, line: int) -> InputError:
    """Return the error for a NUL character on ``line`` of a text."""
    return refusal(
        file,
        "a NUL character stands in the text",
        "The file is damaged or not text; remove the character or export the table again",
        line=line,
    )
