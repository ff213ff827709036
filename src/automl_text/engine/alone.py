"""`run_alone`: one call in a process of its own, whose memory goes back when it ends."""

from __future__ import annotations

import pickle
import time
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, TypeVar, cast

from automl_text.engine.halt import never
from automl_text.engine.process import LOAD_ATTEMPTS, ProcessOptions, WorkerProcess
from automl_text.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.engine.halt import Halt
    from automl_text.engine.process import Reply

T = TypeVar("T")

_SECONDS_BETWEEN_CHECKS = 0.2


class HaltedError(RunError):
    """A step in a process of its own was ended before it was done, because its halt asked for it."""


class _DiedError(RunError):
    """The process of such a step died."""


def run_alone(
    function: Callable[[], T], halt: Callable[[], Halt] = never, *, seconds: float | None = None
) -> T:
    """Return ``function()`` as computed by a process that then ends, unless ``halt`` says "now" before it is done.

    For work that must leave nothing behind in this process, such as a TensorFlow fit: `import tensorflow` alone
    costs some 400 MB that never come back.

    Parameters
    ----------
    function : callable () -> T
        It and its result must be picklable.
    seconds : float or None
        Time for one attempt, counted from when the function is loaded.

    Raises
    ------
    RunError
        If the time is over, or the function is not loaded in time.
    _DiedError
        If the process dies, or has no memory left, in both of two attempts; MemoryError in the second case.
    HaltedError
        If it is halted.
    Exception
        Whatever ``function`` raises.
    """
    options = ProcessOptions(payload=pickle.dumps(partial(_call, function)), time_limit=seconds)
    try:
        return cast("T", _result(options, halt))
    except (_DiedError, MemoryError):
        return cast("T", _result(options, halt))


def _result(options: ProcessOptions, halt: Callable[[], Halt]) -> Any:  # whatever the function returns
    """Return what a new process makes of the work, or raise what it raised."""
    for _ in range(LOAD_ATTEMPTS):
        reply = _reply(options, halt)
        if reply is not None and reply.error is not None:
            raise reply.error
        if reply is not None:
            return reply.value
    raise options.unloaded()


def _reply(options: ProcessOptions, halt: Callable[[], Halt]) -> Reply | None:
    """Return what a new process answers, or None where it does not load the work in time."""
    worker = WorkerProcess(options)
    worker.assign(None)
    try:
        while halt() != "now":
            if wait([worker.connection], _SECONDS_BETWEEN_CHECKS):
                reply = worker.receive()
                if reply is not None:
                    return reply
            elif worker.deadline is None or time.monotonic() <= worker.deadline:
                continue
            elif worker.is_loaded:
                raise RunError(
                    f"A step that runs in its own process took longer than its limit of {options.time_limit:g} s."
                )
            else:
                return None
    except EOFError as error:
        raise _DiedError(
            f"A step that runs in its own process could not be finished: {worker.end()}."
        ) from error
    finally:
        worker.kill()
    raise HaltedError("A step that runs in its own process was halted.")


def _call(function: Callable[[], T], _: None) -> T:
    return function()
