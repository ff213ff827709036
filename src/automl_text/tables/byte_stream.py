"""The bytes of a file or of standard input, with a look at their beginning."""

from __future__ import annotations

import gzip
import io
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from automl_text.tables.foreign import refuse_foreign
from automl_text.tables.source import GZIP, GZIP_FAULTS, damaged_gzip, read_source
from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

    _Buffered = io.BufferedReader[Any]  # over a file, a pipe or a gzip member

STDIN = "-"
HEAD_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteStream:
    """An open file.

    Attributes
    ----------
    file : str
        As the user wrote it, or ``standard input``.
    path : Path or None
        None for standard input, which can be read once only.
    head : bytes
        Its first bytes, unpacked: at most `HEAD_BYTES`.
    is_whole : bool
        True where ``head`` is all there is.
    stream : BufferedReader
        Stands before the first byte.
    share_read : callable
        Returns the share of the bytes on disk read so far, in 0..1, or None where the size is unknown.
    """

    file: str
    path: Path | None
    head: bytes
    is_whole: bool
    stream: _Buffered
    share_read: Callable[[], float | None]


@contextmanager
def open_bytes(data: str) -> Iterator[ByteStream]:
    """Open ``data``, a path or ``-``, and refuse what is plainly no table; a file is closed at the end.

    Raises
    ------
    InputError
        Missing, unreadable, empty, or a file of another kind.
    """
    if data == STDIN:
        yield _byte_stream("standard input", None, cast("_Buffered", sys.stdin.buffer))
        return
    with _open(data) as raw:
        yield _byte_stream(data, Path(data), raw)


def _byte_stream(file: str, path: Path | None, raw: _Buffered) -> ByteStream:
    head, is_whole = _read_head(raw, is_live=path is None)
    stream = _joined(head, raw)
    if head.startswith(GZIP):
        unpacked: _Buffered = io.BufferedReader(gzip.GzipFile(fileobj=stream))
        head, is_whole = _unpacked_head(file, unpacked)
        stream = _joined(head, unpacked)
    if not head:
        raise refusal(file, "the file is empty", "Give a file with a header line and rows")
    refuse_foreign(file, head)
    return ByteStream(
        file=file, path=path, head=head, is_whole=is_whole, stream=stream, share_read=_progress(path, raw)
    )


def _open(data: str) -> _Buffered:
    try:
        return Path(data).open("rb")
    except (OSError, ValueError):
        read_source(data)  # meets the same fault and says how to mend it
        raise


def _read_head(stream: _Buffered, *, is_live: bool) -> tuple[bytes, bool]:
    """Return the first bytes and whether they are all; from a live stream no more than two lines are awaited."""
    head = b""
    while len(head) < HEAD_BYTES:
        part = stream.read1(HEAD_BYTES - len(head))
        if not part:
            return head, True
        head += part
        if is_live and head.endswith(b"\n") and head.count(b"\n") > 1 and head.count(b'"') % 2 == 0:
            break
    return head, False


def _unpacked_head(file: str, stream: _Buffered) -> tuple[bytes, bool]:
    try:
        return _read_head(stream, is_live=False)
    except GZIP_FAULTS as error:
        raise damaged_gzip(file, error) from error


def _progress(path: Path | None, raw: _Buffered) -> Callable[[], float | None]:
    if path is None or not path.is_file():
        return lambda: None
    size = max(path.stat().st_size, 1)
    return lambda: min(raw.tell() / size, 1.0)


def _joined(head: bytes, rest: _Buffered) -> _Buffered:
    return io.BufferedReader(_Joined(head, rest))


class _Joined(io.RawIOBase):
    """A stream whose beginning has already been read."""

    def __init__(self, head: bytes, rest: _Buffered) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        part = self._head.read(len(view)) or self._rest.read1(len(view))
        view[: len(part)] = part
        return len(part)
