"""Files that a command writes: none is replaced unasked, and what the command reads never."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

OverwriteOutput = Annotated[bool, typer.Option("--overwrite", help="Replace the output where it exists.")]

_OTHER = "choose another file with -o."


def refuse_loss(written: Iterable[Path], *, read: Iterable[Path], overwrite: bool) -> None:
    """Refuse to write where something would be lost, before any work is done.

    Parameters
    ----------
    written : iterable of Path
        Files that are about to be written.
    read : iterable of Path
        Files that the command reads; links to them count as them.
    overwrite : bool
        Whether existing files may be replaced.

    Raises
    ------
    InputError
        If a file is both read and written, exists and may not be replaced, is no regular file, or has no possible name.
    """
    sources = [path for path in read if os.path.exists(path)]  # noqa: PTH110  (Path's raises for a long name)
    for path in written:
        _check_name(path)
        if path.exists() and any(path.samefile(source) for source in sources):
            raise InputError(f"{path} is what this command reads, and is never replaced: {_OTHER}")
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is no file that can be replaced: {_OTHER}")
        if os.path.lexists(path) and not overwrite:
            raise InputError(f"{path} exists. Replace it with --overwrite, or {_OTHER}")


def _check_name(path: Path) -> None:
    try:
        path.exists()
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): {_OTHER}") from error
