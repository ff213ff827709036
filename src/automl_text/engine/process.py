"""`WorkerProcess`: one child process that holds the work and answers one item at a time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from automl_text.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from automl_text.engine.worker import Reply

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
_QUIET_AND_REPEATABLE = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "PYTHONHASHSEED": "0",
}
_SECONDS_TO_END = 5.0
_STDERR = 2  # what libraries print must not mix with results on stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPlan:
    """How worker processes are started.

    Attributes
    ----------
    payload : bytes
        The pickled callable that does the work; it carries the data.
    time_limit : float or None
        Seconds that one item may take, counted from when the work is loaded.
    log : Path or None
        File that collects what libraries print; stderr where None.
    """

    payload: bytes
    time_limit: float | None = None
    log: Path | None = None


class WorkerProcess:
    """A child process with its own interpreter: no fork, so no copied locks and threads.

    It is started by `subprocess` and not by `multiprocessing`: that takes an environment for the child alone
    and does not run the caller's main module again, so a script needs no ``if __name__ == "__main__"``.

    Parameters
    ----------
    plan : ProcessPlan
    runtime : str
        The kind of units it may run; kept for the caller.

    Attributes
    ----------
    connection : Connection
        Readable when a message has come or the process has ended.
    deadline : float or None
        ``time.monotonic()`` after which the present item has run out of time.
    """

    def __init__(self, plan: ProcessPlan, runtime: str = "light") -> None:
        self.runtime = runtime
        self.deadline: float | None = None
        self._plan = plan
        self._is_ready = False
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = _start(theirs.fileno(), plan.log)
        self.connection: Connection[Any, Any] = Connection(ours.detach())
        self._send_bytes(plan.payload)

    def assign(self, item: Any) -> None:
        """Send one item; its time runs from now, or from when the work is loaded."""
        try:
            self.connection.send(item)
        except OSError:
            return  # it has died: the next receive says so
        if self._is_ready:
            self._start_clock()

    def receive(self) -> Reply | None:
        """Return the reply that has come, or None where the process has only become ready.

        Raises
        ------
        EOFError
            If the process has died.
        """
        try:
            message: Reply | None = self.connection.recv()
        except OSError as error:
            raise EOFError from error
        self.deadline = None
        if message is None:
            self._is_ready = True
            self._start_clock()
        return message

    def end(self) -> str:
        """Let the process end, by force after some seconds, and return in words how it came to its end."""
        self.connection.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        return _cause(self._process.returncode)

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        self._process.kill()
        self.end()

    def _start_clock(self) -> None:
        if self._plan.time_limit is not None:
            self.deadline = time.monotonic() + self._plan.time_limit

    def _send_bytes(self, payload: bytes) -> None:
        try:
            self.connection.send_bytes(payload)
        except OSError:
            return  # it has died: the next receive says so


def _start(descriptor: int, log: Path | None) -> subprocess.Popen[bytes]:
    """Start the interpreter with Ctrl-C and SIGTERM held back: the parent decides when a worker ends."""
    serve = f"from automl_text.engine.worker import main; main({descriptor})"
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        with log.open("ab") if log else nullcontext(_STDERR) as output:
            return subprocess.Popen(  # noqa: S603  (our own interpreter)
                [sys.executable, "-P", "-c", serve],
                env=_environment(),
                pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
    except OSError as error:
        raise RunError(f"A worker process could not be started: {error}.") from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held_back)


def _environment() -> dict[str, str]:
    """Return the worker's environment: one thread, and the same import path as ours."""
    threads = dict.fromkeys(_ONE_THREAD, "1")
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109
    return {**os.environ, **threads, **_QUIET_AND_REPEATABLE, "PYTHONPATH": path}


def _cause(code: int) -> str:
    if code >= 0:
        return f"its process exited with status {code}"
    name = signal.Signals(-code).name
    hint = ", often for lack of memory" if -code == signal.SIGKILL else ""
    return f"its process was ended by {name}{hint}"
