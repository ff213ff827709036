"""Charts as SVG: stable bytes, text as text, the page's colours. No words of the data enter them."""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from automl_text.results import Interval, ThresholdRow, TrainingCurve

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


_ROOM = 9
"""Per cent of the axis that the label of one threshold takes."""


def load_library() -> None:
    """Import what draws, which takes half a second."""
    import matplotlib.backends.backend_svg  # noqa: PLC0415
    import matplotlib.figure  # noqa: F401, PLC0415


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


def _described(svg: str, description: str) -> Markup:
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


def threshold_chart(rows: Sequence[ThresholdRow], description: str) -> Markup:
    """Return error among the decided texts against the share decided, with its interval as a band."""
    known = [row for row in rows if row.error is not None]
    with canvas("thresholds") as (axes, drawn):
        shares = [100 * row.coverage for row in known]
        errors = [100 * (row.error or 0.0) for row in known]
        bands = [row.error_interval or (row.error, row.error) for row in known]
        axes.fill_between(
            shares,
            [100 * (b[0] or 0) for b in bands],
            [100 * (b[1] or 0) for b in bands],
            color=SOFT,
            linewidth=0,
        )
        axes.plot(shares, errors, color=ACCENT, marker="o", markersize=4)
        for row, x, y in _with_room(list(zip(known, shares, errors, strict=True))):
            axes.annotate(
                f"{row.threshold:g}",
                (x, y),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                color=INK,
            )
        axes.set_xlabel("texts decided, % (beside each point: the confidence asked for)")
        axes.set_ylabel("wrong among them, %")
        axes.set_xlim(0, 104)
        axes.set_ylim(bottom=0)
    return _described(drawn[0], description)


def _with_room(marks: list[tuple[ThresholdRow, float, float]]) -> list[tuple[ThresholdRow, float, float]]:
    """Return the marks whose labels find room, from the right: each stands at least `_ROOM` per cent from the last."""
    kept: list[tuple[ThresholdRow, float, float]] = []
    for each in sorted(marks, key=lambda mark: -mark[1]):
        if not kept or kept[-1][1] - each[1] >= _ROOM:
            kept.append(each)
    return kept


def training_chart(curve: TrainingCurve, name: str, description: str) -> Markup:
    """Return one network's metric by epoch on the rows it was trained on and on the others."""
    with canvas(name, size=(330, 220)) as (axes, drawn):
        axes.plot(curve.steps, curve.training, color=MUTED, linestyle=(0, (4, 2)))
        axes.plot(curve.steps, curve.held_out, color=ACCENT)
        _end_label(axes, curve.steps[-1], curve.training[-1], f"training {curve.training[-1]:.2f}", MUTED)
        _end_label(axes, curve.steps[-1], curve.held_out[-1], f"held out {curve.held_out[-1]:.2f}", ACCENT)
        axes.set_ylim(0, 1.08)
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
    return _described(drawn[0], description)


def learning_chart(
    measured: Sequence[tuple[int, float]],
    forecast: Sequence[tuple[int, float, Interval]],
    name: str,
    description: str,
) -> Markup:
    """Return the gain in macro-F1 against labelled rows: measured dots, and the forecast with its band."""
    with canvas(name, size=(400, 230)) as (axes, drawn):
        rows = [n for n, *_ in forecast]
        lows, highs = ([band[end] for *_, band in forecast] for end in (0, 1))
        axes.fill_between(rows, lows, highs, color=SOFT, linewidth=0)
        axes.plot(rows, [gain for _, gain, _ in forecast], color=ACCENT, linestyle=(0, (4, 2)))
        axes.plot(*zip(*measured, strict=True), color=ACCENT, marker="o", markersize=5)
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.set_xscale("log")
        axes.minorticks_off()
        axes.set_xticks(rows, [f"{n:,}" for n in rows])
        axes.set_xlabel("labelled rows (each step doubles them)")
        axes.set_ylabel("macro-F1 against today")
    return _described(drawn[0], description)


def trials_chart(scores: Sequence[float | None], name: str, description: str) -> Markup:
    """Return the inner score of each trial in the order tried, and the best so far as a line."""
    numbers = [i + 1 for i, score in enumerate(scores) if score is not None]
    known = [score for score in scores if score is not None]
    best = [max(known[: i + 1]) for i in range(len(known))]
    with canvas(name, size=(330, 180)) as (axes, drawn):
        axes.plot(numbers, known, color=MUTED, linestyle="none", marker="o", markersize=4)
        axes.plot(numbers, best, color=ACCENT, drawstyle="steps-post")
        axes.set_xlim(0, len(scores) + 1)
        axes.set_xlabel("trials tried")
        axes.xaxis.get_major_locator().set_params(integer=True)
    return _described(drawn[0], description)


def _end_label(axes: Any, x: float, y: float, text: str, color: str) -> None:  # matplotlib ships no types
    axes.annotate(text, (x, y), xytext=(0, 7), textcoords="offset points", ha="right", color=color)
