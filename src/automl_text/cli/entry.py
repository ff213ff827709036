"""`main`: runs a command and turns whatever it raises into one line and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import NoReturn

from automl_text.cli.entry_log import write_traceback
from automl_text.errors import AutomlTextError
from automl_text.wording import printable

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 the run failed, 2 wrong input or usage, 130 interrupted."""
    if not sys.warnoptions:
        warnings.simplefilter(
            "ignore"
        )  # libraries warn programmers; ``python -W default -m automl_text`` shows it
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; this is the one place that catches everything."""
    # Nothing here reads data but by the command: TensorFlow's greetings would break the one-line promise.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from typer import Abort, TyperException

    from automl_text.cli.app import app

    try:
        code = app(arguments, prog_name="automl-text", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except AutomlTextError as error:
        return _say(str(error), error.exit_code)
    except TyperException as error:
        return _say(_one_usage_line(error), WRONG_USAGE)
    except (KeyboardInterrupt, Abort):
        return _say("interrupted.", INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001  (the place where a bug becomes one line)
        return _say(_unexpected(error), FAILED)


def _say(message: str, code: int) -> int:
    """Print ``message`` on stderr, one line a fault, with nothing in it that moves a cursor."""
    for line in message.split("\n"):
        sys.stderr.write(f"automl-text: error: {printable(line)}\n")
    return code


def _one_usage_line(error: Exception) -> str:
    """Return typer's message with the command whose help would tell more."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "automl-text"
    message = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
    return f"{message.rstrip('.')}{'' if message.endswith('?') else '.'} See: {command} --help"


def _unexpected(error: Exception) -> str:
    """Keep the traceback of a bug in a file and say where."""
    log = write_traceback("".join(traceback.format_exception(error)))
    first = str(error).split("\n", maxsplit=1)[0]
    return f"unexpected {type(error).__name__}: {first}. This is a fault of automl-text; its traceback is in {log}"
