"""Lines with bands: what a threshold costs, how a network learned, what more rows would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_text.report.charts.canvas import ACCENT, INK, MUTED, SOFT, canvas, described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from automl_text.results import Interval, LearningCurve, ThresholdRow, TrainingCurve


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
        axes.plot(shares, errors, color=ACCENT, marker="o", markersize=5)
        for row, x, y in zip(known, shares, errors, strict=True):
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
    return described(drawn[0], description)


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
    return described(drawn[0], description)


def learning_chart(curve: LearningCurve, name: str, reach: Interval, description: str) -> Markup:
    """Return macro-F1 against labelled rows: measured points, and the forecast with its band.

    ``reach`` holds the ends of the vertical axis, the same for every family that is compared.
    """
    with canvas(name, size=(330, 210)) as (axes, drawn):
        rows = [params.n_rows for params in curve.forecast]
        axes.fill_between(
            rows,
            [params.low for params in curve.forecast],
            [params.high for params in curve.forecast],
            color=SOFT,
            linewidth=0,
        )
        axes.plot(rows, [params.macro_f1 for params in curve.forecast], color=ACCENT, linestyle=(0, (4, 2)))
        axes.plot(
            [params.n_rows for params in curve.measured],
            [params.macro_f1 for params in curve.measured],
            color=ACCENT,
            marker="o",
            markersize=5,
        )
        axes.set_xscale("log")
        axes.minorticks_off()
        axes.set_xticks(rows, [f"{n:,}" for n in rows])
        axes.set_xlabel("labelled rows (each step doubles them)")
        axes.set_ylim(*reach)
    return described(drawn[0], description)


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
    return described(drawn[0], description)


def _end_label(axes: Any, x: float, y: float, text: str, color: str) -> None:  # matplotlib ships no types
    axes.annotate(text, (x, y), xytext=(0, 7), textcoords="offset points", ha="right", color=color)
