"""Pictures of the terminal, for documents: SVG without any link to the outside."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH = 100
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


def svg(*shown: RenderableType, title: str = "automl-text") -> str:
    """Return what a terminal would show as one SVG picture; equal content gives equal bytes.

    Parameters
    ----------
    *shown : rich renderables
        Such as `LiveView.render` and `summary` return.
    """
    from rich.console import Console

    screen = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=True,
    )
    for each in shown:
        screen.print(each)
    # rich's template loads its font from another site; any monospace font will do.
    return _FONT_FACE.sub("", screen.export_svg(title=title, unique_id="terminal"))
