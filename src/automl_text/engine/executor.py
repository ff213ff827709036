"""`Engine` runs what has not been run before, and journals it; an `Executor` is anything that runs units."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol, Self

from automl_text.engine.halt import never
from automl_text.engine.unit import Outcome
from automl_text.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from automl_text.engine.halt import Halt
    from automl_text.engine.journal import Journal
    from automl_text.engine.unit import Unit


_FITS_THAT_HANG = 2
"""Time-outs of a family after which no more of its units start, where none was done: a search has dozens of them."""


def start_all(unit: Unit) -> None:
    """Return no outcome: the unit is to be started."""


class Executor(Protocol):
    """Runs units somewhere. It knows no family and writes no file."""

    @property
    def n_at_once(self) -> int:
        """Units that run side by side at this moment, where there are enough of them."""

    def run(
        self,
        units: Sequence[Unit],
        halt: Callable[[], Halt] = never,
        known: Callable[[Unit], Outcome | None] = start_all,
    ) -> Iterator[Outcome]:
        """Yield the outcome of each unit once, in any order; fewer only where ``halt`` ends the run early.

        ``known`` is asked before a unit starts; where it gives an outcome the unit does not start.
        """

    def close(self) -> None:
        """Give back processes and connections; may be called twice."""


class Engine:
    """Runs units by an executor and writes every outcome to a journal; no unit is run twice.

    As a context manager it opens the journal, and at the end closes it and gives back the executor's processes.

    Parameters
    ----------
    journal : Journal
        What it holds already counts as done.
    halt : callable () -> Halt
        Asked before each new unit and while units run.
    """

    def __init__(self, executor: Executor, journal: Journal, halt: Callable[[], Halt] = never) -> None:
        self._executor = executor
        self._journal = journal
        self._halt = halt
        self._known: dict[str, Outcome] = dict(journal.outcomes)
        self._n_hung: Counter[str] = Counter()
        self._families_done: set[str] = set()

    def __enter__(self) -> Self:
        self._journal.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._journal.__exit__(*error)
        self._executor.close()

    @property
    def n_at_once(self) -> int:
        """Units that run side by side; 0 where that is not known yet."""
        return self._executor.n_at_once

    def missing(self, units: Sequence[Unit]) -> list[Unit]:
        """Return the units that still have to run, each key once."""
        by_key = {unit.key: unit for unit in units}
        return [unit for key, unit in by_key.items() if key not in self._known]

    def run(
        self, units: Sequence[Unit], on_outcome: Callable[[Unit, Outcome], None] | None = None
    ) -> dict[str, Outcome]:
        """Return the outcomes of ``units`` by key; one is absent only where the halt ended the run before it.

        Parameters
        ----------
        on_outcome : callable (Unit, Outcome), optional
            Called for each unit that ran now, after its outcome is on the disk.

        Raises
        ------
        RunError
            If the journal cannot be written, no process can be started, or a worker answers what it was not asked.
        """
        missing = {unit.key: unit for unit in self.missing(units)}
        self._families_done |= {unit.family for unit in units if self._is_done(unit)}
        for outcome in self._executor.run(list(missing.values()), self._halt, self._given_up):
            unit = missing.get(outcome.key) if isinstance(outcome, Outcome) else None
            if unit is None:
                raise RunError("A worker gave back an outcome that nobody had asked for. Is it one of yours?")
            self._journal.append(unit, outcome)
            self._known[outcome.key] = outcome
            self._n_hung[unit.family] += outcome.status == "timed_out"
            if self._is_done(unit):
                self._families_done.add(unit.family)
            if on_outcome is not None:
                on_outcome(unit, outcome)
        return {unit.key: self._known[unit.key] for unit in units if unit.key in self._known}

    def _is_done(self, unit: Unit) -> bool:
        outcome = self._known.get(unit.key)
        return outcome is not None and outcome.scores is not None

    def _given_up(self, unit: Unit) -> Outcome | None:
        """Return the outcome of a unit whose family hangs, so that it need not start."""
        if self._n_hung[unit.family] < _FITS_THAT_HANG or unit.family in self._families_done:
            return None
        reason = "not started: fits of its family before it took longer than the time limit"
        return Outcome(key=unit.key, status="timed_out", reason=reason, is_final=False)
