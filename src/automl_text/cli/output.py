"""Files that a command writes: none is replaced unasked, and what the command reads never."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.say import note
from automl_text.engine.folder import OWN_FILES, RESULT
from automl_text.errors import InputError
from automl_text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from automl_text.tables.csv_guard import Cell

OverwriteOutput = Annotated[bool, typer.Option("--overwrite", help="Replace the output where it exists.")]

_RUN_FILES = frozenset(OWN_FILES) - {"report.md", "report.json", "family.html", "model_card.md"}
"""What a search leaves, and no other command may replace."""

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
        If two files would have one name, one is a run's own, is both read and written, exists and may not be replaced,
        is no regular file, or has no possible name; or if its folder is missing or may not be written to.
    """
    written = list(written)
    _refuse_collision(written)
    sources = [path for path in read if os.path.exists(path)]  # noqa: PTH110  (Path's raises for a long name)
    for path in written:
        _check_name(path)
        if path.exists() and any(path.samefile(source) for source in sources):
            raise InputError(f"{path} is what this command reads, and is never replaced: {_OTHER}")
        if path.exists() and (not path.is_file() or _is_stream(path)):
            raise InputError(f"{path} is no file that can be replaced: {_OTHER}")
        if os.path.lexists(path) and not overwrite:
            raise InputError(f"{path} exists. Replace it with --overwrite, or {_OTHER}")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, raw: bool) -> None:
    """Write a CSV file, and say how many of its cells got an apostrophe.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    from automl_text.loop.rows import write_rows

    if n_guarded := write_rows(path, header, rows, raw=raw):
        cells = counted(n_guarded, "cell")
        note(f"{cells} got a leading ' so that no spreadsheet runs them; --raw leaves it out.")


def _refuse_collision(written: list[Path]) -> None:
    """Refuse names of which one would replace another, or what a search has left in its folder."""
    places: dict[str, Path] = {}
    for path in written:
        first = places.setdefault(os.path.realpath(path), path)
        if first is not path:
            raise InputError(f"{path} would be written twice by this command: {_OTHER}")
        if path.name in _RUN_FILES and os.path.lexists(os.path.join(path.parent, RESULT)):  # noqa: PTH118
            raise InputError(f"{path} is a file of the run in {path.parent}, and never replaced: {_OTHER}")


def _is_stream(path: Path) -> bool:
    """Return whether the name stands for what is open, as /dev/stdout does: it would be replaced, not written to."""
    folder = os.path.realpath(path.parent)
    leads_to = os.readlink(path) if path.is_symlink() else ""  # noqa: PTH115  (as it is written)
    return folder == "/dev" or folder.startswith("/proc/") or leads_to.startswith("/proc/")


def _check_name(path: Path) -> None:
    if not os.path.isdir(path.parent):  # noqa: PTH112  (Path's raises for a long name)
        raise InputError(f"{path}: there is no folder {path.parent}. Make it first.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InputError(f"{path} cannot be written ({os.strerror(errno.EACCES)}): {_OTHER}")
    try:
        path.exists()
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): {_OTHER}") from error
