"""`PoolExecutor`: the same units on any `concurrent.futures.Executor`: loky's, MPI's, Ray's."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, wait
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from automl_text.engine.dask.check import Needs, installed_version, version_differences
from automl_text.engine.executor import start_all
from automl_text.engine.halt import never
from automl_text.engine.station import run_unit
from automl_text.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from automl_text.engine.halt import Halt
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Scores

_SECONDS_BETWEEN_CHECKS = 0.5
_ALL_PACKAGES = Needs()


class PoolExecutor:
    """Runs units on a pool, each in a killable process beside the pool's worker, in the order of `LocalExecutor`.

    Where a run ends early, what has not begun is cancelled. A fit that runs on a pool of the caller's goes on until it
    is done or reaches its time limit, since `concurrent.futures` ends no call; nothing waits for it.

    Parameters
    ----------
    pool : concurrent.futures.Executor
        Where it has a method ``scatter``, as Ray's adapter does, the work goes there once; else with every unit.
    work : callable (Unit) -> Scores
        Picklable; it carries the data.
    n_at_once : int, at least 1
        Units that run side by side.
    time_limit : float or None
        Seconds per unit.
    needs : Needs
        What each worker must hold; it is asked before each unit, where the unit runs.
    is_ours : bool
        Whether the pool ends with this.
    """

    def __init__(  # noqa: PLR0913  (two places of the work, and four of its limits)
        self,
        pool: Executor,
        work: Callable[[Unit], Scores],
        *,
        n_at_once: int,
        time_limit: float | None = None,
        needs: Needs = _ALL_PACKAGES,
        is_ours: bool = False,
    ) -> None:
        self._is_ours = is_ours
        self._pool = pool
        self._work = getattr(pool, "scatter", _same)(work)
        self._n_at_once = n_at_once
        self._search = uuid4().hex
        self._time_limit = time_limit
        self._needs = needs
        self._versions = {package: installed_version(package) for package in needs.packages}

    @property
    def n_at_once(self) -> int:
        """As given."""
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
            If the pool breaks, or one of its workers lacks what is needed.
        """
        waiting = sorted(units, key=lambda unit: (-unit.turn, unit.cost))  # taken from the end
        running: dict[Future[Any], Unit] = {}
        try:
            while (urgency := halt()) != "now":
                while urgency == "no" and waiting and len(running) < self._n_at_once:
                    unit = waiting.pop()
                    if outcome := known(unit):
                        yield outcome
                    else:
                        running[self._submit(unit)] = unit
                if not running:
                    return
                for future in wait(running, _SECONDS_BETWEEN_CHECKS, FIRST_COMPLETED).done:
                    del running[future]
                    yield _outcome(future)
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """Leave the pool to whoever made it; processes beside its workers end when they have idled for a minute."""
        if self._is_ours:
            self._pool.shutdown(cancel_futures=True)

    def _submit(self, unit: Unit) -> Future[Any]:
        place = (self._work, self._search, unit, self._time_limit)
        try:
            return self._pool.submit(_run_if_fit, self._versions, self._needs.lack, *place)
        except (BrokenExecutor, RuntimeError) as error:  # it was shut down
            raise _broken(error) from error


def _run_if_fit(
    versions: Mapping[str, str],
    lack: Callable[[], str],
    work: Callable[[Unit], Scores],
    search: str,
    *place: Any,  # the unit and its time limit, handed on
) -> Outcome | str | None:
    """Return the unit's outcome; in its place what this worker lacks."""
    lacking = [
        phrase
        for package, wanted in versions.items()
        for phrase in version_differences(package, wanted, {"a worker": installed_version(package) or "none"})
    ] or [f"a worker {phrase}" for phrase in [lack()] if phrase]
    return "; ".join(lacking) if lacking else run_unit(work, search, *place)


def _outcome(future: Future[Any]) -> Outcome:
    """Return the outcome that a finished future holds.

    Raises
    ------
    RunError
        If there is none.
    """
    try:
        found: Outcome | str | None = future.result()
    except (BrokenExecutor, CancelledError) as error:
        raise _broken(error) from error
    except Exception as error:  # whatever the pool, or pickling on its way, raises
        kind = type(error).__name__
        raise RunError(f"A worker of the pool could not do its work: {kind}: {error}") from error
    if found is None or isinstance(found, str):
        raise RunError(
            f"The workers of the pool differ from this machine: {found or 'one ended the search'}. Install the same "
            "there, since results depend on it, and run again with --resume."
        )
    return found


def _broken(error: Exception) -> RunError:
    return RunError(
        f"The pool was lost: {error or type(error).__name__}. What was done stands in the journal: run again with "
        "--resume."
    )


def _same(work: Callable[[Unit], Scores]) -> Callable[[Unit], Scores]:
    return work
