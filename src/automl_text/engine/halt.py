"""When to stop early: a halt is asked before each new unit and while units run; Ctrl-C is one."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

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


_EXIT_CODE = 130
"""What a shell expects of a program that was interrupted."""

_SECONDS_TO_END = 8.0
"""After an interruption, for fits that run: a short one ends, a long one is given up and runs again with --resume."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """While entered, the first SIGINT or SIGTERM is remembered, and the second ends this process at once.

    The handler itself says nothing: it may have come in the middle of a write to the same stream.

    Worker processes notice that their parent has gone and end too; the journal is whole at every moment. In another
    thread than the main one signals cannot be caught: it then never says that it was interrupted.

    Parameters
    ----------
    on_first : callable () -> None, optional
        Called once, when a halt is next asked for: say in one line what happens next.
    clock : callable () -> float
        Seconds.
    """

    def __init__(
        self, on_first: Callable[[], None] | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.is_requested = False
        self._on_first = on_first
        self._clock = clock
        self._ends_now = self.patience(_SECONDS_TO_END)
        self._previous: dict[signal.Signals, signal._HANDLER] = {}

    def halt(self) -> Halt:
        """Return "soon" once an end was asked for: no more units start; and "now" after `_SECONDS_TO_END`."""
        if not self.is_requested:
            return "no"
        if self._on_first is not None:
            self._on_first()
            self._on_first = None
        return "now" if self._ends_now() == "now" else "soon"

    def patience(self, seconds: float) -> Callable[[], Halt]:
        """Return a halt that says "now" so many seconds after it was first asked when an end had been asked for."""
        asked: list[float] = []

        def halt() -> Halt:
            if not self.is_requested:
                return "no"
            now = self._clock()
            asked[:] = asked or [now]
            return "now" if now >= asked[0] + seconds else "no"

        return halt

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._previous = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_requested:
            os._exit(_EXIT_CODE)
        self.is_requested = True
