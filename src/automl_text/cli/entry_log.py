"""Which file the traceback of a bug goes to."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_log: list[Path] = []


def log_to(path: Path) -> None:
    """Let the traceback of a bug go to ``path``, the log of the run in progress."""
    _log[:] = [path]


def write_traceback(content: str) -> Path:
    """Append ``content`` to the run's log where there is one, else to a file of its own, and return where."""
    try:
        if _log and _log[0].exists():
            return _append(_log[0], content)
    except OSError:
        pass  # a full or read-only disk, a path that cannot even be looked at: the other place may still do
    return _append(Path(tempfile.gettempdir()) / f"automl-text-{os.getpid()}.log", content)


def _append(path: Path, content: str) -> Path:
    with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(content)
    return path
