"""One module for each format that rows come in; each has a `FORMAT`, and nothing else need know of it."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.files import ReadAs
    from automl_text.tables.source import Source
    from automl_text.tables.table import Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How files of one kind are recognised and read."""

    turn: int
    """Formats are asked in ascending order whether a file is theirs; the last takes every text."""
    recognises: Callable[[Source, ReadAs], bool]
    """Looks at the beginning alone."""
    open: Callable[[Source, ReadAs, tuple[str, ...]], Incoming]
    """Takes the names of columns that the caller looks for, too."""
    needs_copy: bool = False
    """It cannot be read from a pipe as it comes."""


@cache
def formats() -> dict[str, Format]:
    """Return every format by the name of its module, in the order of their turns."""
    found = {
        module.name: importlib.import_module(f"{__name__}.{module.name}").FORMAT
        for module in pkgutil.iter_modules(__path__)
    }
    return dict(sorted(found.items(), key=lambda each: each[1].turn))
