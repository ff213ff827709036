"""The bytes of a file, a pipe or standard input: opened once, unpacked, with a look at their beginning."""

from __future__ import annotations

import difflib
import gzip
import hashlib
import io
import os
import stat
import sys
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

    from automl_text.errors import InputError

    _Buffered = io.BufferedReader[Any]  # over a file, a pipe or a gzip member

_STDIN = "-"
HEAD_BYTES = 2**20
"""Looked at to find a file's format, separator and quoting."""

_LARGEST = 2**32
"""Bytes of a file that is held in memory or copied from a pipe: 4 GiB."""

_MOST_UNPACKED = 2**28
_RATIO = 200
"""Gzip data above 256 MiB that are so many times smaller than what they hold are no table of texts, but a trap."""

_GZIP = b"\x1f\x8b"
GZIP_FAULTS = (EOFError, zlib.error, gzip.BadGzipFile)
"""What unpacking damaged gzip data raises."""

_TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx", ".xls", ".ods", ".gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open file."""

    file: str
    """As the user wrote it, or ``standard input``."""
    name: str
    """Its last part."""
    suffix: str
    """Lower-case ending without ``.gz``: ``.csv``."""
    head: bytes
    """The first bytes, unpacked: at most `HEAD_BYTES`."""
    is_whole: bool
    """``head`` is all there is."""
    is_live: bool
    """It can be read once only: a pipe, or standard input."""
    stream: _Buffered
    """Unpacked; stands before the first byte."""
    raw: _Buffered
    """The bytes on disk."""

    def share_read(self) -> float | None:
        """Return the share of the bytes on disk read so far, in 0..1, or None where the size is unknown."""
        if self.is_live:
            return None
        return min(self.raw.tell() / max(os.fstat(self.raw.fileno()).st_size, 1), 1.0)

    def rewind(self) -> None:
        """Go back to the first byte of a file that is not live."""
        self.stream.seek(0)

    def sha256(self) -> str:
        """Return the digest of the bytes on disk, and rewind."""
        self.raw.seek(0)
        digest = hashlib.file_digest(cast("Any", self.raw), "sha256").hexdigest()
        self.rewind()
        return digest


@contextmanager
def open_source(data: str | Path, *, keep: bool = False) -> Iterator[Source]:
    """Open ``data``, a path or ``-``, and close it at the end.

    Parameters
    ----------
    data : str or Path
    keep : bool
        Copy what can be read only once (to a temporary file), so that it can be read again.

    Raises
    ------
    InputError
        Missing, unreadable, empty, damaged; too large to be kept.
    """
    path = None if data == _STDIN else Path(data)
    file = "standard input" if path is None else str(data)
    with _opened(file, path) as raw:
        is_live = path is None or not stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
        if is_live and keep:
            with tempfile.TemporaryFile() as copy:
                _copy(file, raw, copy)
                yield _source(file, path, cast("_Buffered", copy), is_live=False)
        else:
            yield _source(file, path, raw, is_live=is_live)


@contextmanager
def _opened(file: str, path: Path | None) -> Iterator[_Buffered]:
    if path is None:
        if sys.stdin is None:
            raise refusal(file, "it is closed", "Name a file, or give it one with a pipe")
        yield cast("_Buffered", sys.stdin.buffer)
        return
    try:
        if path.is_dir():
            tables = sorted(p.name for p in path.iterdir() if p.suffix.lower() in _TABLES)
            remedy = f"Name a file in it: {listed(tables)}" if tables else "Name a CSV file"
            raise refusal(file, "this is a folder", remedy)
        if path.exists() and not (path.is_file() or path.is_fifo()):
            raise refusal(file, "this is neither a file nor a pipe", "Name a CSV file")
        opened = path.open("rb")
    except FileNotFoundError as error:
        raise refusal(file, "there is no such file", _nearby(path)) from error
    except PermissionError as error:
        raise refusal(file, "the file may not be read", "Check its permissions") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise refusal(file, f"the file cannot be read ({error})", "Check the path") from error
    with opened:
        yield opened


def _nearby(path: Path) -> str:
    """Say which names in the same folder come close, or what else stands there."""
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either; check the path"
    names = sorted(p.name for p in path.parent.iterdir() if p.is_file())
    close = difflib.get_close_matches(path.name, names, n=3)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    tables = [name for name in names if Path(name).suffix.lower() in _TABLES]
    return f"Tables in that folder: {listed(tables)}" if tables else "There is no table in that folder"


@contextmanager
def kept(source: Source) -> Iterator[Source]:
    """Give a source that can be read again, with what a live one still holds; others as they are.

    Raises
    ------
    InputError
        If that is too large.
    """
    if not source.is_live:
        yield source
        return
    with tempfile.TemporaryFile() as copy:
        _copy(source.file, source.stream, copy)
        buffered = cast("_Buffered", copy)
        yield replace(source, stream=buffered, raw=buffered, is_live=False)


def _copy(file: str, stream: _Buffered, copy: IO[bytes]) -> None:
    size = 0
    while block := stream.read1(HEAD_BYTES):
        size += len(block)
        if size > _LARGEST:
            raise refusal(file, f"more than {_LARGEST >> 30} GiB came through the pipe", "Give a file")
        copy.write(block)
    copy.seek(0)


def _source(file: str, path: Path | None, raw: _Buffered, *, is_live: bool) -> Source:
    head, is_whole = _read_head(raw, is_live=is_live)
    stream = _joined(head, raw) if is_live else raw
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"] if path else []
    if head.startswith(_GZIP):
        if not is_live:
            raw.seek(0)
        stream = io.BufferedReader(_Unpacked(file, stream, raw))
        try:
            head, is_whole = _read_head(stream, is_live=is_live)
        except GZIP_FAULTS as error:
            raise damaged_gzip(file, error) from error
        stream = _joined(head, stream) if is_live else stream
    if not is_live:
        stream.seek(0)
    if not head:
        raise refusal(file, "the file is empty", "Give a file with a header line and rows")
    return Source(
        file=file,
        name=path.name if path else "standard input",
        suffix=suffixes[-1] if suffixes else "",
        head=head,
        is_whole=is_whole,
        is_live=is_live,
        stream=stream,
        raw=raw,
    )


def _read_head(stream: _Buffered, *, is_live: bool) -> tuple[bytes, bool]:
    """Return the first bytes and whether they are all; from a live stream no more than two lines are awaited."""
    head = b""
    while len(head) < HEAD_BYTES:
        block = stream.read1(HEAD_BYTES - len(head))
        if not block:
            return head, True
        head += block
        if is_live and head.endswith(b"\n") and head.count(b"\n") > 1 and head.count(b'"') % 2 == 0:
            break
    return head, False


def damaged_gzip(file: str, error: Exception, *, line: int | None = None) -> InputError:
    """Return the error for gzip data that cannot be unpacked, after ``line`` where some could."""
    what = f"the gzip data is damaged or cut off ({error})"
    return refusal(file, what, "Copy or download it again", line=line)


class _Unpacked(io.RawIOBase):
    """What gzip data hold, unless they hold far more than any table of texts would."""

    def __init__(self, file: str, packed: _Buffered, raw: _Buffered) -> None:
        self._file = file
        self._raw = raw
        self._unpacked = gzip.GzipFile(fileobj=cast("IO[bytes]", packed))
        self._n_out = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        self._n_out = self._unpacked.seek(offset, whence)
        return self._n_out

    def tell(self) -> int:
        return self._n_out

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        block = self._unpacked.read1(len(view))
        view[: len(block)] = block
        self._n_out += len(block)
        if self._n_out > _MOST_UNPACKED and self._raw.seekable() and self._n_out > _RATIO * self._raw.tell():
            raise refusal(
                self._file,
                f"the gzip data unpack to more than {_RATIO} times their size, beyond {_MOST_UNPACKED >> 20} MiB",
                "Unpack it and look at what is in it, or give that file",
            )
        return len(block)


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
        block = self._head.read(len(view)) or self._rest.read1(len(view))
        view[: len(block)] = block
        return len(block)
