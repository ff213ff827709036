"""`Interruption`: Ctrl-C once ends gracefully, twice ends at once."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from automl_text.engine.halt import Halt

EXIT_CODE = 130
"""What a shell expects of a program that was interrupted."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """While entered, the first SIGINT or SIGTERM is remembered, and the second ends this process at once.

    Worker processes notice that their parent has gone and end too; the journal is whole at every moment. In another
    thread than the main one signals cannot be caught: it then never says that it was interrupted.

    Parameters
    ----------
    on_first : callable () -> None, optional
        Called in the signal handler: say in one line what happens next.

    Attributes
    ----------
    is_requested : bool
    """

    def __init__(self, on_first: Callable[[], None] | None = None) -> None:
        self.is_requested = False
        self._on_first = on_first
        self._previous: dict[signal.Signals, signal._HANDLER] = {}

    def halt(self) -> Halt:
        """Return "soon" once an end was asked for: running units finish, no more start."""
        return "soon" if self.is_requested else "no"

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._previous = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_requested:
            os._exit(EXIT_CODE)
        self.is_requested = True
        if self._on_first is not None:
            self._on_first()
