"""`Executor`: anything that runs units, and the one that runs them in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from automl_text.engine.halt import never
from automl_text.engine.unit import attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Scores


class Executor(Protocol):
    """Runs units somewhere. It knows no family and writes no file."""

    def run(self, units: Sequence[Unit], halt: Callable[[], Halt] = never) -> Iterator[Outcome]:
        """Yield the outcome of each unit once, in any order; fewer only where ``halt`` ends the run early."""

    def close(self) -> None:
        """Give back processes and connections; may be called twice."""


class InlineExecutor:
    """Runs units one after the other in this process: no time limit, no survival of a crash.

    Parameters
    ----------
    work : callable (Unit) -> Scores
    """

    def __init__(self, work: Callable[[Unit], Scores]) -> None:
        self._work = work

    def run(self, units: Sequence[Unit], halt: Callable[[], Halt] = never) -> Iterator[Outcome]:
        """Yield outcomes, the costliest unit of the earliest turn first."""
        for unit in sorted(units, key=lambda unit: (unit.turn, -unit.cost)):
            if halt() != "no":
                return
            yield attempt(self._work, unit)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""
