"""`DaskExecutor`: the same units on an existing Dask cluster."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from automl_text.engine.dask.check import SECONDS_TO_CONNECT, Needs, ask_workers, check_cluster
from automl_text.engine.executor import start_all
from automl_text.engine.halt import never
from automl_text.engine.station import end_search, run_unit
from automl_text.engine.unit import Outcome
from automl_text.errors import InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Unit
    from automl_text.families.contract import Scores

_CONNECT_ATTEMPTS = 3
_SECONDS_TO_FETCH = 30.0
_SECONDS_BETWEEN_CHECKS = 0.5
_ALL_PACKAGES = Needs()
_SECONDS_WITHOUT_WORKERS = 60.0
"""A nanny replaces a dead worker within seconds; after this long nobody will."""


class DaskExecutor:
    """Runs units on the workers of a Dask cluster, as many at a time as it has threads.

    They start in the order of `LocalExecutor`. The units of a worker that dies run again on another one. A worker that
    joins is asked for what it holds before anything that it may have computed counts.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    work : callable (Unit) -> Scores
        Picklable; it is sent once to each worker and carries the data.
    time_limit : float or None
        Seconds per unit.
    needs : Needs
        What each worker must hold.

    Raises
    ------
    InputError
        If the extra ``dask`` is not installed, no scheduler answers, there are no workers, or scheduler or workers
        lack what is needed, such as the same versions of what decides a result.
    """

    def __init__(
        self,
        address: str,
        work: Callable[[Unit], Scores],
        *,
        time_limit: float | None = None,
        needs: Needs = _ALL_PACKAGES,
    ) -> None:
        self._client = _connect(address)
        try:
            self._checked = check_cluster(self._client, address, needs)
            self._work = _send(self._client, work)
        except BaseException:
            self._client.close()
            raise
        self._search = self._client.id
        self._time_limit = time_limit
        self._needs = needs
        self._last_seen = time.monotonic()
        self._n_at_once = 0

    @property
    def n_at_once(self) -> int:
        """Threads of the cluster when units were last sent there; 0 before that."""
        return self._n_at_once

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
            If the scheduler, or all workers, are gone for good, or a worker that joined lacks what is needed.
        """
        waiting = sorted(units, key=lambda unit: (-unit.turn, unit.cost))  # taken from the end
        running: dict[Any, Unit] = {}
        self._last_seen = time.monotonic()
        n_threads = self._n_threads()
        try:
            while (urgency := halt()) != "now":
                while (
                    urgency == "no" and waiting and len(running) < n_threads
                ):  # so that what is submitted runs
                    unit = waiting.pop()
                    if outcome := known(unit):
                        yield outcome
                    else:
                        running[self._submit(unit)] = unit
                if not running and (urgency == "soon" or not waiting):
                    return
                outcomes = self._collect(running)
                n_threads = (
                    self._n_threads()
                )  # before they count: a worker that has just joined may have made them
                yield from outcomes
        finally:
            self._client.cancel(list(running))

    def close(self) -> None:
        """End the search's processes on the workers, and leave the cluster as it was."""
        if self._client.status != "running":
            return
        with suppress(TimeoutError):  # who is frozen ends them by itself, once it thaws
            self._client.run(end_search, self._search, on_error="ignore", callback_timeout=_SECONDS_TO_FETCH)
        with suppress(TimeoutError):
            self._client.close(_SECONDS_TO_FETCH)

    def _submit(self, unit: Unit) -> Any:  # a distributed.Future
        key = f"automl-text-{unit.key}-{self._search}"
        return self._client.submit(run_unit, self._work, self._search, unit, self._time_limit, key=key)

    def _n_threads(self) -> int:
        """Return how many threads the workers have; raise RunError where one is not fit, or none was there for long."""
        n_threads = sum(self._threads().values())
        self._n_at_once = n_threads
        now = time.monotonic()
        if n_threads:
            self._last_seen = now
        elif now > self._last_seen + _SECONDS_WITHOUT_WORKERS:
            raise _lost("the cluster has had no workers for a minute")
        return n_threads

    def _threads(self) -> dict[str, int]:
        """Return the number of threads of each worker that was checked; those that have joined are checked now."""
        if self._client.status != "running":
            return {}
        try:
            threads: dict[str, int] = self._client.nthreads(callback_timeout=_SECONDS_WITHOUT_WORKERS)
            self._checked &= threads.keys()  # one that comes back under its address may be another one
            if joined := threads.keys() - self._checked:
                self._check(joined)
        except OSError:
            return {}  # the scheduler is going
        return {worker: threads[worker] for worker in self._checked}

    def _check(self, joined: set[str]) -> None:
        answers = ask_workers(self._client, joined, self._needs)
        if answers.differences:
            raise RunError(
                f"A worker that joined the cluster differs from this machine: {'; '.join(answers.differences)}. Take "
                "it away, or install the same there, since results depend on it, and run again with --resume."
            )
        self._checked |= answers.workers

    def _collect(self, running: dict[Any, Unit]) -> list[Outcome]:
        """Remove the units that end within the next moment from ``running``, and return their outcomes."""
        from distributed import wait  # noqa: PLC0415  (an extra)

        if not running:
            time.sleep(_SECONDS_BETWEEN_CHECKS)  # until a worker joins
            return []
        try:
            with self._client.as_current():
                done = wait(list(running), _SECONDS_BETWEEN_CHECKS, "FIRST_COMPLETED").done
        except TimeoutError:
            return []
        except CancelledError as error:
            raise _lost("the scheduler is gone") from error
        outcomes = []
        for future in done:
            try:
                outcome = _outcome(running[future], future)
            except TimeoutError:
                continue  # the worker that held it has just died: it is computed again
            del running[future]
            if outcome is not None:
                outcomes.append(outcome)
        return outcomes


def _connect(address: str) -> Any:  # a distributed.Client, which is untyped here
    try:
        from distributed import Client  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise InputError(
            "--cluster needs a package that is not installed: pip install 'automl-text[dask]'"
        ) from error
    try:
        for _ in range(_CONNECT_ATTEMPTS):
            with suppress(AssertionError):  # Dask gives a thread of its own 10 s to start
                return Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address}: {error}. Start one with: dask scheduler"
        ) from error
    raise RunError("This machine is too busy: Dask's own thread did not start in time. Try again later.")


def _send(client: Any, work: Callable[[Unit], Scores]) -> Any:  # a distributed.Future
    """Return a future of ``work`` that any worker, also one that joins later, can ask the scheduler for."""
    import dask  # noqa: PLC0415  (an extra)

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
        return client.submit(_same, work, key=f"automl-text-work-{client.id}")


def _same(work: Callable[[Unit], Scores]) -> Callable[[Unit], Scores]:
    return work


def _outcome(unit: Unit, future: Any) -> Outcome | None:
    """Return the outcome that a finished future holds; a unit that has ended several workers has died.

    Raises
    ------
    TimeoutError
        If the outcome cannot be fetched from the worker that holds it, or went with that worker.
    RunError
        If the scheduler has forgotten the future, or the worker could not start its processes.
    """
    from distributed import KilledWorker  # noqa: PLC0415  (an extra)

    if future.status == "finished":
        outcome: Outcome | None = future.result(timeout=_SECONDS_TO_FETCH)
        return outcome
    if future.status == "error":
        error = future.exception()
        if isinstance(error, KilledWorker):
            reason = "several workers of the cluster ended while it ran"
            return Outcome(key=unit.key, status="died", reason=reason, is_final=False)
        raise RunError(f"A worker of the cluster could not do its work: {error}") from error
    if future.status in {"lost", "pending"}:
        raise TimeoutError
    raise _lost("the scheduler has dropped it")


def _lost(why: str) -> RunError:
    return RunError(
        f"The cluster was lost: {why}. What was done stands in the journal: run again with --resume."
    )
