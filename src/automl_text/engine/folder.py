"""`RunFolder`: the output folder, claimed before any work is done and cleared when nothing can be refused any more."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from automl_text.errors import InputError, RunError
from automl_text.files import clear_partial, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

JOURNAL = "journal.jsonl"
LOG = "run.log"
RESULT = "result.json"

OWN_FILES = (
    RESULT,
    "report.html",
    "report.md",
    "model_card.md",
    "leaderboard.csv",
    "out_of_fold.csv",
    "out_of_fold.npz",
    "trials.csv",
    "best_model.pkl",
    "best_model.json",
    "best_model.requirements.txt",
    JOURNAL,
    LOG,
)
"""All that a run leaves, and all that `--overwrite` may delete."""

VECTORS = "vectors.sqlite"
WHILE_RUNNING = (VECTORS, f"{VECTORS}-journal")
"""What is there while a run lasts, and what one that was killed leaves for `--resume`."""

MIN_FREE_BYTES = 100_000_000
"""A standard run of 500 rows leaves some 20 MB; the model of a large file can take four times that."""

_WAYS_OUT = "Continue it with --resume, replace it with --overwrite, or choose another folder with --output."


class RunFolder:
    """A folder that no other search can write to until it is released or this process ends.

    Use `RunFolder.claim`, the folder as a context manager, and `begin` before anything is written. Until then an
    earlier run lies there untouched, and a release leaves no trace.

    Attributes
    ----------
    path : Path
    """

    def __init__(self, path: Path, lock: int, *, overwrite: bool, made: Sequence[Path]) -> None:
        self.path = path
        self._lock = lock
        self._is_overwritten = overwrite
        self._made = made
        self._has_begun = False

    @classmethod
    def claim(cls, path: Path, *, resume: bool = False, overwrite: bool = False) -> RunFolder:
        """Return the folder at ``path``, made if need be, locked and found fit to hold a run.

        A run that was cut short is continued; one that is finished needs ``resume`` or ``overwrite``.

        Parameters
        ----------
        path : Path
        resume : bool
            Whether a finished run may be continued.
        overwrite : bool
            Whether `begin` deletes what an earlier run left: `OWN_FILES` and `WHILE_RUNNING`, nothing else.

        Raises
        ------
        InputError
            If the path is a file, cannot be written, has too little room, is in use by another search, or holds
            a finished run.
        """
        made = _make(path)
        folder = cls(path, _locked(path), overwrite=overwrite, made=made)
        try:
            folder._check_room()
            if not (resume or overwrite):
                folder._check_unfinished()
        except BaseException:
            folder.release()
            raise
        return folder

    @property
    def journal(self) -> Path:
        """Path of the journal."""
        return self.path / JOURNAL

    @property
    def log(self) -> Path:
        """Path of the log."""
        return self.path / LOG

    @property
    def vectors(self) -> Path:
        """Path of the sentence vectors that the run's processes share."""
        return self.path / VECTORS

    def begin(self) -> None:
        """Delete what a killed run left half-written; where the folder is overwritten, all that an earlier run left.

        Raises
        ------
        InputError
            If something cannot be deleted.
        """
        self._has_begun = True
        try:
            clear_partial(self.path)
            if self._is_overwritten:
                for name in OWN_FILES + WHILE_RUNNING:
                    if name != LOG:
                        (self.path / name).unlink(missing_ok=True)
                os.truncate(self.log, 0)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def write(self, name: str, content: bytes | str) -> None:
        """Write one of `OWN_FILES` whole or not at all.

        Raises
        ------
        RunError
            If it cannot be written, such as on a full disk.
        """
        if name not in OWN_FILES:
            raise ValueError(f"{name} is not among OWN_FILES, so --overwrite would leave it behind")
        write_whole(self.path / name, content)

    def remove(self, *names: str) -> None:
        """Delete files of ours that may be there.

        Raises
        ------
        RunError
            If one cannot be deleted.
        """
        for name in names:
            try:
                (self.path / name).unlink(missing_ok=True)
            except OSError as error:
                raise RunError(f"{self.path / name} cannot be deleted: {error.strerror}.") from error

    def release(self) -> None:
        """Let others write to the folder; take away again what was made for a run that has not begun."""
        if not self._has_begun:
            with suppress(OSError):
                self._take_away()
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _check_room(self) -> None:
        try:
            with tempfile.TemporaryFile(dir=self.path) as probe:
                probe.write(bytes(1_000_000))
                probe.flush()
                free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise _unusable(self.path, error) from error
        if free < MIN_FREE_BYTES:
            raise InputError(
                f"{self.path}: {free / 1e6:.0f} MB are free, a run needs {MIN_FREE_BYTES / 1e6:.0f} MB. Make "
                "room, or choose a folder on another disk with --output."
            )

    def _check_unfinished(self) -> None:
        found = [name for name in OWN_FILES + WHILE_RUNNING if name != LOG and (self.path / name).exists()]
        if found and (RESULT in found or JOURNAL not in found):
            raise InputError(f"{self.path} holds a finished run ({', '.join(found[:3])}). {_WAYS_OUT}")

    def _take_away(self) -> None:
        """Delete a log in which nothing stands, and the folders that were made, unless something lies in them."""
        if self.log.stat().st_size == 0:
            self.log.unlink()
        for folder in self._made:
            folder.rmdir()


def _make(path: Path) -> list[Path]:
    """Make the folder and return all that had to be made, the lowest first."""
    try:
        if path.exists() and not path.is_dir():
            raise InputError(f"{path} is a file. Choose a folder with --output.")
        made = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:  # also from looking: the name is too long, or a folder above may not be entered
        raise _unusable(path, error) from error
    return made


def _locked(path: Path) -> int:
    """Return the descriptor of the log, locked: the lock goes when the descriptor or the process ends."""
    while True:
        descriptor = _lock(path)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), (path / LOG).stat()):
                return descriptor
        os.close(
            descriptor
        )  # a search that was refused has taken this log away meanwhile: it would lock nothing


def _lock(path: Path) -> int:
    try:
        descriptor = os.open(path / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise InputError(
            f"Another search is writing to {path}. Wait until it has ended, or choose another folder with --output."
        ) from error
    except OSError as error:
        os.close(descriptor)
        raise _unusable(path, error) from error
    return descriptor


def _unusable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path} cannot be written to: {error.strerror}. Make it writable, make room, or choose another folder with "
        "--output."
    )
