"""`run_alone`: one call in a process of its own, whose memory goes back when it ends."""

from __future__ import annotations

import pickle
import time
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from automl_text.engine.halt import never
from automl_text.engine.process import LOAD_ATTEMPTS, ProcessPlan, WorkerProcess
from automl_text.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.engine.halt import Halt
    from automl_text.engine.worker import Reply

P = ParamSpec("P")
T = TypeVar("T")

_SECONDS_BETWEEN_CHECKS = 0.2


class HaltedError(RunError):
    """A step in a process of its own was ended before it was done, because its halt asked for it."""


def run_alone(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return ``function(*args, **kwargs)`` as computed by a process that then ends.

    For work that must leave nothing behind in this process, such as a TensorFlow fit: `import tensorflow` alone
    costs some 400 MB that never come back.

    Parameters
    ----------
    function : callable
        It, its arguments and its result must be picklable.

    Raises
    ------
    RunError
        If the process dies, or does not load the function in time.
    Exception
        Whatever ``function`` raises.
    """
    return run_alone_until(never, partial(function, *args, **kwargs))


def run_alone_until(halt: Callable[[], Halt], function: Callable[[], T]) -> T:
    """Return ``function()`` as `run_alone` does, unless ``halt`` says "now" before it is done.

    Raises
    ------
    RunError
        If the process dies, or does not load the function in time.
    HaltedError
        If it is halted.
    Exception
        Whatever ``function`` raises.
    """
    plan = ProcessPlan(payload=pickle.dumps(partial(_call, function)))
    for _ in range(LOAD_ATTEMPTS):
        reply = _reply(plan, halt)
        if reply is not None and reply.error is not None:
            raise reply.error
        if reply is not None:
            result: T = reply.value
            return result
    raise plan.unloaded()


def _reply(plan: ProcessPlan, halt: Callable[[], Halt]) -> Reply | None:
    """Return what a new process answers, or None where it does not load the work in time."""
    worker = WorkerProcess(plan)
    worker.assign(None)
    try:
        while halt() != "now":
            if wait([worker.connection], _SECONDS_BETWEEN_CHECKS):
                reply = worker.receive()
                if reply is not None:
                    return reply
            elif worker.deadline is not None and worker.deadline < time.monotonic():
                return None
    except EOFError as error:
        raise RunError(
            f"A step that runs in its own process could not be finished: {worker.end()}."
        ) from error
    finally:
        worker.kill()
    raise HaltedError("A step that runs in its own process was halted.")


def _call(function: Callable[[], T], _: None) -> T:
    return function()
