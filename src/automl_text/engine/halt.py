"""When to stop early: a halt is asked before each new unit, and while units run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Halt = Literal["no", "soon", "now"]
"""Go on; start nothing new but let running units finish; end running units too."""

_URGENCY: tuple[Halt, ...] = ("no", "soon", "now")


def never() -> Halt:
    """Return "no": nothing asks for an early end."""
    return "no"


def first_of(*checks: Callable[[], Halt]) -> Callable[[], Halt]:
    """Return a check that is as urgent as the most urgent of ``checks``."""

    def check() -> Halt:
        return max((one() for one in checks), key=_URGENCY.index)

    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A halt by the clock: "soon" from ``soft`` on, "now" from ``hard`` on.

    Attributes
    ----------
    soft, hard : float
        Readings of ``time.monotonic()`` in seconds; ``soft <= hard``.
    """

    soft: float
    hard: float

    def __call__(self) -> Halt:
        """Return how urgent the end is at this moment."""
        now = time.monotonic()
        if now >= self.hard:
            return "now"
        return "soon" if now >= self.soft else "no"
