"""What a worker process runs: it answers items with replies until its parent closes the socket or dies.

The parent sends the pickled work once, then items one by one. `None` asks for the next of them, first for the work and
once it is loaded for an item; every other message is a `Reply`.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import select
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reply:
    """What the work returned, or the error it raised."""

    value: Any = None  # whatever the work returns
    error: Exception | None = None


def main(descriptor: int) -> None:
    """Serve the parent at the other end of the socket ``descriptor`` until it closes it or dies."""
    faulthandler.enable()
    os.set_inheritable(descriptor, False)  # a grandchild that held it would hide our death
    threading.Thread(target=_end_with_parent, args=(descriptor,), daemon=True).start()
    connection: Connection[Any, Any] = Connection(descriptor)
    try:
        work = _load(connection)
        while True:
            _answer(connection, work)
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


def _answer(connection: Connection[Any, Any], work: Any) -> None:
    item = connection.recv()
    try:
        reply = Reply(value=work(item))
    except Exception as error:  # noqa: BLE001  (it is handed to the parent)
        reply = Reply(error=error)
    try:
        connection.send(reply)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        connection.send(Reply(error=RuntimeError(f"the reply cannot be pickled: {error}")))


def _end_with_parent(descriptor: int) -> None:
    """Wait without waking up until the other end is closed, also by a kill -9, and end this process."""
    poll = select.poll()
    poll.register(descriptor, 0)  # no event is asked for: only the hang-up is reported
    poll.poll()
    os._exit(0)
