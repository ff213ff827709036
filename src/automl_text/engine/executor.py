"""`Executor`: anything that runs units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from automl_text.engine.halt import never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Outcome, Unit


class Executor(Protocol):
    """Runs units somewhere. It knows no family and writes no file."""

    @property
    def n_at_once(self) -> int:
        """Units that run side by side at this moment, where there are enough of them."""

    def run(self, units: Sequence[Unit], halt: Callable[[], Halt] = never) -> Iterator[Outcome]:
        """Yield the outcome of each unit once, in any order; fewer only where ``halt`` ends the run early."""

    def close(self) -> None:
        """Give back processes and connections; may be called twice."""
