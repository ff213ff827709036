"""From a matplotlib figure to SVG for the page: stable bytes, text as text, the page's colours."""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

# Stand-ins that matplotlib accepts; in the SVG each becomes the page's variable, so that a chart follows dark mode.
INK, MUTED, LINE, ACCENT, SOFT, PAPER, ALERT = (f"#0a0{digit}0b" for digit in "1234567")
_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    ACCENT: "accent",
    SOFT: "soft",
    PAPER: "paper",
    ALERT: "alert",
}

_SETTINGS = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.unicode_minus": True,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "ytick.major.size": 0,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
    "figure.dpi": 72,
    "path.simplify": True,
}


@contextmanager
def canvas(name: str, *, size: tuple[float, float] = (400, 225)) -> Iterator[tuple[Any, list[str]]]:
    """Give axes to draw on; afterwards the list holds the SVG.

    Parameters
    ----------
    name : str
        Salt of the ids inside the SVG: two charts of a page must differ in it.
    size : pair of float
        Width and height in units of which the text is 11 high.
    """
    import matplotlib as mpl  # noqa: PLC0415  (takes half a second: only a report pays for it)
    from matplotlib.figure import Figure  # noqa: PLC0415

    drawn: list[str] = []
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's browser has it
        width, height = size
        figure = Figure(
            figsize=(width / 72, height / 72)
        )  # margins by hand: automatic layout takes as long as drawing
        yield figure.add_axes((44 / width, 42 / height, 1 - 56 / width, 1 - 60 / height)), drawn
        sink = io.StringIO()
        figure.savefig(
            sink, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
        drawn.append(_for_page(sink.getvalue()))


def described(svg: str, description: str) -> Markup:
    """Return the SVG as an image with ``description`` as its words."""
    opening = f'<svg class="chart" role="img" aria-label="{escape(description)}" '
    return Markup(svg.replace("<svg ", opening, 1))  # noqa: S704  (matplotlib escapes what it writes)


def _for_page(svg: str) -> str:
    svg = svg[svg.index("<svg ") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1">', svg, count=1)
    used = set(re.findall(r'#([^")]+)["")]', svg))  # the other ids, such as figure_1, repeat in every chart
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    svg = re.sub(r"font-family: [^;]*; ", "", re.sub(r"font: ([0-9.]+px) [^;\"]*", r"font-size: \1", svg))
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    for stand_in, variable in _VARIABLES.items():
        svg = svg.replace(stand_in, f"var(--{variable})")
    svg = re.sub(r">\s+<", "><", svg)
    return svg.strip()
