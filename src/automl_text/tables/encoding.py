"""Which encoding a file is in, and when to refuse rather than to guess."""

from __future__ import annotations

import codecs
import difflib
import encodings.aliases
import re
from functools import partial
from typing import TYPE_CHECKING

from automl_text.tables.source import GZIP_FAULTS
from automl_text.tables.table import Encoding
from automl_text.wording import excerpt, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

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

_KNOWN = (
    *("gb18030", "big5hkscs", "euc-kr", "cp949", "shift_jis", "cp932", "euc-jp", "cp874"),
    *("windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255"),
    *("windows-1256", "windows-1257", "koi8-r", "koi8-u", "iso-8859-2", "iso-8859-5", "iso-8859-7"),
    *(
        "iso-8859-9",
        "cp866",
        "cp850",
        "cp437",
        "macroman",
        "utf-16-le",
        "utf-16-be",
        "utf-32-le",
        "utf-32-be",
    ),
)
"""Encodings that files of today are met in; docs/decisions/0016-reading-tables.md."""

_PYTHON_NAMES = {
    "windows-1252": "cp1252",
    "iso-8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "macroman": "mac_roman",
}
"""What is read under another name: each holds the one that was found, and more."""

_RUN = re.compile(rb"[^,;\t\r\n\"]*[\x80-\xff][^,;\t\r\n\"]*")
"""Bytes beyond ASCII with the cell around them; addresses and numbers in other cells only mislead a detector. No `|`:
it is the second byte of letters in Big5 and Shift JIS."""

_JUDGED_BYTES = 200_000
_BLOCK = 2**20
_FEW = 12
_LONG_RUN = re.compile(rb"[\x80-\xff]{3}")
_WESTERN = frozenset(
    "éèêëàâäáãçïîíôöóòûüùúñßÄÖÜÉÈÊÀÁÇÑÓÚÅåæøÆØœŒ\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}„\N{EN DASH}—…€£¥°§½¼¾®©™«»·•¿¡²±\xa0"
)
"""What reads as these alone, never three in a row, is Western text: any other language has letters that do not."""

_FEW_LETTERS = 3
_OLD_WESTERN = ("mac_roman", "cp850")
_MISPLACED = re.compile(r"[a-z][^\W\d_a-zß-ÿœ]|[a-z][¥£§°±½¼¾¿¡®©™²·•«»“”„…][a-z]")
"""A capital or a sign inside a word: the text is in another code page."""

_MIXED = 0.2
"""Of the lines beyond ASCII so many are UTF-8 by no chance: in GBK, Big5 and EUC-KR one in fifty is."""

_ODD_LINE = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x7f]*[\x80-\xff][^\r\n]*")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def find_encoding(source: Source, asked: str | None) -> Encoding:
    """Return the encoding asked for, that of a byte order mark, UTF-8, or what a detector makes of the whole file.

    A live source is judged by its beginning. The source is rewound where it can be.

    Raises
    ------
    InputError
        If the encoding is unknown, lines differ in encoding, or nothing fits.
    """
    if asked:
        if not _is_for_files(asked):
            raise _unknown(source, asked)
        return Encoding(name=asked)
    for mark, name in _BOMS:
        if source.head.startswith(mark):
            return Encoding(name=name)
    if b"\0" in source.head:
        return _wide(source)
    strangers = _Strangers()
    for block in _blocks(source):
        strangers.add(block)
    if not strangers.n_odd_lines:
        return Encoding()
    if strangers.n_utf8_lines > _MIXED * (strangers.n_utf8_lines + strangers.n_odd_lines):
        raise refusal(
            source.file,
            "this line is not UTF-8, but others are: the file mixes encodings",
            "Save the whole file as UTF-8, or name one encoding for all of it with --encoding",
            line=strangers.first_odd,
        )
    return _guess(source, strangers)


class _Strangers:
    """What stands beyond ASCII in the lines of a file: how much of it is UTF-8, and a sample."""

    def __init__(self) -> None:
        self.n_utf8_lines = self.n_odd_lines = self.first_odd = self.n_beyond = 0
        self.sample = bytearray()
        self._n_lines = 0

    def add(self, block: bytes) -> None:
        """Count the lines of a block that ends where a line does."""
        if block.isascii():
            self._n_lines += len(_LINE_END.findall(block))
            return
        try:
            block.decode()
        except UnicodeDecodeError:
            self._add_lines(block)
        else:
            self.n_utf8_lines += len(_ODD_LINE.findall(block))
            self._n_lines += len(_LINE_END.findall(block))

    def _add_lines(self, block: bytes) -> None:
        room = _JUDGED_BYTES // 8 if len(self.sample) > _JUDGED_BYTES // 2 else _JUDGED_BYTES
        for line in block.splitlines():  # of bytes: at CR, LF and CRLF alone
            self._n_lines += 1
            if line.isascii():
                continue
            try:
                line.decode()
                self.n_utf8_lines += 1
            except UnicodeDecodeError:
                self.n_odd_lines += 1
                if not self.first_odd:
                    self.first_odd = self._n_lines
            self.n_beyond += len(line) - len(line.translate(None, _BEYOND))
            if len(self.sample) < _JUDGED_BYTES and room > 0:
                found = b"\n".join(_RUN.findall(line)) + b"\n"
                self.sample += found
                room -= len(found)


_BEYOND = bytes(range(128, 256))


def _blocks(source: Source) -> Iterator[bytes]:
    """Yield the bytes in blocks that end where a line does; those of a live source as far as they were looked at."""
    if source.is_live:
        end = len(source.head) if source.is_whole else source.head.rfind(b"\n") + 1
        yield source.head[:end] or source.head
        return
    rest = b""
    try:
        while block := source.stream.read(_BLOCK):
            end = block.rfind(b"\n") + 1
            yield rest + block[:end]
            rest = block[end:] if end else rest + block
            if len(rest) > _BLOCK * 16:
                break  # reading on names the line
    except GZIP_FAULTS:
        pass  # reading on will meet the same fault and name its line
    yield rest
    source.rewind()


def _wide(source: Source) -> Encoding:
    """Return UTF-16 or UTF-32 without a mark; every other file with a NUL is damaged or no text."""
    found = _candidates(source.head[: _JUDGED_BYTES // 4 * 4])
    name = next((name for name in found if name.startswith(("utf-16", "utf-32"))), None)
    text = source.head.decode(name, "replace") if name else "\0"
    if name is None or "\0" in text or text.count("\ufffd") > 1:
        raise nul_character(source.file, 1 + len(_LINE_END.findall(source.head[: source.head.index(b"\0")])))
    return Encoding(name=name, is_guess=True, example=first_beyond(text))


def _guess(source: Source, strangers: _Strangers) -> Encoding:
    sample = bytes(strangers.sample)
    western, found = ("cp1252", "latin-1"), _candidates(sample)
    letters = {letter for letter in sample.decode("cp1252", "replace") if not letter.isascii()}
    if strangers.n_beyond <= _FEW:
        letters.discard("\ufffd")  # a control character of Latin-1
    has_short_runs = not _LONG_RUN.search(sample)
    is_western = letters <= _WESTERN and has_short_runs
    old = (
        ()
        if is_western or not has_short_runs
        else tuple(filter(partial(_reads_as_western, sample), _OLD_WESTERN))
    )
    for name in (*western, *found) if is_western else (*old, *found, *western):
        if _fits(source, name):
            return Encoding(name=name, is_guess=True, example=first_beyond(sample.decode(name, "replace")))
    raise refusal(
        source.file,
        "the encoding cannot be told: no usual one fits all lines",
        "Name it with --encoding, for instance gb18030, shift_jis, cp1251 or koi8-r",
        line=strangers.first_odd,
    )


def _reads_as_western(sample: bytes, name: str) -> bool:
    """Return whether an old code page makes all letters Western and leaves no capital or sign inside a word."""
    text = sample.decode(name, "replace")
    letters = {letter for letter in text if not letter.isascii()}
    return len(letters) >= _FEW_LETTERS and letters <= _WESTERN and not _MISPLACED.search(text)


def _candidates(sample: bytes) -> tuple[str, ...]:
    """Return Python's names of the encodings that the sample may be in, the likeliest first."""
    import chardet

    found = chardet.detect_all(sample, ignore_threshold=True, include_encodings=_KNOWN)
    names = [str(each["encoding"]).lower() for each in found if each["encoding"]]
    return tuple(dict.fromkeys(_PYTHON_NAMES.get(name, name.replace("windows-", "cp")) for name in names))


def _fits(source: Source, encoding: str) -> bool:
    """Return whether the whole file, or what was seen of it, can be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(source):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    finally:
        if not source.is_live:
            source.rewind()
    return True


def detected_encoding(block: bytes) -> str:
    """Return the likeliest encoding of whole lines that are not UTF-8."""
    strangers = _Strangers()
    strangers.add(block)
    return _candidates(bytes(strangers.sample))[0]


def first_beyond(text: str) -> str:
    """Return the first line that is not all ASCII, to be looked at."""
    return next((excerpt(line.strip(), 80) for line in text.splitlines() if not line.isascii()), "")


def _is_for_files(encoding: str) -> bool:
    """Return whether Python knows the codec and a file may be in it."""
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return False
    is_text = getattr(codec, "_is_text_encoding", True)  # False: from bytes to bytes, such as hex
    return is_text and codec.name not in _NOT_FOR_FILES


def _unknown(source: Source, encoding: str) -> InputError:
    known = sorted({*encodings.aliases.aliases.values(), "utf-8", "utf-16", "latin-1"})
    close = difflib.get_close_matches(encoding.lower(), known, n=1)
    hint = f"Did you mean {close[0]}?" if close else "Common ones: utf-8, utf-16, cp1252, latin-1, gb18030"
    return refusal(source.file, f"there is no text encoding {encoding!r}", hint)


def nul_character(file: str, line: int) -> InputError:
    """Return the error for a NUL character on ``line`` of a text."""
    return refusal(
        file,
        "a NUL character stands in the text",
        "The file is damaged or not text; remove the character or export the table again",
        line=line,
    )
