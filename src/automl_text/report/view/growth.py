"""Would more data help? The learning curve, and which categories to label next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.charts.curves import learning_chart
from automl_text.report.text import excerpt, short_label
from automl_text.report.view.lookup import shown_evaluation
from automl_text.report.view.table import Figure, plain_table

if TYPE_CHECKING:
    from automl_text.report.view.table import Table
    from automl_text.results import Evaluation, LearningCurve, RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthView:
    """The section on more data."""

    lede: str
    figure: Figure | None
    others: Table | None
    label_next: tuple[str, ...]


def growth_view(result: RunResult) -> GrowthView:
    """Return what more rows would bring."""
    shown = shown_evaluation(result)
    curve = shown.learning_curve if shown else None
    return GrowthView(
        lede=excerpt(curve.sentence, 400) if curve else "No learning curve was measured in this run.",
        figure=_figure(shown, curve) if shown and curve else None,
        others=_others(result),
        label_next=tuple(short_label(label) for label in result.insight.label_next[:10]),
    )


def _figure(shown: Evaluation, curve: LearningCurve) -> Figure:
    title = f"Doubling the rows: {formats.signed(curve.gain_of_doubling, 2)} macro-F1"
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
    table = plain_table(
        f"Macro-F1 of {short_label(shown.title)} against labelled rows",
        ("Rows", "Kind", "Macro-F1", "90 % band"),
        rows,
    )
    description = f"{title}. Measured points rise to the forecast, which has a band of 90 %."
    return Figure(title=title, description=description, svg=learning_chart(curve, description), table=table)


def _others(result: RunResult) -> Table | None:
    curves = [(each, each.learning_curve) for each in result.evaluations if each.learning_curve]
    if not curves:
        return None
    rows = [
        (short_label(each.title), formats.signed(curve.gain_of_doubling, 2), excerpt(curve.sentence, 300))
        for each, curve in curves
    ]
    return plain_table("What doubling the rows would bring each family", ("Family", "Gain", "In words"), rows)
