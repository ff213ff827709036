"""The decoded lines of a source, each fault of the bytes put into words."""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING

from automl_text.tables.encoding import detected_encoding, first_beyond, nul_character
from automl_text.tables.source import GZIP_FAULTS, damaged_gzip
from automl_text.tables.table import Encoding
from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from automl_text.errors import InputError
    from automl_text.tables.source import Source

_READ = 2**16
_MORE = 2**20
"""Bytes taken from a pipe to find the encoding of the first that are beyond ASCII."""

_LINE_END = re.compile(r"\r\n|\r|\n")
LONGEST_CELL = 10_000_000
"""Characters of a line, and of a quoted cell that goes over several."""


def head_text(source: Source, encoding: Encoding) -> str:
    """Return the beginning of the file as text, cut after a line unless it is all there is.

    What does not fit is left to `Lines` to name.
    """
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    try:
        text = decoder.decode(source.head, final=source.is_whole).removeprefix("\ufeff")
    except UnicodeError:  # UTF-16 was asked for, and no mark says which
        return ""
    return text if source.is_whole else text[: text.rfind("\n") + 1] or text


class Lines:
    """The decoded lines of a source, with their ends (CR, LF or CRLF); every fault of the bytes is put into words.

    Where nothing but ASCII was seen of a live source, its encoding is found when the first other byte comes.
    """

    def __init__(
        self, source: Source, encoding: Encoding, *, is_asked: bool = False, longest: int = LONGEST_CELL
    ) -> None:
        self.encoding = encoding
        """What the lines read so far are in."""
        self._source = source
        self._longest = longest
        self._number = 1
        self._is_asked = is_asked
        self._may_change = (
            source.is_live and not is_asked and encoding.name == "utf-8" and source.head.isascii()
        )
        self._decoder = codecs.getincrementaldecoder(encoding.name)()

    def __iter__(self) -> Iterator[str]:
        """Yield each line.

        Raises
        ------
        InputError
            For bytes that do not fit, NUL characters, damaged gzip data and a line without end.
        """
        rest, is_first = "", True
        while True:
            block = self._read()
            text = self._decoded(block)
            if is_first and text:
                text, is_first = text.removeprefix("\ufeff"), False
            if "\0" in text:
                raise _nul_in(self._source, rest + text, self._number)
            text = rest + text
            end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1 if block else len(text)
            for line in io.StringIO(text[:end], newline=""):
                yield line
                self._number += 1
            if not block:
                return
            rest = text[end:]
            if len(rest) > self._longest:
                what = f"the line is longer than {self._longest:,} characters"
                raise refusal(
                    self._source.file, what, "Look at the file: this is no table", line=self._number
                )

    def _read(self) -> bytes:
        try:
            return self._source.stream.read1(_READ)
        except GZIP_FAULTS as error:
            raise damaged_gzip(self._source.file, error, line=max(self._number - 1, 1)) from error

    def _decoded(self, block: bytes) -> str:
        pending = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(block, final=not block)
        except UnicodeError as error:
            if not self._may_change:
                raise self._undecodable(error) from error
            return self._changed(pending + block + self._source.stream.read1(_MORE))
        self._may_change = self._may_change and text.isascii()
        return text

    def _changed(self, block: bytes) -> str:
        """Decode the first bytes beyond ASCII of a live source, and go on in the encoding that they are in."""
        name = detected_encoding(block[: block.rfind(b"\n") + 1] or block)
        self._decoder, self._may_change = codecs.getincrementaldecoder(name)(), False
        try:
            text = self._decoder.decode(block)
        except UnicodeError as error:
            raise self._undecodable(error) from error
        self.encoding = Encoding(name=name, is_guess=True, example=first_beyond(text))
        return text

    def _undecodable(self, error: UnicodeError) -> InputError:
        before = ""
        if isinstance(error, UnicodeDecodeError):
            before = error.object[: error.start].decode(self.encoding.name, "replace")
        return refusal(
            self._source.file,
            f"the bytes are not valid {self.encoding.name}",
            "Leave --encoding out to have it detected, or name another"
            if self._is_asked
            else "Save the whole file as UTF-8, or name its encoding with --encoding",
            line=self._number + len(_LINE_END.findall(before)),
        )


def _nul_in(source: Source, text: str, first_line: int) -> InputError:
    before = text[: text.index("\0")]
    return nul_character(source.file, first_line + len(_LINE_END.findall(before)))
