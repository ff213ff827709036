"""`RunFolder`: the output folder, claimed before any work; what was there stays until the new files are whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from automl_text.errors import InputError, RunError
from automl_text.files import clear_partial, open_file, sync_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_JOURNAL = "journal.jsonl"
_LOG = "run.log"
RESULT = "result.json"

OWN_FILES = (
    RESULT,
    "report.html",
    "report.md",
    "report.json",
    "family.html",
    "model_card.md",
    "leaderboard.csv",
    "out_of_fold.csv",
    "out_of_fold.npz",
    "trials.csv",
    "best_model.pkl",
    "best_model.json",
    "best_model.requirements.txt",
    _JOURNAL,
    _LOG,
)
"""All that a run leaves, and all that `--overwrite` may replace."""

_VECTORS = "vectors.sqlite"
_WHILE_RUNNING = (_VECTORS, f"{_VECTORS}-journal")
"""What is there while a run lasts, and what one that was killed leaves for `--resume`."""

_NEXT, _READY = ".automl-text-next", ".automl-text-ready"
"""Folders inside: of the new files until they are whole, then of what moves to its place. A run that replaces another
keeps its journal there too."""

_MIN_FREE_BYTES = 100_000_000
"""A standard run of 500 rows leaves some 20 MB; the model of a large file can take four times that."""

_WAYS_OUT = "Continue it with --resume, replace it with --overwrite, or choose another folder with --output."


class RunFolder:
    """A folder that no other search can write to until it is released or this process ends.

    Use `RunFolder.claim`, the folder as a context manager, `begin` before anything is written, and `finish` when all
    is. Before `begin` an earlier run lies there untouched, and a release leaves no trace. What `write` writes lies
    beside what was there, and takes its place in `finish`: a kill leaves the old files or the new ones, and what was
    begun is found by ``resume``.

    Attributes
    ----------
    path : Path
        Where the run is to be found.
    """

    def __init__(self, path: Path, lock: int, *, made: Sequence[Path]) -> None:
        self.path = path
        self._place = path  # of the journal, the log and the vectors
        self._lock = lock
        self._made = made
        self._is_overwritten = False
        self._has_begun = False

    @classmethod
    def claim(cls, path: Path, *, resume: bool = False, overwrite: bool = False) -> RunFolder:
        """Return the folder at ``path``, made if need be, locked and found fit to hold a run.

        A run that was cut short is continued; one that is finished needs ``resume`` or ``overwrite``.

        Parameters
        ----------
        resume : bool
            Whether a finished run, or one that was to replace it, may be continued.
        overwrite : bool
            Whether what an earlier run left is replaced in the end: `OWN_FILES` and `_WHILE_RUNNING`, nothing else.

        Raises
        ------
        InputError
            If the path is a file, cannot be written, has too little room, is in use by another search, holds a finished
            run, or something else than a file in place of one of ours.
        RunError
            If a run that is whole cannot be put in its place.
        """
        made = _make(path)
        lock, is_new = _locked(path)
        folder = cls(path, lock, made=[path / _LOG, *made] if is_new else made)
        try:
            _finish_exchange(path)
            folder._check_room()
            folder._choose_place(resume=resume, overwrite=overwrite)
            folder._check_files()
        except BaseException:
            folder.release()
            raise
        return folder

    @property
    def journal(self) -> Path:
        """Path of the journal."""
        return self._place / _JOURNAL

    @property
    def log(self) -> Path:
        """Path of the log."""
        return self._place / _LOG

    @property
    def vectors(self) -> Path:
        """Path of the sentence vectors that the run's processes share."""
        return self._place / _VECTORS

    def begin(self) -> None:
        """Delete what a killed run left half-written, and where another one was begun in place of an old run, that too.

        Raises
        ------
        InputError
            If something cannot be deleted.
        """
        self._has_begun = True
        try:
            fresh = self.path / _NEXT
            if fresh.is_dir() and (self._is_overwritten or fresh != self._place):
                shutil.rmtree(fresh)
            for name in set(OWN_FILES) - {_JOURNAL, _LOG}:
                (fresh / name).unlink(missing_ok=True)
            self._place.mkdir(exist_ok=True)
            clear_partial(self._place)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def write(self, name: str, content: bytes | str) -> None:
        """Write one of `OWN_FILES` whole or not at all, beside what is there.

        Raises
        ------
        RunError
            If it cannot be written, such as on a full disk.
        """
        if name not in OWN_FILES:
            raise ValueError(f"{name} is not among OWN_FILES, so --overwrite would leave it behind")
        try:
            (self.path / _NEXT).mkdir(exist_ok=True)
        except OSError as error:
            raise RunError(f"{self.path / _NEXT} cannot be made: {error.strerror}.") from error
        write_whole(self.path / _NEXT / name, content)

    def finish(self) -> None:
        """Let the new files take the place of what an earlier run left, if result.json is among them.

        Raises
        ------
        RunError
            If a file cannot be moved; the next search in this folder moves the rest.
        """
        _finish_exchange(self.path)
        self._place = self.path

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

    def _choose_place(self, *, resume: bool, overwrite: bool) -> None:
        """Find where to write: beside a run that is replaced, in what was to replace it, or where the run belongs."""
        found, is_replacing = _found(self.path), (self.path / _NEXT / _JOURNAL).exists()
        is_cut_short = RESULT not in found and _JOURNAL in found
        if not (resume or overwrite) and (is_replacing or (found and not is_cut_short)):
            named = ", ".join(found[:3]) or _NEXT
            raise InputError(f"{self.path} holds a finished run ({named}). {_WAYS_OUT}")
        if (resume and is_replacing) or (overwrite and found):
            self._place = self.path / _NEXT
        self._is_overwritten = overwrite

    def _check_room(self) -> None:
        try:
            with tempfile.TemporaryFile(dir=self.path) as probe:
                probe.write(bytes(1_000_000))
                probe.flush()
                free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise _unusable(self.path, error) from error
        if free < _MIN_FREE_BYTES:
            raise InputError(
                f"{self.path}: {free / 1e6:.0f} MB are free, a run needs {_MIN_FREE_BYTES / 1e6:.0f} MB. Make "
                "room, or choose a folder on another disk with --output."
            )

    def _check_files(self) -> None:
        """Refuse what is no file where we write: what a link points to belongs to somebody else, a pipe never ends."""
        ours = [folder / name for folder in (self.path, self._place) for name in OWN_FILES + _WHILE_RUNNING]
        for path in (self.path / _NEXT, self.path / _READY, *ours):
            with suppress(FileNotFoundError):
                kind = stat.S_IFMT(path.lstat().st_mode)
                if kind != (stat.S_IFREG if path in ours else stat.S_IFDIR):
                    what = "a link, and is not followed" if kind == stat.S_IFLNK else "in the way"
                    raise InputError(f"{path} is {what}. Delete it, or choose another --output.")

    def _take_away(self) -> None:
        """Delete the log and the folders that were made, unless something stands or lies in them."""
        for path in self._made:
            if path.is_dir():
                path.rmdir()
            elif path.stat().st_size == 0:
                path.unlink()


def _found(path: Path) -> list[str]:
    """Return the names of what an earlier run left; a log alone is none."""
    return [name for name in OWN_FILES + _WHILE_RUNNING if name != _LOG and os.path.lexists(path / name)]


def _finish_exchange(path: Path) -> None:
    """Put new files that are whole in the place of the old ones; after a kill it goes on where it was.

    Raises
    ------
    RunError
        If one cannot be moved.
    """
    try:
        _exchange(path, path / _NEXT, path / _READY)
    except OSError as error:
        raise RunError(
            f"{path}: the run is whole, but cannot be put in its place ({error.filename}: {error.strerror}). It lies "
            f"in {_NEXT} or {_READY} there; put right what is in the way, and run again with --resume."
        ) from error


def _exchange(path: Path, fresh: Path, ready: Path) -> None:
    """Move files.

    The old ones go first, result.json before all: a folder without it is not taken for whole. The journal goes only
    where the new run brought its own. Then the new files are ready, and move, result.json last but for the log.
    """
    if (fresh / RESULT).exists():
        kept = {_LOG} if (fresh / _JOURNAL).exists() else {_LOG, _JOURNAL}
        for name in OWN_FILES + _WHILE_RUNNING:
            if name not in kept:
                (path / name).unlink(missing_ok=True)
        sync_folder(path)
        fresh.rename(ready)
    if not ready.is_dir():
        return
    for name in (*reversed(OWN_FILES[:-1]), _LOG):
        with suppress(FileNotFoundError):
            (ready / name).replace(path / name)
    sync_folder(path)
    shutil.rmtree(ready)


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


def _locked(path: Path) -> tuple[int, bool]:
    """Return the descriptor of the log, locked until it or the process ends, and whether the log was made for that."""
    while True:
        descriptor, is_new = _open_log(path)
        _lock(path, descriptor)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), (path / _LOG).stat()):
                return descriptor, is_new
        os.close(
            descriptor
        )  # a search that was refused has taken this log away meanwhile: it would lock nothing


def _open_log(path: Path) -> tuple[int, bool]:
    flags = os.O_WRONLY | os.O_APPEND
    try:
        try:
            return open_file(path / _LOG, flags | os.O_CREAT | os.O_EXCL), True
        except FileExistsError:
            return open_file(path / _LOG, flags | os.O_CREAT), False
    except OSError as error:
        raise _unusable(path, error) from error


def _lock(path: Path, descriptor: int) -> None:
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


def _unusable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path} cannot be written to: {error.strerror}. Make it writable, make room, or choose another folder with "
        "--output."
    )
