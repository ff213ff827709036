"""A terminal that is not there: commands run in this process, their output and exit code are kept."""

import contextlib
import io
from dataclasses import dataclass

from automl_text.cli import entry


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


def run_command(*arguments: object) -> Done:
    """Run ``automl-text`` with these arguments as a shell would."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = entry.run([str(argument) for argument in arguments])
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return Done(code, *texts)
