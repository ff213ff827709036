"""Files on the ground: written whole or not at all, under names that nobody can guess, and never through a link."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

from automl_text.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PARTIAL = ".automl-text-{}.part"
"""What a file is called while it is being written: where others foresee a name they can lay a link under it."""

_LARGEST = 2**32
"""Bytes of a file that is read whole: 4 GiB."""


Rare = Literal["keep", "merge", "drop"]
"""How a person says what becomes of categories with few rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAs:
    """How a file of rows is to be read, where the reader shall not find out by itself."""

    encoding: str | None = None
    separator: str | None = None
    """One character, or its name: ``tab``."""
    quote: str | None = None
    """``C`` (cells in ``"``, as spreadsheets write them), ``'``, or ``none``: quotes are characters like others."""
    has_header: bool | None = None
    """False: columns are called 1, 2, …"""
    sheet: str | None = None
    """Of a workbook; the first where it is not named."""


def write_whole(path: Path, content: bytes | str) -> None:
    """Write ``content`` (text as UTF-8) so that a reader, or a power cut, meets the old file or the new one.

    Raises
    ------
    RunError
        If it cannot be written; the old file then stands as it was.
    """
    try:
        with whole_file(path) as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}.") from error


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes the place of ``path`` when the block has ended well.

    Raises
    ------
    OSError
        If it cannot be written; the old file then stands as it was.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        name = _PARTIAL.format(secrets.token_hex(8))
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # as long as we live `clear_partial` leaves it alone
            with open(descriptor, "wb", closefd=False) as file:
                yield file
            os.fsync(descriptor)
            os.replace(name, path.name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)  # the new name must be on the disk too, not only the bytes behind it
        finally:
            os.close(descriptor)
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
    finally:
        os.close(folder)


def clear_partial(folder: Path) -> None:
    """Delete what killed processes left half-written in ``folder``, and nothing that is being written now.

    Raises
    ------
    OSError
        If something cannot be deleted.
    """
    for path in folder.glob(_PARTIAL.format("*")):
        descriptor = open_file(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)


def read_whole(path: Path) -> bytes:
    """Return what is in a file, which may be reached through a link.

    Raises
    ------
    OSError
        If it cannot be read, has more than 4 GiB, or is a pipe or device: nobody is waited for.
    """
    with os.fdopen(_open_regular(path, os.O_RDONLY), "rb") as file:
        if os.fstat(file.fileno()).st_size > _LARGEST:
            raise OSError(errno.EFBIG, f"it has more than {_LARGEST >> 30} GiB", str(path))
        return file.read()


def open_file(path: Path, flags: int) -> int:
    """Return a descriptor of ``path`` itself, opened with ``flags``.

    Raises
    ------
    OSError
        If it cannot be opened, is a link (what it points to belongs to somebody else), or a pipe or device.
    """
    try:
        return _open_regular(path, flags | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, f"{path.name} is a link, which is not followed", str(path)) from error
        raise


def _open_regular(path: Path, flags: int) -> int:
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
    except OSError as error:
        if error.errno != errno.ENXIO:  # a pipe that nobody reads: without O_NONBLOCK we would wait for ever
            raise
    else:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
    raise OSError(errno.EINVAL, f"{path.name} is a folder, a pipe or a device", str(path))


def sync_folder(path: Path) -> None:
    """Put the names in a folder on the disk, as they are now.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
