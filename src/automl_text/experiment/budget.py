"""`Budget`: a time limit for the whole run, shared out over its stages."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from automl_text.engine.halt import Halt
    from automl_text.tuning.plan import Purpose

SHARES: Mapping[Purpose, float] = {"trials": 0.55, "outer": 0.68, "curve": 0.75}
"""Share of the budget after which no more fits of a stage are started; the final model and the report follow."""
HARD_SHARE = 0.85
"""Share after which running fits are ended: the verdict, the final fit and the report take what is left."""
REFIT_SHARE = 0.93
"""Share after which the recommended family's final fit is ended."""
MOST_SECURED = 0.35
"""Largest share that every stage gives up for a final fit that needs more than lies between the two above."""
INSTEAD_SHARE = 1.0
"""Share after which the final fit of a simpler family in its place is ended; the report alone follows."""

LEAST_SECONDS = 30.0
"""Libraries alone take 10 s to load on a slow machine."""


class Budget:
    """Tells when to stop. Without a limit it never does.

    Parameters
    ----------
    seconds : float or None
        For everything, the report included; None: no limit.
    began : float
        Reading of ``time.monotonic()`` when the run began.

    Raises
    ------
    InputError
        If there is too little time for any run.
    """

    def __init__(self, seconds: float | None, began: float) -> None:
        if seconds is not None and seconds < LEAST_SECONDS:
            raise InputError(
                f"--time-budget {seconds:g}s: loading the libraries and fitting anything takes {LEAST_SECONDS:g} s "
                "or more. Allow at least that."
            )
        self._seconds = seconds
        self._began = began
        self._share = SHARES["trials"]
        self._secured = 0.0

    @property
    def seconds(self) -> float:
        """All of the time; infinite without a limit."""
        return math.inf if self._seconds is None else self._seconds

    @property
    def used(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._seconds is not None

    def enter(self, stage: Purpose) -> None:
        """Let fits of ``stage`` start, up to its share of the time."""
        self._share = SHARES[stage]

    def secure(self, seconds: float) -> None:
        """Keep at least so many seconds for the verdict and the final fit: stages end as much earlier as it takes."""
        self._secured = max(self._secured, seconds)

    def halt(self) -> Halt:
        """Return whether fits may start or go on at this moment."""
        used = self.used / self.seconds + self._given_up
        if used >= HARD_SHARE:
            return "now"
        return "soon" if used >= self._share else "no"

    def halt_at(self, share: float) -> Callable[[], Halt]:
        """Return a halt that says "now" after ``share`` of the time."""
        return lambda: "now" if self.used >= share * self.seconds else "no"

    @property
    def _given_up(self) -> float:
        """The share that every stage gives up for what was secured."""
        return min(max(0.0, self._secured / self.seconds - (REFIT_SHARE - HARD_SHARE)), MOST_SECURED)
