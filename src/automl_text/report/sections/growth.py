"""Would more data help? Learning curves, and which categories to label next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.charts import learning_chart
from automl_text.report.elements import Figure, Grid, shown_evaluation
from automl_text.wording import excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import Evaluation, Interval, LearningCurve, RunResult

TITLE = "Would more data help?"
PLACE = 90

_MARGIN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthView:
    """The section on more data: one curve per family, the recommended one first."""

    lede: str
    figures: tuple[Figure, ...]
    sentences: tuple[str, ...]
    label_next: tuple[str, ...]


def view(result: RunResult) -> GrowthView:
    """Return what more rows would bring."""
    shown = shown_evaluation(result)
    ordered = sorted(result.evaluations, key=lambda each: (each is not shown, each.is_reference))
    curves = [(each, each.learning_curve) for each in ordered if each.learning_curve is not None]
    lead = shown.learning_curve if shown else None
    reach = _reach([curve for _, curve in curves])
    return GrowthView(
        lede=excerpt(lead.sentence, 400) if lead else "No learning curve was measured in this run.",
        figures=tuple(_figure(each, curve, reach) for each, curve in curves),
        sentences=tuple(
            f"{short_label(each.title)}: {excerpt(curve.sentence, 400)}"
            for each, curve in curves
            if each is not shown
        ),
        label_next=tuple(short_label(label) for label in result.insight.label_next[:10]),
    )


def _reach(curves: list[LearningCurve]) -> Interval:
    """Return the ends of an axis that holds every measured trial and every band."""
    lows = [params.low for curve in curves for params in curve.forecast]
    highs = [params.high for curve in curves for params in curve.forecast]
    measured = [params.macro_f1 for curve in curves for params in curve.measured]
    low, high = min([*lows, *measured], default=0.0), max([*highs, *measured], default=1.0)
    return max(0.0, low - _MARGIN), min(1.0, high + _MARGIN)


def _figure(evaluation: Evaluation, curve: LearningCurve, reach: Interval) -> Figure:
    name = short_label(evaluation.title)
    title = f"{name}: {formats.signed(curve.gain_of_doubling, 2)} macro-F1 from twice the rows"
    rows = [
        *(
            (formats.count(p.n_rows), "measured", formats.score(p.macro_f1, 3), formats.MISSING)
            for p in curve.measured
        ),
        *(
            (
                formats.count(p.n_rows),
                "forecast",
                formats.score(p.macro_f1, 3),
                formats.interval((p.low, p.high), 3),
            )
            for p in curve.forecast
        ),
    ]
    columns = ("Rows", "Kind", "Macro-F1", "90 % band")
    grid = Grid(caption=f"Macro-F1 of {name} by labelled rows", columns=columns, rows=tuple(rows))
    svg = learning_chart(curve, f"learning-{evaluation.family}", reach, title)
    return Figure(title=title, svg=svg, grid=grid)
