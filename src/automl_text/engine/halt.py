"""When to stop early: a halt is asked before each new unit, and while units run."""

from __future__ import annotations

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
