"""`Journal`: every outcome on disk as it comes, one JSON line each, so that a search can go on after any end."""

from __future__ import annotations

import base64
import json
import math
import os
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, ValidationError

from automl_text.engine.unit import Outcome, Status
from automl_text.errors import InputError, RunError
from automl_text.families.contract import Scores
from automl_text.files import open_file

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

    Use `Journal.open`, which reads and checks what is there and writes nothing, then the journal as a context manager.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        Final outcomes by unit key. Units that ran out of time or died are written too, for people, but a resumed
        run tries them again.
    """

    def __init__(self, path: Path, header: _Header, outcomes: dict[str, Outcome], *, size: int) -> None:
        self.outcomes = outcomes
        self.path = path
        self._header = header
        self._size = size
        self._descriptor = -1

    @classmethod
    def open(cls, path: Path, header: Mapping[str, Any], *, is_new: bool = False) -> Journal:
        """Return the journal at ``path`` with what it already holds.

        Parameters
        ----------
        header : mapping of str to anything JSON can hold
            What two runs must share for their outcomes to be exchangeable, in a person's words: columns, seed,
            folds, versions; and `CONSEQUENCE`.
        is_new : bool
            Whether what may lie there is not to be read: it is gone before the first line is written.

        Raises
        ------
        InputError
            If the file is no journal, has another format, belongs to a search with another header, or is damaged
            before its last line. A torn last line is what a power cut leaves: it is cut off and its unit runs again.
        """
        expected: _Header = {"format": FORMAT, **json.loads(json.dumps(header))}
        outcomes: dict[str, Outcome] = {}
        size = 0 if is_new else _read(path, expected, outcomes)
        return cls(path, expected, outcomes, size=size)

    def append(self, unit: Unit, outcome: Outcome) -> None:
        """Write one outcome; it is on the disk when this returns.

        Raises
        ------
        RunError
            If it cannot be written, such as on a full disk: the file then ends with its last whole line. Or if the file
            has been removed, or another one stands in its place: what is written would be lost.
        """
        self._append_line(_record_of(unit, outcome))
        if outcome.is_final:
            self.outcomes[outcome.key] = outcome

    def __enter__(self) -> Self:
        """Open the file, cut off a torn last line, and begin it if it is not there.

        Raises
        ------
        RunError
            If the file cannot be written.
        """
        try:
            self._descriptor = open_file(self.path, os.O_RDWR | os.O_CREAT)
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
        except OSError as error:
            raise self._unwritable(error) from error
        if self._size == 0:
            self._append_line(self._header)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def _append_line(self, content: _Header) -> None:
        line = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
            is_there = os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except FileNotFoundError:
            is_there = False
        except OSError as error:
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise self._unwritable(error) from error
        if not is_there:
            raise RunError(
                f"{self.path} was removed while the search ran. Nothing can be kept: search again."
            )
        self._size += len(line)

    def _unwritable(self, error: OSError) -> RunError:
        return RunError(
            f"{self.path} cannot be written: {error.strerror}. Nothing that it holds is lost: make room or change the "
            "rights, and run again with --resume."
        )


def _read(path: Path, expected: _Header, outcomes: dict[str, Outcome]) -> int:
    """Fill ``outcomes`` and return the size in bytes of all whole lines."""
    try:
        *lines, torn = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return 0
    if not lines and _BEGIN.startswith(torn[: len(_BEGIN)]):
        return 0
    _check_header(path, lines[0] if lines else torn, expected)
    size = len(lines[0]) + 1
    for number, line in enumerate(lines[1:], start=2):
        try:
            outcome = outcome_of(line)
        except (ValueError, zlib.error) as error:
            if number == len(lines) and not torn:
                break
            raise InputError(
                f"{path}, line {number}: damaged ({_first_fault(error)}). Delete this line, and run again with "
                "--resume: its unit runs again. Or begin again with --overwrite."
            ) from error
        size += len(line) + 1
        if outcome.is_final:
            outcomes[outcome.key] = outcome
    return size


def _check_header(path: Path, line: bytes, expected: _Header) -> None:
    """Raise InputError unless ``line`` is the header of a journal whose outcomes may be used."""
    try:
        found = _flat(json.loads(line))
    except (ValueError, TypeError, AttributeError, RecursionError):
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


_FAST = 1  # logits hardly compress: level 9 takes 4 times as long for 1 % less


def _record_of(unit: Unit, outcome: Outcome) -> dict[str, Any]:
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
        "seconds": round(outcome.seconds, 3) if scores else None,
        "scores": _plain(scores) if scores else None,
    }


class _PlainScores(BaseModel):
    """Scores as the journal holds them."""

    model_config = ConfigDict(strict=True)

    steps: tuple[NonNegativeInt, ...] = Field(min_length=1)
    training: dict[str, tuple[float, ...]]
    notes: tuple[str, ...]
    n_parameters: NonNegativeInt
    fit_seconds: float = Field(ge=0, allow_inf_nan=False)
    predict_seconds: float = Field(ge=0, allow_inf_nan=False)
    shape: tuple[PositiveInt, PositiveInt, PositiveInt]
    logits: str

    def scores(self) -> Scores:
        """Return them as a fit has given them.

        Raises
        ------
        ValueError, zlib.error
            If their parts do not fit together.
        """
        if list(self.steps) != sorted(set(self.steps)) or self.shape[0] != len(self.steps):
            raise ValueError("steps do not ascend, or are not as many as the logits'")
        if any(len(curve) != len(self.steps) for curve in self.training.values()):
            raise ValueError("a training curve has not one value a step")
        n_bytes = 4 * math.prod(self.shape)
        raw = zlib.decompressobj().decompress(base64.b64decode(self.logits, validate=True), n_bytes + 1)
        if len(raw) != n_bytes:
            raise ValueError("the logits are not as many as their shape says")
        logits: NDArray[np.float32] = np.frombuffer(raw, dtype="<f4").reshape(self.shape)
        if np.isnan(logits).any():
            raise ValueError("logits that are no numbers")
        return Scores(logits=logits, **self.model_dump(exclude={"shape", "logits"}))


class _PlainOutcome(BaseModel):
    """An outcome as the journal holds it; what is there for people is left out."""

    model_config = ConfigDict(strict=True)

    key: str = Field(min_length=1)
    status: Status
    reason: str
    is_final: bool
    seconds: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    scores: _PlainScores | None


def outcome_of(line: bytes) -> Outcome:
    """Return the outcome that a line of the journal holds.

    Raises
    ------
    ValueError, zlib.error
        If the line is damaged.
    """
    plain = _PlainOutcome.model_validate_json(line)
    if (plain.status == "done") != (plain.scores is not None):
        raise ValueError("only what is done has scores")
    scores = plain.scores.scores() if plain.scores else None
    return Outcome(
        key=plain.key,
        status=plain.status,
        reason=plain.reason,
        is_final=plain.is_final,
        scores=scores,
        seconds=plain.seconds or 0.0,
    )


def _first_fault(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}"


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
