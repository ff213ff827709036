"""The command line: the only room that prints and exits."""

from __future__ import annotations

import os
from typing import NoReturn


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit, see `automl_text.cli.entry`; Ctrl-C ends also what is only being imported."""
    try:
        from automl_text.cli.entry import main as enter
    except KeyboardInterrupt:
        os._exit(130)
    enter(arguments)


__all__ = ["main"]
