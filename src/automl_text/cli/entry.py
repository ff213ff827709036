"""`main`: runs a command and turns whatever it raises into one line and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from automl_text.cli.say import DONE, FAILED, INTERRUPTED, WRONG_USAGE, write_traceback
from automl_text.errors import AutomlTextError
from automl_text.wording import printable

if TYPE_CHECKING:
    from types import FrameType

_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
"""What a stream without a name, such as stdout, raises where its device takes no more."""


_NO_TEMPORARY = "No usable temporary directory found"
"""What Python's tempfile says, with a list of all that it tried."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 the run failed, 2 wrong input or usage, 130 interrupted."""
    code = INTERRUPTED
    with suppress(KeyboardInterrupt):  # a second one, while the first is being answered
        signal.signal(signal.SIGINT, _interrupt)
        _open_streams()
        if not sys.warnoptions:
            warnings.simplefilter(
                "ignore"
            )  # for programmers; ``python -W default -m automl_text`` shows them
        code = run(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left to interrupt but the interpreter's own end
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; this is the one place that catches everything."""
    # Nothing here reads data but by the command: TensorFlow's greetings would break the one-line promise.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from automl_text.cli.app import app

        code = app(arguments, prog_name="automl-text", standalone_mode=False)
        sys.stdout.flush()  # so that what cannot be written is said here and not at the very end
        return code if isinstance(code, int) else DONE
    except KeyboardInterrupt:
        return _say("interrupted.", INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has seen enough
        _drop_output()
        return FAILED
    except Exception as error:  # noqa: BLE001  (the place where a bug becomes one line)
        return _say(*_told(error))


_interrupts: list[int] = []
"""Signals that have come: a library that is interrupted while it loads may raise anything."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    _interrupts.append(number)
    signal.default_int_handler(number, frame)


def _told(error: Exception) -> tuple[str, int]:
    """Return what to say of an error, and the exit code."""
    from typer import Abort, TyperException

    if isinstance(error, AutomlTextError):
        return str(error), error.exit_code
    if isinstance(error, TyperException):
        return _one_usage_line(error), WRONG_USAGE
    if isinstance(error, Abort) or _interrupts:
        return "interrupted.", INTERRUPTED
    if isinstance(error, OSError) and error.errno in _CANNOT_WRITE and error.filename is None:
        _drop_output()
        return f"the output cannot be written: {error.strerror}.", FAILED
    if isinstance(error, OSError) and error.strerror and error.strerror.startswith(_NO_TEMPORARY):
        return "no folder for temporary files can be written to. Name one: export TMPDIR=FOLDER", FAILED
    return _unexpected(error), FAILED


def _open_streams() -> None:
    """Let nothing that we open take the number of a standard stream that the caller has closed."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            stream = os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)
            setattr(sys, name, stream)


def _drop_output() -> None:
    """Throw away what waits for stdout: the interpreter would try again to write it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, code: int) -> int:
    """Print ``message`` on stderr, one line a fault, with nothing in it that moves a cursor."""
    with suppress(OSError):  # nobody is there to hear it
        for line in message.split("\n"):
            sys.stderr.write(f"automl-text: error: {printable(line)}\n")
        sys.stderr.flush()
    return code


def _one_usage_line(error: Exception) -> str:
    """Return typer's message with the command whose help would tell more."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "automl-text"
    message = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
    return f"{message.rstrip('.')}{'' if message.endswith('?') else '.'} See: {command} --help"


def _unexpected(error: Exception) -> str:
    """Keep the traceback of a bug in a file and say where."""
    first = str(error).split("\n", maxsplit=1)[0]
    what = f"unexpected {type(error).__name__}: {first}. This is a fault of automl-text"
    try:
        return f"{what}; its traceback is in {write_traceback(''.join(traceback.format_exception(error)))}"
    except OSError:
        return f"{what}; its traceback could not be kept: nothing can be written"
