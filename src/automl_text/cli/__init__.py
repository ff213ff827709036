"""The command line: the only room that prints and exits."""

from automl_text.cli.entry import main

__all__ = ["main"]
