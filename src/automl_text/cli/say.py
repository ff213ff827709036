"""Where text goes: results to stdout, everything said on the way to stderr. Data never becomes markup."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Literal

from automl_text.files import open_file
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, RenderableType
    from rich.table import Table


DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes of every command."""

_FILE_WIDTH = 160
"""Columns of a table that goes to a file or a pipe, where nothing wraps by itself."""

_log: list[Path] = []
"""The log of the run in progress, if any."""

PICTURE_WIDTH = 100
"""Columns of a terminal that is drawn for a document."""

_SECONDS_OF_SILENCE = 1.0
"""After so long a person begins to wonder whether anything happens."""


def note(message: str) -> None:
    """Print a remark on stderr, one line."""
    sys.stderr.write(f"automl-text: {printable(message)}\n")


@contextmanager
def note_if_slow(message: str) -> Iterator[None]:
    """Print ``message`` on stderr if what is done inside takes longer than `_SECONDS_OF_SILENCE`."""
    timer = Timer(_SECONDS_OF_SILENCE, note, [f"{message} …"])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def warn(message: str) -> None:
    """Print a warning on stderr, one line."""
    sys.stderr.write(f"automl-text: warning: {printable(message)}\n")


def out(line: str = "") -> None:
    """Print one line of a result on stdout."""
    sys.stdout.write(printable(line) + "\n")


def console(*, is_error: bool = False) -> Console:
    """Return rich's console for stdout or stderr: no markup, no emoji codes, no guessed highlights."""
    from rich.console import Console

    screen = Console(stderr=is_error, markup=False, emoji=False, highlight=False)
    if not screen.is_terminal:
        screen.width = _FILE_WIDTH
    return screen


def log_to(path: Path) -> None:
    """Let the traceback of a bug go to ``path``, the log of the run in progress."""
    _log[:] = [path]


def write_traceback(content: str) -> Path:
    """Append ``content`` to the run's log where there is one, else to a new file, and return where."""
    encoded = content.encode("utf-8", "backslashreplace")
    for log in _log:
        # a full disk, no log yet, a path that cannot even be looked at: a new file may do
        with suppress(OSError), os.fdopen(open_file(log, os.O_WRONLY | os.O_APPEND), "ab") as stream:
            stream.write(encoded)
            return log
    descriptor, name = tempfile.mkstemp(prefix="automl-text-", suffix=".log")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(encoded)
    return Path(name)


def build_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table whose cells are plain text; a head that begins with ``>`` sets its column flush right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        is_number = head.startswith(">")
        justify: Literal["left", "right"] = "right" if is_number else "left"
        table.add_column(Text(head.removeprefix(">")), justify=justify, no_wrap=is_number, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on stdout, see `build_table`."""
    console().print(build_table(heads, rows))


def svg(*shown: RenderableType, title: str = "automl-text") -> str:
    """Return what a terminal would show as one SVG picture; equal content gives equal bytes."""
    from rich.console import Console

    screen = Console(
        record=True,
        width=PICTURE_WIDTH,
        file=io.StringIO(),
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=True,
    )
    for each in shown:
        screen.print(each)
    # rich's template loads its font from another site; any monospace font will do.
    return re.sub(r"@font-face\s*\{[^}]*\}", "", screen.export_svg(title=title, unique_id="terminal"))
