"""`LocalExecutor`: units in processes of this machine, which may hang or die without harm to the others."""

from __future__ import annotations

import heapq
import math
import os
import pickle
import time
from collections import Counter
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.engine.executor import start_all
from automl_text.engine.halt import never
from automl_text.engine.process import LOAD_ATTEMPTS, ProcessOptions, WorkerProcess
from automl_text.engine.unit import Outcome, failure
from automl_text.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Unit
    from automl_text.families.contract import Scores

_SECONDS_BETWEEN_CHECKS = 0.2
_CHEAP_RUNTIME = "light"
"""Its processes take little memory while they idle, and hold features that the next call may share."""


def _attempt(work: Callable[[Unit], Scores], unit: Unit) -> Outcome:
    """Return what becomes of ``unit`` in this process; an error it raises becomes a reason."""
    began = time.perf_counter()
    try:
        scores = work(unit)
        return Outcome(key=unit.key, status="done", scores=scores, seconds=time.perf_counter() - began)
    except Exception as error:  # noqa: BLE001  (the one place where a unit may fail in any way)
        return failure(unit.key, error)


class LocalExecutor:
    """Runs units in up to ``jobs`` processes, one thread each, the costliest unit first.

    A process serves units of one runtime only, stays warm while units of that runtime wait, and then gives way
    to one of another. A unit that raises has failed; one that exceeds the time limit is ended with its process. One
    whose process dies is tried once more at the end of its turn, with nothing beside it. A process that does not load
    the work in time is replaced.

    Parameters
    ----------
    work : callable (Unit) -> Scores
        Picklable; it is sent once to each process and carries the data.
    jobs : int, at least 1
    time_limit : float or None
        Seconds per unit.
    log : Path or None
        File that collects what libraries print.
    load_limit : float or None
        Seconds for a process to load the work; None: see `ProcessOptions`.
    """

    def __init__(
        self,
        work: Callable[[Unit], Scores],
        *,
        jobs: int,
        time_limit: float | None = None,
        log: Path | None = None,
        load_limit: float | None = None,
    ) -> None:
        payload = pickle.dumps(partial(_attempt, work), protocol=pickle.HIGHEST_PROTOCOL)
        self._options = ProcessOptions(payload=payload, time_limit=time_limit, log=log, load_limit=load_limit)
        self._jobs = jobs
        self._idle: list[WorkerProcess] = []
        self._running: dict[WorkerProcess, Unit] = {}
        self._n_unloaded: Counter[str] = Counter()

    def run(
        self,
        units: Sequence[Unit],
        halt: Callable[[], Halt] = never,
        known: Callable[[Unit], Outcome | None] = start_all,
    ) -> Iterator[Outcome]:
        """Yield outcomes as they come in.

        Raises
        ------
        RunError
            If no process can be started, or none loads the work in time.
        """
        waiting = _Waiting(units)
        try:
            while (urgency := halt()) != "now":
                if urgency == "no":
                    for unit in self._due(waiting):
                        if not waiting.is_tried_again(unit) and (outcome := known(unit)):
                            yield outcome
                        else:
                            self._assign(unit)
                if not self._running:
                    return
                yield from self._collect(waiting)
        finally:
            self._end_running()

    @property
    def n_at_once(self) -> int:
        """The number of jobs."""
        return self._jobs

    def close(self) -> None:
        """End all processes."""
        self._end_running()
        self._end_idle()

    def _due(self, waiting: _Waiting) -> Iterator[Unit]:
        """Yield the units to start now, the largest first, each once the one before runs; end processes in the way."""
        if any(waiting.is_tried_again(unit) for unit in self._running.values()):
            return
        while waiting and not waiting.is_suspect_due and len(self._running) < self._jobs:
            unit = waiting.pop([worker.runtime for worker in self._idle])
            self._end_idle(unless=waiting.runtimes | {unit.runtime})
            yield unit
        if waiting.is_suspect_due and not self._running:
            self._end_idle()  # their memory may be what was missing
            yield waiting.pop_suspect()
        if self._running:
            used = {unit.runtime for unit in self._running.values()}
            self._end_idle(unless=waiting.runtimes | used | {_CHEAP_RUNTIME})

    def _assign(self, unit: Unit) -> None:
        worker = self._worker_for(unit.runtime)
        self._running[worker] = unit
        worker.assign(unit)

    def _worker_for(self, runtime: str) -> WorkerProcess:
        for worker in self._idle:
            if worker.runtime == runtime:
                self._idle.remove(worker)
                return worker
        return WorkerProcess(self._options, runtime)

    def _collect(self, waiting: _Waiting) -> Iterator[Outcome]:
        """Yield what has become of running units within the next moment."""
        now = time.monotonic()  # before looking: a reply that came in time is never taken for a time-out
        readable = wait([worker.connection for worker in self._running], _SECONDS_BETWEEN_CHECKS)
        for worker in list(self._running):
            if worker.connection in readable:
                outcome = self._receive(worker)
            elif worker.deadline is not None and worker.deadline < now:
                outcome = self._time_out(worker)
            else:
                continue
            if outcome is not None and not waiting.takes_back(outcome):
                yield outcome

    def _receive(self, worker: WorkerProcess) -> Outcome | None:
        """Return the outcome that has come, or None where the process has only become ready."""
        try:
            reply = worker.receive()
        except EOFError:
            unit = self._running.pop(worker)
            return Outcome(key=unit.key, status="died", reason=worker.end(), is_final=False)
        if reply is None:
            return None
        unit = self._running.pop(worker)
        self._idle.append(worker)
        if reply.error is not None and worker.is_loaded:
            return failure(unit.key, reply.error)  # what the work gave cannot be sent here
        if reply.error is not None:
            raise RunError(f"A worker process could not do its work: {reply.error}") from reply.error
        outcome: Outcome = reply.value
        return outcome

    def _time_out(self, worker: WorkerProcess) -> Outcome | None:
        """End the process; return its unit's outcome, or None where the unit has not begun and gets another process."""
        unit = self._running.pop(worker)
        worker.kill()
        if not worker.is_loaded:
            self._n_unloaded[unit.key] += 1
            if self._n_unloaded[unit.key] == LOAD_ATTEMPTS:
                raise self._options.unloaded()
            self._assign(unit)
            return None
        reason = f"took longer than the time limit of {self._options.time_limit:g} s"
        return Outcome(key=unit.key, status="timed_out", reason=reason, is_final=False)

    def _end_running(self) -> None:
        for worker in self._running:
            worker.kill()
        self._running.clear()

    def _end_idle(self, unless: Collection[str] = ()) -> None:
        """End the processes that wait for work, except those of some runtimes."""
        for worker in self._idle:
            if worker.runtime not in unless:
                worker.end()
        self._idle = [worker for worker in self._idle if worker.runtime in unless]


class _Waiting:
    """Units that wait, earliest turn and largest first; those that died once are tried again at the end of their turn.

    No later: a family whose default trial lacks a fit when the time is over has failed.
    """

    def __init__(self, units: Sequence[Unit]) -> None:
        self._by_key = {unit.key: unit for unit in units}
        self._heaps: dict[str, list[tuple[int, float, int, Unit]]] = {}
        for number, unit in enumerate(self._by_key.values()):
            place = (unit.turn, -unit.cost, number, unit)
            heapq.heappush(self._heaps.setdefault(unit.runtime, []), place)
        self._taken_back: set[str] = set()
        self._suspects: list[tuple[int, int, Unit]] = []

    def __bool__(self) -> bool:
        return bool(self.runtimes)

    @property
    def runtimes(self) -> set[str]:
        """Runtimes of which units wait, in any turn."""
        return {runtime for runtime, heap in self._heaps.items() if heap}

    def pop(self, runtimes: Sequence[str]) -> Unit:
        """Remove and return the largest unit of the earliest turn, of one of ``runtimes`` if such a unit waits."""
        turn = self._turn
        heaps = {name: heap for name, heap in self._heaps.items() if heap and heap[0][0] == turn}
        warm = [heap for name, heap in heaps.items() if name in runtimes]
        largest = min(warm or heaps.values(), key=lambda heap: heap[0])
        return heapq.heappop(largest)[-1]

    def takes_back(self, outcome: Outcome) -> bool:
        """Return whether the unit is to be tried again: after its first death only."""
        if outcome.status != "died" or outcome.key in self._taken_back:
            return False
        unit = self._by_key[outcome.key]
        heapq.heappush(self._suspects, (unit.turn, len(self._taken_back), unit))
        self._taken_back.add(outcome.key)
        return True

    @property
    def is_suspect_due(self) -> bool:
        """Whether a unit that died once waits, and no other one of its turn."""
        return bool(self._suspects) and (not self or self._suspects[0][0] < self._turn)

    def pop_suspect(self) -> Unit:
        """Remove and return the unit of the earliest turn that died once."""
        return heapq.heappop(self._suspects)[-1]

    def is_tried_again(self, unit: Unit) -> bool:
        """Return whether a unit that runs died before: then nothing runs beside it."""
        return unit.key in self._taken_back

    @property
    def _turn(self) -> int:
        """The earliest turn of which units wait that have not died."""
        return min(heap[0][0] for heap in self._heaps.values() if heap)


_CGROUP_V2 = Path("/sys/fs/cgroup/cpu.max")
_CGROUP_V1_QUOTA = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
_CGROUP_V1_PERIOD = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")


def cores_available() -> int:
    """Return the cores that this process may use: its affinity, cut to a container's quota; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota()
    return max(1, min(allowed, math.floor(quota)) if quota else allowed)


def _quota() -> float | None:
    """Return the cores that a control group grants, None without a limit."""
    try:
        if _CGROUP_V2.is_file():
            quota, period = _CGROUP_V2.read_text(encoding="ascii").split()
        else:
            quota = _CGROUP_V1_QUOTA.read_text(encoding="ascii").strip()
            period = _CGROUP_V1_PERIOD.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return None if quota in {"max", "-1"} else int(quota) / int(period)
