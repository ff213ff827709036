"""The sections of the page, one module each: ``SECTION``, its place and title, and ``view`` of a result.

The template of the same name sets what ``view`` returns, and the section's anchor is that name; a result of which it
has nothing to say gives None. A new section is those
two files.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.results import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: name of its template and anchor, title, and what shows a result in it."""

    name: str
    title: str
    view: Callable[[RunResult], object]


@cache
def sections() -> tuple[Section, ...]:
    """Return every section in the order of the page."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple(
        Section(name=each.__name__.rpartition(".")[2], title=each.SECTION[1], view=each.view)
        for each in sorted(modules, key=lambda each: int(each.SECTION[0]))
    )
