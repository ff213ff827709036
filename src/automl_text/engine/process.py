"""One child process that holds the work and answers one item at a time: `WorkerProcess` here, `serve` there."""

from __future__ import annotations

import faulthandler
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import IO, TYPE_CHECKING, Any

from automl_text.errors import RunError
from automl_text.files import open_file

if TYPE_CHECKING:
    from pathlib import Path

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
_LOAD_SECONDS = 120.0
"""Time for an interpreter to start and load work of any size: .4 s where the disk is fast and a core is free."""
_LOAD_SECONDS_PER_MB = 1.0
"""More time for work that carries much: measured are .01 s (a million short texts, 64 MB: .9 s in all)."""
LOAD_ATTEMPTS = 3
"""Processes started for one item before the run is given up: a disk that hangs now hangs again."""
_SECONDS_TO_END = 5.0
_SECONDS_TO_TAKE = 20
"""Time in which a process must take or give more of a message that is under way: one that is frozen never does."""
_STDERR = 2  # what libraries print must not mix with results on stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessOptions:
    """How worker processes are started."""

    payload: bytes
    """The pickled callable that does the work; it carries the data."""
    time_limit: float | None = None
    """Seconds that one item may take, counted from when the work is loaded."""
    log: Path | None = None
    """File that collects what libraries print; stderr where None."""
    load_limit: float | None = None
    """Seconds from the start of a process until its work is loaded; None: what is generous for the payload."""

    @property
    def load_seconds(self) -> float:
        """Seconds from the start of a process until its work must be loaded."""
        if self.load_limit is not None:
            return self.load_limit
        return _LOAD_SECONDS + _LOAD_SECONDS_PER_MB * len(self.payload) / 1e6

    def unloaded(self) -> RunError:
        """Return the error of a run whose work no process could load in time."""
        return RunError(
            f"{LOAD_ATTEMPTS} worker processes in turn did not load their work within {self.load_seconds:.3g} s and "
            "were ended. Look for a disk that does not answer, or for too little memory; --resume goes on."
        )


class WorkerProcess:
    """A child process with its own interpreter: no fork, so no copied locks and threads.

    It is started by `subprocess` and not by `multiprocessing`: that takes an environment for the child alone
    and does not run the caller's main module again, so a script needs no ``if __name__ == "__main__"``.

    Parameters
    ----------
    runtime : str
        The kind of units it may run; kept for the caller.

    Attributes
    ----------
    connection : Connection
        Readable when a message has come or the process has ended.
    deadline : float or None
        ``time.monotonic()`` after which the process has run out of time, to load the work or for the present item.
    is_loaded : bool
        Whether the work is loaded; before that no item runs.
    """

    def __init__(self, options: ProcessOptions, runtime: str = "light") -> None:
        self.runtime = runtime
        self.is_loaded = False
        self.deadline: float | None = time.monotonic() + options.load_seconds
        self._options = options
        self._is_awaiting_work = True
        self._item: Any = None  # it follows the work
        ours, theirs = socket.socketpair()
        for direction in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, direction, struct.pack("ll", _SECONDS_TO_TAKE, 0))
        with theirs:
            self._process = _start(theirs.fileno(), options.log)
        self.connection: Connection[Any, Any] = Connection(ours.detach())

    def assign(self, item: Any) -> None:
        """Send one item, as soon as the work is loaded; its time runs from then."""
        self._item = item
        if self.is_loaded:
            self._send_item()

    def receive(self) -> Reply | None:
        """Return the reply that has come, or None where the process has only come a step closer to it.

        Nothing is sent before the process asks for it: what hangs at its start would not read, and we would hang too.
        One that hangs in the middle of a message is given up.

        Raises
        ------
        EOFError
            If the process has died, or does not go on with its reply.
        """
        try:
            message: Reply | None = self.connection.recv()
        except OSError as error:
            raise EOFError from error
        if message is not None:
            self.deadline = None
        elif self._is_awaiting_work:
            self._is_awaiting_work = False
            try:
                self.connection.send_bytes(self._options.payload)
            except OSError:  # it has died, which the next receive says, or it does not read
                self.deadline = time.monotonic()
        else:
            self.is_loaded = True
            self._send_item()
        return message

    def end(self) -> str:
        """Let the process end, by force after some seconds, and return in words how it came to its end.

        One that waits for a disk cannot be ended even so: it is left behind.
        """
        self.connection.close()
        for _ in range(2):
            with suppress(subprocess.TimeoutExpired):
                return _cause(self._process.wait(_SECONDS_TO_END))
            self._process.kill()
        return "its process does not end, although it was killed"

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        self._process.kill()
        self.end()

    def _send_item(self) -> None:
        limit = self._options.time_limit
        self.deadline = None if limit is None else time.monotonic() + limit
        with suppress(OSError):  # it has died: the next receive says so
            self.connection.send(self._item)


def _start(descriptor: int, log: Path | None) -> subprocess.Popen[bytes]:
    """Start the interpreter with Ctrl-C and SIGTERM held back: the parent decides when a worker ends."""
    program = f"from automl_text.engine.process import serve; serve({descriptor})"
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        with _log_file(log) if log else nullcontext(_STDERR) as output:
            return subprocess.Popen(  # noqa: S603  (our own interpreter)
                [sys.executable, "-P", "-c", program],
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


def _log_file(path: Path) -> IO[bytes]:
    return open(open_file(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab")  # noqa: PTH123  (a descriptor)


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reply:
    """What the work returned, or the error it raised."""

    value: Any = None  # whatever the work returns
    error: Exception | None = None


def serve(descriptor: int) -> None:
    """Serve the parent at the other end of the socket ``descriptor`` until it closes it or dies."""
    faulthandler.enable()
    os.set_inheritable(descriptor, False)  # a grandchild that held it would hide our death
    threading.Thread(target=_end_with_parent, args=(descriptor,), daemon=True).start()
    connection: Connection[Any, Any] = Connection(descriptor)
    try:
        work = _load(connection)
        while True:
            item = connection.recv()
            try:
                reply = Reply(value=work(item))
            except Exception as error:  # noqa: BLE001  (it is handed to the parent)
                reply = Reply(error=error)
            try:
                connection.send(reply)
            except (pickle.PicklingError, TypeError, AttributeError) as error:
                connection.send(Reply(error=RuntimeError(f"the reply cannot be pickled: {error}")))
    except (EOFError, OSError):
        os._exit(0)  # at once: TensorFlow's own clean-up takes seconds and may hang


def _load(connection: Connection[Any, Any]) -> Any:
    connection.send(None)
    payload = connection.recv_bytes()
    try:
        work = pickle.loads(payload)  # noqa: S301  (our own parent sent it)
    except Exception as error:  # unpickling may run any import
        connection.send(Reply(error=RuntimeError(f"{type(error).__name__}: {error}")))
        raise EOFError from error
    connection.send(None)
    return work


def _end_with_parent(descriptor: int) -> None:
    """Wait without waking up until the other end is closed, also by a kill -9, and end this process."""
    poll = select.poll()
    poll.register(descriptor, 0)  # no event is asked for: only the hang-up is reported
    poll.poll()
    os._exit(0)
