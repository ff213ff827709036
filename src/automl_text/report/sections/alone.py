"""Can it work alone? What a confidence threshold decides, and at what price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.charts import threshold_chart
from automl_text.report.elements import ExampleView, Figure, Grid, example_view, shown_evaluation
from automl_text.wording import short_label

if TYPE_CHECKING:
    from automl_text.results import RunResult, ThresholdRow

TITLE = "Can it work alone?"
PLACE = 20

_TARGET_ERROR = 0.05
_ENOUGH = 5
"""Texts put into a category from which the verdict judges whether it is safe."""

_COLUMNS = ("Confidence asked for", "Texts decided", "Wrong among them", "Number decided")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverSafe:
    """A category that a person must decide, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationView:
    """What may be left to the model."""

    lede: str
    figure: Figure | None
    never_safe: tuple[NeverSafe, ...]
    examples: tuple[ExampleView, ...]


def view(result: RunResult) -> AutomationView:
    """Return the section on leaving decisions to the model."""
    insight = result.insight
    return AutomationView(
        lede=_lede(insight.thresholds),
        figure=_figure(insight.thresholds),
        never_safe=_never_safe(result),
        examples=tuple(example_view(example) for example in insight.worst_errors[:3]),
    )


def _never_safe(result: RunResult) -> tuple[NeverSafe, ...]:
    shown = shown_evaluation(result)
    matrix = shown.confusion if shown else ()
    put_into = {
        info.label: sum(row[place] for row in matrix) for place, info in enumerate(result.dataset.classes)
    }
    return tuple(
        NeverSafe(label=short_label(label), reason=_why_unsafe(put_into.get(label, 0)))
        for label in result.insight.never_safe
    )


def _why_unsafe(n_texts: int) -> str:
    """Return why no threshold makes a category safe that the model put so many texts into."""
    if n_texts == 0:
        return "the model put no text into it"
    if n_texts < _ENOUGH:
        return f"the model put only {formats.counted(n_texts, 'text')} into it, too few to judge"
    return f"wherever at least {_ENOUGH} texts were put into it, more than one in ten were wrong"


def _best_threshold(rows: tuple[ThresholdRow, ...]) -> ThresholdRow | None:
    """Return the row that decides most while it errs in at most one text of twenty."""
    good = [row for row in rows if row.error is not None and row.error <= _TARGET_ERROR and row.n_decided]
    return max(good, key=lambda row: row.coverage, default=None)


def _lede(rows: tuple[ThresholdRow, ...]) -> str:
    if not rows:
        return "Nothing is recommended, so nothing should be decided without a person."
    row = _best_threshold(rows)
    if row is None:
        return (
            "No. At no confidence does the error fall to one text in twenty: let it suggest a category and let a "
            "person decide."
        )
    if row.coverage > 0.995:  # noqa: PLR2004  (rounds to all texts)
        return f"Yes, for nearly every text: it errs in {formats.percent(row.error)} of them."
    return (
        f"Partly. Where its confidence is {row.threshold:g} or more it can decide {formats.percent(row.coverage)} "
        f"of new texts and errs in {formats.percent(row.error)} of those; a person reads the rest."
    )


def _figure(rows: tuple[ThresholdRow, ...]) -> Figure | None:
    known = [row for row in rows if row.error is not None]
    if len(known) < 2:  # noqa: PLR2004  (a line needs two trials)
        return None
    first, last = known[0], known[-1]
    title = (
        f"From {formats.percent(first.error)} wrong when it decides {formats.percent(first.coverage)} of the texts, to "
        f"{formats.percent(last.error)} wrong when it decides {formats.percent(last.coverage)}"
    )
    grid = Grid(
        caption="What each confidence threshold decides, from out-of-fold predictions, with 95 % intervals",
        columns=_COLUMNS,
        rows=tuple(_row(row) for row in rows),
    )
    return Figure(title=title, svg=threshold_chart(known, title), grid=grid)


def _row(row: ThresholdRow) -> tuple[str, ...]:
    error = f"{formats.percent(row.error)} ({formats.percent_interval(row.error_interval)})"
    return (
        f"{row.threshold:g}",
        f"{formats.percent(row.coverage)} ({formats.percent_interval(row.coverage_interval)})",
        error if row.error is not None else formats.MISSING,
        formats.count(row.n_decided),
    )
