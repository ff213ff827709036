"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from automl_text.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_whole(path: Path, content: bytes | str) -> None:
    """Write ``content`` (text as UTF-8) so that a reader, or a power cut, meets the old file or the new one.

    Raises
    ------
    RunError
        If it cannot be written; the old file then stands as it was.
    """
    with whole_file(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the path of a temporary file beside ``path``, which takes its place when the block has ended well.

    Raises
    ------
    RunError
        If it cannot be written; the old file then stands as it was.
    """
    part = partial_path(path)
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def partial_path(path: Path) -> Path:
    """Return where ``path`` stands while it is being written."""
    return path.with_name(f".{path.name}.part")


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk too, not only the bytes behind it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
