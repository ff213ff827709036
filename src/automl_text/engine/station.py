"""What happens on a worker of a cluster or pool: units run in killable processes beside it, not in its threads.

A thread cannot be ended, shares TensorFlow's state with its neighbours and takes the whole worker along when a library
crashes. So each thread of a worker only waits for a process of its own, started by `LocalExecutor`: time limits,
deaths and one thread per fit are then the same as on one machine.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from automl_text.engine.local import LocalExecutor

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Scores

_SECONDS_WARM = 60.0
"""Processes that nothing was asked of for so long end: their search may have been killed."""

_stations: WeakValueDictionary[str, Station] = WeakValueDictionary()
"""Searches by name; one is kept alive by its running units and warm processes alone."""

_stations_lock = threading.Lock()


class Station:
    """The processes that one search has on one worker: as many as units run side by side.

    Parameters
    ----------
    time_limit : float or None
        Seconds per unit.
    """

    def __init__(self, work: Callable[[Unit], Scores], time_limit: float | None) -> None:
        self._work = work
        self._time_limit = time_limit
        self._lock = threading.Lock()
        self._idle: dict[LocalExecutor, threading.Timer] = {}
        self._is_closed = False

    def run(self, unit: Unit) -> Outcome | None:
        """Return the unit's outcome, or None where the search was ended before it was known."""
        executor = self._take()
        try:
            outcomes = list(executor.run([unit], self._halt))
        except BaseException:
            executor.close()
            raise
        self._give_back(executor)
        return outcomes[0] if outcomes else None

    def close(self) -> None:
        """End all processes, also those that run a unit."""
        with self._lock:
            self._is_closed = True
            for executor, timer in self._idle.items():
                timer.cancel()
                executor.close()
            self._idle.clear()

    def _halt(self) -> Halt:
        return "now" if self._is_closed else "no"

    def _take(self) -> LocalExecutor:
        with self._lock:
            if not self._idle:
                return LocalExecutor(self._work, jobs=1, time_limit=self._time_limit)
            executor, timer = self._idle.popitem()
            timer.cancel()
            return executor

    def _give_back(self, executor: LocalExecutor) -> None:
        with self._lock:
            if self._is_closed:
                executor.close()
                return
            timer = threading.Timer(_SECONDS_WARM, self._expire, [executor])
            timer.daemon = True
            self._idle[executor] = timer
            timer.start()

    def _expire(self, executor: LocalExecutor) -> None:
        with self._lock:
            if self._idle.pop(executor, None) is not None:
                executor.close()


def run_unit(
    work: Callable[[Unit], Scores], search: str, unit: Unit, time_limit: float | None
) -> Outcome | None:
    """Return the outcome of ``unit``, run in a process beside this worker.

    Parameters
    ----------
    search : str
        Names the search; its processes stay warm for its next unit.
    time_limit : float or None
        Seconds.
    """
    with _stations_lock:
        station = _stations.setdefault(search, Station(work, time_limit))
    return station.run(unit)


def end_search(search: str) -> None:
    """End the processes that ``search`` has on this worker."""
    with _stations_lock:
        station = _stations.pop(search, None)
    if station is not None:
        station.close()
