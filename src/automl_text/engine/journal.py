"""`Journal`: every outcome on disk as it comes, one JSON line each, so that a search can go on after any end."""

from __future__ import annotations

import base64
import json
import os
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from automl_text.engine.unit import Outcome
from automl_text.errors import InputError, RunError
from automl_text.families.contract import Scores

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.engine.unit import Unit

FORMAT = "automl-text journal 3"
"""Raised whenever a line changes its meaning; a journal of another format is refused."""

CONSEQUENCE = "data"
"""The header's digest of what its other entries lead to: a difference says something only where they agree."""

_BEGIN = b'{"format": "automl-text journal'
_Header = dict[str, Any]  # whatever JSON holds


class Journal:
    """An append-only file of outcomes; each line is on the disk before the next unit is counted as done.

    Use `Journal.open`, and the journal as a context manager.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        Final outcomes by unit key. Units that ran out of time or died are written too, for people, but a resumed
        run tries them again.
    """

    def __init__(self, path: Path, descriptor: int, outcomes: dict[str, Outcome]) -> None:
        self.outcomes = outcomes
        self._path = path
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size

    @classmethod
    def open(cls, path: Path, header: Mapping[str, Any]) -> Journal:
        """Return the journal at ``path``, begun if it is not there, with what it already holds.

        Parameters
        ----------
        path : Path
        header : mapping of str to anything JSON can hold
            What two runs must share for their outcomes to be exchangeable, in a person's words: columns, seed,
            parts, versions; and `CONSEQUENCE`.

        Raises
        ------
        InputError
            If the file is no journal, has another format, belongs to a search with another header, or is damaged
            before its last line. A torn last line is what a power cut leaves: it is cut off and its unit runs again.
        RunError
            If the file cannot be written.
        """
        expected: _Header = {"format": FORMAT, **json.loads(json.dumps(header))}
        outcomes: dict[str, Outcome] = {}
        size = 0
        if path.exists():
            size = _read(path, expected, outcomes)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            os.ftruncate(descriptor, size)
            os.lseek(descriptor, size, os.SEEK_SET)
        except OSError as error:
            raise _unwritable(path, error) from error
        journal = cls(path, descriptor, outcomes)
        if size == 0:
            journal._append_line(expected)
        return journal

    def append(self, unit: Unit, outcome: Outcome) -> None:
        """Write one outcome; it is on the disk when this returns.

        Raises
        ------
        RunError
            If it cannot be written, such as on a full disk; the file then ends with its last whole line.
        """
        self._append_line(record_of(unit, outcome))
        if outcome.is_final:
            self.outcomes[outcome.key] = outcome

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append_line(self, content: _Header) -> None:
        line = json.dumps(content, ensure_ascii=False).encode() + b"\n"
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise _unwritable(self._path, error) from error
        self._size += len(line)


def _read(path: Path, expected: _Header, outcomes: dict[str, Outcome]) -> int:
    """Fill ``outcomes`` and return the size in bytes of all whole lines."""
    *lines, torn = path.read_bytes().split(b"\n")
    if not lines and _BEGIN.startswith(torn[: len(_BEGIN)]):
        return 0
    _check_header(path, lines[0] if lines else torn, expected)
    size = len(lines[0]) + 1
    for number, line in enumerate(lines[1:], start=2):
        try:
            outcome = outcome_of(json.loads(line))
        except DAMAGE as error:
            if number == len(lines) and not torn:
                break
            raise InputError(
                f"{path}, line {number}: damaged ({type(error).__name__}: {error}). Delete this line, and run "
                "again with --resume: its unit runs again. Or begin again with --overwrite."
            ) from error
        size += len(line) + 1
        if outcome.is_final:
            outcomes[outcome.key] = outcome
    return size


def _check_header(path: Path, line: bytes, expected: _Header) -> None:
    """Raise InputError unless ``line`` is the header of a journal whose outcomes may be used."""
    try:
        found = _flat(json.loads(line))
    except (ValueError, TypeError, AttributeError):
        found = {}
    wanted = _flat(expected)
    if "format" not in found:
        raise InputError(f"{path} is not a journal. Choose another folder with --output, or --overwrite.")
    if found["format"] != FORMAT:
        raise InputError(
            f"{path} was written by another version of automl-text (format {found['format']!r}, here {FORMAT!r}) and "
            "cannot be continued: choose another folder with --output, or begin again with --overwrite."
        )
    names = [name for name in [*wanted, *(found.keys() - wanted)] if found.get(name) != wanted.get(name)]
    if names != [CONSEQUENCE]:
        names = [name for name in names if name != CONSEQUENCE]
    if names:
        differences = "; ".join(
            f"{name} {found.get(name, 'nothing')} there, {wanted.get(name, 'nothing')} here" for name in names
        )
        raise InputError(
            f"{path} belongs to another search: {differences}. --resume continues the same search only: "
            "choose another folder with --output, or begin again with --overwrite."
        )


def _flat(header: _Header, prefix: str = "") -> _Header:
    """Return the header with ``{"versions": {"numpy": "2"}}`` as ``{"versions.numpy": "2"}``."""
    flat: _Header = {}
    for name, value in header.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _unwritable(path: Path, error: OSError) -> RunError:
    return RunError(
        f"{path} cannot be written: {error.strerror}. Nothing that it holds is lost: make room or change the "
        "rights, and run again with --resume."
    )


DAMAGE = (ValueError, KeyError, TypeError, AttributeError, zlib.error)
"""What reading a damaged record may raise."""

_FAST = 1  # logits hardly compress: level 9 takes 4 times as long for 1 % less


def record_of(unit: Unit, outcome: Outcome) -> dict[str, Any]:
    """Return what the journal writes: the fields a person looks for first, the arrays last."""
    scores = outcome.scores
    return {
        "key": outcome.key,
        "status": outcome.status,
        "reason": outcome.reason,
        "is_final": outcome.is_final,
        "family": unit.family,
        "params": unit.params,
        "split": asdict(unit.split),
        "seconds": round(scores.fit_seconds + scores.predict_seconds, 3) if scores else None,
        "scores": _plain(scores) if scores else None,
    }


def outcome_of(record: dict[str, Any]) -> Outcome:
    """Return the outcome that `record_of` has written.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, zlib.error
        If the record is damaged.
    """
    scores = record["scores"]
    return Outcome(
        key=record["key"],
        status=record["status"],
        reason=record["reason"],
        is_final=record["is_final"],
        scores=_scores(scores) if scores else None,
    )


def _plain(scores: Scores) -> dict[str, Any]:
    logits = np.ascontiguousarray(scores.logits, dtype="<f4")
    return {
        "steps": [int(step) for step in scores.steps],
        "training": {name: [float(value) for value in curve] for name, curve in scores.training.items()},
        "notes": list(scores.notes),
        "n_parameters": int(scores.n_parameters),
        "fit_seconds": float(scores.fit_seconds),
        "predict_seconds": float(scores.predict_seconds),
        "shape": list(logits.shape),
        "logits": base64.b64encode(zlib.compress(logits.tobytes(), _FAST)).decode(),
    }


def _scores(plain: dict[str, Any]) -> Scores:
    raw = zlib.decompress(base64.b64decode(plain["logits"], validate=True))
    logits: NDArray[np.float32] = np.frombuffer(raw, dtype="<f4").reshape(plain["shape"])
    return Scores(
        steps=tuple(plain["steps"]),
        logits=logits,
        training={name: tuple(curve) for name, curve in plain["training"].items()},
        notes=tuple(plain["notes"]),
        n_parameters=plain["n_parameters"],
        fit_seconds=plain["fit_seconds"],
        predict_seconds=plain["predict_seconds"],
    )
