"""Would more data help? Learning curves, and which categories to label next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.charts import learning_chart
from automl_text.report.elements import Figure, Grid
from automl_text.wording import excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import Evaluation, LearningCurve, RunResult

SECTION = 50, "Would more data help?"


@dataclass(frozen=True, slots=True, kw_only=True)
class _GrowthView:
    """The section on more data: the curve of the family shown, and those of the others."""

    lede: str
    figures: tuple[Figure, ...]
    next_steps: tuple[str, ...]
    label_next: tuple[str, ...]


def view(result: RunResult) -> _GrowthView:
    """Return what more rows would bring."""
    shown = result.shown
    ordered = sorted(result.evaluations, key=lambda each: (each is not shown, each.is_reference))
    curves = [(each, each.learning_curve) for each in ordered if each.learning_curve is not None]
    lead = shown.learning_curve if shown else None
    steps = (
        tuple(excerpt(line, 400) for line in result.verdict.next_steps)
        if result.recommended == result.verdict.recommended
        else ()
    )
    command = result.verdict.first_command  # which stands on the first screen
    said = {excerpt(lead.sentence, 400)} if lead else set()
    said |= {line for line in steps if command and command in line}
    return _GrowthView(
        lede=excerpt(lead.sentence, 400) if lead else "No learning curve was measured in this run.",
        figures=tuple(_figure(each, curve) for each, curve in curves),
        next_steps=tuple(line for line in steps if line not in said)
        if shown and shown.family == result.verdict.recommended
        else (),
        label_next=tuple(short_label(label) for label in result.insight.label_next[:10]),
    )


def _figure(evaluation: Evaluation, curve: LearningCurve) -> Figure:
    """Return the curve as differences from today: its level on all rows is the family's own, not the one promised."""
    name = short_label(evaluation.title)
    title = f"{name}: {formats.signed(curve.gain_of_doubling, 2)} macro-F1 from twice the rows"
    today = curve.forecast[0].macro_f1
    measured = [(p.n_rows, p.macro_f1 - today) for p in curve.measured]
    forecast = [(p.n_rows, p.macro_f1 - today, (p.low - today, p.high - today)) for p in curve.forecast]
    grid = Grid(
        caption=f"Macro-F1 of {name} by labelled rows, against all rows of today",
        columns=("Rows", "Kind", "Against today", "90 % band"),
        rows=(
            *((formats.count(n), "measured", formats.signed(gain), formats.MISSING) for n, gain in measured),
            *(
                (formats.count(n), "forecast", formats.signed(gain), formats.signed_interval(band))
                for n, gain, band in forecast
            ),
        ),
    )
    svg = learning_chart(measured, forecast, f"learning-{evaluation.family}", title)
    return Figure(title=title, svg=svg, grid=grid)
