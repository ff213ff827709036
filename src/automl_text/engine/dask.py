"""`DaskExecutor`: the same units on an existing Dask cluster."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from automl_text.engine.dask_station import end_search, run_unit
from automl_text.engine.halt import never
from automl_text.engine.unit import Outcome
from automl_text.errors import InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Unit
    from automl_text.families.contract import Scores

OWN_PACKAGE = "automl-text"
DECIDING_PACKAGES = (OWN_PACKAGE, "numpy", "scipy", "scikit-learn", "lightgbm", "tensorflow", "keras")
"""Other versions of these give other results."""

_SECONDS_TO_CONNECT = 30
_SECONDS_TO_FETCH = 30.0
_SECONDS_BETWEEN_CHECKS = 0.5
_SECONDS_WITHOUT_WORKERS = 60.0
"""A nanny replaces a dead worker within seconds; after this long nobody will."""


class DaskExecutor:
    """Runs units on the workers of a Dask cluster, as many at a time as it has threads.

    They start in the order of `LocalExecutor`. The units of a worker that dies run again on another one.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    work : callable (Unit) -> Scores
        Picklable; it is sent once to each worker and carries the data.
    time_limit : float or None
        Seconds per unit.

    Raises
    ------
    InputError
        If the extra ``dask`` is not installed, no scheduler answers, there are no workers, or scheduler or workers
        hold other versions of what decides a result.
    """

    def __init__(
        self, address: str, work: Callable[[Unit], Scores], *, time_limit: float | None = None
    ) -> None:
        self._client = _connect(address)
        try:
            check_cluster(self._client, address)
            self._work = _send(self._client, work)
        except BaseException:
            self._client.close()
            raise
        self._search = self._client.id
        self._time_limit = time_limit
        self._last_seen = time.monotonic()

    def run(self, units: Sequence[Unit], halt: Callable[[], Halt] = never) -> Iterator[Outcome]:
        """Yield outcomes as they come in.

        Raises
        ------
        RunError
            If the scheduler, or all workers, are gone for good.
        """
        waiting = sorted(units, key=lambda unit: (-unit.turn, unit.cost))  # taken from the end
        running: dict[Any, Unit] = {}
        try:
            while (urgency := halt()) != "now":
                if urgency == "no":
                    self._fill(waiting, running)
                if not running and (urgency == "soon" or not waiting):
                    return
                if running:
                    yield from self._collect(running)
                else:
                    time.sleep(_SECONDS_BETWEEN_CHECKS)  # until a worker joins
        finally:
            self._client.cancel(list(running))

    def close(self) -> None:
        """End the search's processes on the workers, and leave the cluster as it was."""
        if self._client.status != "running":
            return
        self._client.run(end_search, self._search, on_error="ignore")
        self._client.close()

    def _fill(self, waiting: list[Unit], running: dict[Any, Unit]) -> None:
        """Submit as many units as there are threads, so that what is submitted is what runs."""
        n_threads = self._n_threads()
        while waiting and len(running) < n_threads:
            unit = waiting.pop()
            key = f"automl-text-{unit.key}-{self._search}"
            future = self._client.submit(run_unit, self._work, self._search, unit, self._time_limit, key=key)
            running[future] = unit

    def _n_threads(self) -> int:
        n_threads = sum(self._client.nthreads().values()) if self._client.status == "running" else 0
        now = time.monotonic()
        if n_threads:
            self._last_seen = now
        elif now > self._last_seen + _SECONDS_WITHOUT_WORKERS:
            raise _lost("the cluster has had no workers for a minute")
        return n_threads

    def _collect(self, running: dict[Any, Unit]) -> Iterator[Outcome]:
        """Yield what has become of running units within the next moment."""
        from distributed import wait  # noqa: PLC0415  (an extra)

        try:
            with self._client.as_current():
                done = wait(list(running), _SECONDS_BETWEEN_CHECKS, "FIRST_COMPLETED").done
        except TimeoutError:
            return
        except CancelledError as error:
            raise _lost("the scheduler is gone") from error
        for future in done:
            try:
                outcome = _outcome(running[future], future)
            except TimeoutError:
                continue  # the worker that held it has just died: it is computed again
            del running[future]
            if outcome is not None:
                yield outcome


def check_cluster(client: Any, address: str) -> None:  # a distributed.Client, which is untyped here
    """Raise InputError unless the cluster has workers, and holds the versions that this machine holds."""
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise InputError(
            f"The cluster at {address} has no workers. Start one on each machine: dask worker {address}"
        ) from error
    differences: list[str] = []
    for package in DECIDING_PACKAGES:
        here = _version(package)
        there = {
            f"worker {name}": found for name, found in client.run(version, package, on_error="return").items()
        }
        if package == OWN_PACKAGE:
            there["the scheduler"] = _on_scheduler(client)
        differences += version_differences(package, here, there)
    if differences:
        raise InputError(
            f"The cluster at {address} differs from this machine: {'; '.join(differences)}. Install the same "
            "versions there, since results depend on them."
        )


def version_differences(package: str, here: str, there: Mapping[str, str | Exception]) -> list[str]:
    """Return a phrase for each place where the version of ``package`` is not that of this machine.

    Parameters
    ----------
    package : str
    here : str
        Empty where it is not installed: then nothing of it is needed elsewhere.
    there : mapping of str to str or PackageNotFoundError
        Name of a place to what it holds.
    """
    found_elsewhere = [
        f"{place} has {found if isinstance(found, str) else 'none'}"
        for place, found in there.items()
        if here and found != here
    ]
    return [f"{package} is {here} here, {', '.join(found_elsewhere)}"] if found_elsewhere else []


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _on_scheduler(client: Any) -> str | Exception:
    try:
        found: str = client.run_on_scheduler(version, OWN_PACKAGE)
    except PackageNotFoundError as error:
        return error
    return found


def _connect(address: str) -> Any:  # a distributed.Client, which is untyped here
    try:
        from distributed import Client  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise InputError(
            "--cluster needs a package that is not installed: pip install 'automl-text[dask]'"
        ) from error
    try:
        return Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address}: {error}. Start one with: dask scheduler"
        ) from error


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
        If the outcome cannot be fetched from the worker that holds it.
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
    raise _lost("the scheduler has dropped it")


def _lost(why: str) -> RunError:
    return RunError(
        f"The cluster was lost: {why}. What was done stands in the journal: run again with --resume."
    )
