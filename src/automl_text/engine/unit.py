"""`Unit`: one fit, the thing that is run, journalled and retried; `Outcome`: what became of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from automl_text.data.dataset import Split  # noqa: TC001  (a field of a pickled record)

if TYPE_CHECKING:
    from automl_text.families.contract import Params, Scores

Status = Literal["done", "failed", "timed_out", "died"]

_NOT_FINAL: tuple[tuple[str, str, str, Status], ...] = (
    ("builtins", "MemoryError", "", "died"),
    ("tensorflow", "ResourceExhaustedError", "", "died"),
    ("lightgbm", "LightGBMError", "bad_alloc", "died"),
    ("onnxruntime", "RuntimeException", "bad_alloc", "died"),
    ("onnxruntime", "RuntimeException", "Failed to allocate memory", "died"),
    ("builtins", "RuntimeError", "can't start new thread", "died"),
    ("builtins", "ImportError", "", "failed"),
    ("builtins", "OSError", "", "failed"),
    ("sqlite3", "OperationalError", "", "failed"),
    ("automl_text", "InputError", "", "failed"),
)
"""Errors of the surroundings, not of the unit: package, class, words of the message, what became of the unit.

They go by name, since a process that lacks these libraries or need not load them decides here too.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One fit of one family on one split at one set of params."""

    family: str
    split: Split
    params: Params
    run_seed: int
    """The seed of the run; the fit's own seed follows from the unit's key."""
    data_key: str
    """Digest of what ``split`` is cut from: texts, columns beside them, labels, groups and partitions."""
    reads_beside: bool = True
    """False leaves out what stands beside the texts."""
    runtime: str = "light"
    """Which kind of process may run it: "light" or "tensorflow"."""
    turn: int = 0
    """Units of an earlier turn start first: what a run that ends early must have done."""
    cost: float = 1.0
    """Expected relative duration; within a turn the largest units start first."""

    @property
    def key(self) -> str:
        """Digest that names the work: equal keys give equal outcomes, in any order and process."""
        content = [self.family, asdict(self.split), self.params, self.run_seed, self.data_key]
        content += [] if self.reads_beside else ["texts alone"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def seed(self) -> int:
        """Seed of this fit, below 2**31."""
        return int(self.key[:8], 16) % 2**31


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What became of a unit."""

    key: str
    """The unit's key."""
    status: Status
    """A unit has "failed" if it raised, "died" if its process ended or had no memory left."""
    reason: str = ""
    """One line, empty when done."""
    scores: Scores | None = None
    """None unless done."""
    is_final: bool = True
    """Whether another attempt would end the same way. False for a unit that ran out of time, whose process died, or
    that lacked memory, disk, a library or a file: a resumed run tries these again."""
    seconds: float = 0.0
    """Of the attempt that is done, by the clock, with what it made ready for others (vectors)."""


def failure(key: str, error: Exception) -> Outcome:
    """Return the outcome of a unit that raised ``error``, with its type and first line as the reason."""
    first_line = str(error).strip().partition("\n")[0]
    reason = f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
    for package, name, words, status in _NOT_FINAL:
        if words in str(error) and _is_a(error, package, name):
            return Outcome(key=key, status=status, reason=reason, is_final=False)
    return Outcome(key=key, status="failed", reason=reason)


def _is_a(error: Exception, package: str, name: str) -> bool:
    """Return whether ``error`` is of the class ``name`` of ``package``, or of one derived from it."""
    return any(
        each.__name__ == name and each.__module__.partition(".")[0] == package for each in type(error).__mro__
    )
