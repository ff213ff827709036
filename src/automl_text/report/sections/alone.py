"""Can it work alone? What a confidence threshold decides, at what price, and whether its confidence can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.briefing import briefing
from automl_text.report.charts import threshold_chart
from automl_text.report.elements import Figure, Grid
from automl_text.wording import counted, short_label

if TYPE_CHECKING:
    from automl_text.results import RunResult, ThresholdRow

SECTION = 20, "Can it work alone?"

_BANDS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Confidences between which the texts are counted to see whether confidence can be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ThresholdLine:
    """What one threshold decides: for the slider, a row of the table and a column of the table by category."""

    cells: tuple[str, ...]
    sentence: str
    is_advised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _CalibrationBar:
    """Texts whose confidence lies between two ends, and the share of them that was right."""

    sure: str
    n: str
    right: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _AloneView:
    """What may be left to the model."""

    lede: str
    figure: Figure | None
    settings: tuple[_ThresholdLine, ...]
    by_class: tuple[tuple[str, tuple[str, ...]], ...]
    """Each category with, per setting, what is decided as it and how much of that is wrong."""
    bands: tuple[_CalibrationBar, ...]
    never_safe: tuple[tuple[str, str], ...]
    """Categories that a person must decide, and why."""


def view(result: RunResult) -> _AloneView:
    """Return the section on leaving decisions to the model."""
    brief, rows = briefing(result), result.insight.thresholds
    figure, words = brief.decides
    return _AloneView(
        lede=f"{figure} {words}.{_marked(result)}"
        if brief.family
        else "Nothing is recommended, so a person decides every text.",
        figure=_figure(rows),
        settings=tuple(_setting(row, brief.alone) for row in rows if row.error is not None),
        by_class=_by_class(result),
        bands=tuple(_band(row, after) for row, after in _between(rows)),
        never_safe=_never_safe(result),
    )


def _marked(result: RunResult) -> str:
    if result.insight.unlike_below is None:
        return ""
    return " predict also marks texts unlike those of training, and with them 1 in 20 that are like them."


def _setting(row: ThresholdRow, advised: ThresholdRow | None) -> _ThresholdLine:
    error = f"{formats.percent(row.error)} ({formats.percent_interval(row.error_interval)})"
    share = f"{formats.percent(row.coverage)} ({formats.percent_interval(row.coverage_interval)})"
    return _ThresholdLine(
        cells=(f"{row.threshold:g}", share, error, formats.count(row.n_decided)),
        sentence=(
            f"At least {row.threshold:g} sure: it decides {formats.percent(row.coverage)} of the texts, and "
            f"{formats.percent(row.error)} of those are wrong ({formats.percent_interval(row.error_interval)})."
        ),
        is_advised=row == advised,
    )


def _by_class(result: RunResult) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows = [row for row in result.insight.thresholds if row.error is not None]
    if not rows or not all(row.by_class for row in rows):
        return ()
    return tuple(
        (short_label(info.label), tuple(f"{n:,}, {wrong:,} wrong" if n else "none" for n, wrong in of_class))
        for info, *of_class in zip(result.dataset.classes, *(row.by_class for row in rows), strict=False)
    )


def _between(rows: tuple[ThresholdRow, ...]) -> list[tuple[ThresholdRow, ThresholdRow | None]]:
    """Return each kept threshold with the next one, the highest with None."""
    kept = [row for row in rows if any(abs(row.threshold - band) < 1e-9 for band in _BANDS)]  # noqa: PLR2004
    return [*pairwise(kept), *([(kept[-1], None)] if kept else [])]


def _band(row: ThresholdRow, after: ThresholdRow | None) -> _CalibrationBar:
    n = row.n_decided - (after.n_decided if after else 0)
    n_wrong = _n_wrong(row) - (_n_wrong(after) if after else 0)
    share = 1 - n_wrong / n if n else None
    span = f"{formats.percent(row.threshold)} to {formats.percent(after.threshold)}" if after else ""
    return _CalibrationBar(
        sure=span or f"{formats.percent(row.threshold)} or more",
        n=counted(n, "text"),
        right=f"{formats.percent(share)} right" if n else "",
        width=f"{100 * (share or 0.0):.1f}%",
    )


def _n_wrong(row: ThresholdRow) -> int:
    return round(row.n_decided * (row.error or 0.0))


def _never_safe(result: RunResult) -> tuple[tuple[str, str], ...]:
    shown = result.shown
    places = {info.label: place for place, info in enumerate(result.dataset.classes)}
    matrix = shown.confusion if shown else ()
    return tuple(
        (short_label(label), _why_unsafe(matrix, places[label]))
        for label in result.insight.never_safe
        if label in places
    )


def _why_unsafe(matrix: tuple[tuple[int, ...], ...], place: int) -> str:
    """Return how often the model is wrong about a class where it decides every text."""
    n_into, n_own = sum(row[place] for row in matrix), sum(matrix[place])
    n_hit = matrix[place][place]
    missed = f"{formats.count(n_own - n_hit)} of its {formats.count(n_own)} missed"
    if n_into == 0:
        return f"no text put into it, {missed}"
    return f"{formats.count(n_into - n_hit)} of {formats.count(n_into)} put into it wrong, {missed}"


def _figure(rows: tuple[ThresholdRow, ...]) -> Figure | None:
    known = [row for row in rows if row.error is not None]
    if len(known) < 2:  # noqa: PLR2004  (a line needs two points)
        return None
    title = "The less it decides, the less often it is wrong"
    if (known[0].error or 0.0) <= (known[-1].error or 0.0):
        title = "Deciding less does not make it err less"
    grid = Grid(
        caption="What each confidence threshold decides of texts it had not seen, with 95 % intervals",
        columns=("Confidence asked for", "Texts decided", "Wrong among them", "Number decided"),
        rows=tuple(_setting(row, None).cells for row in known),
    )
    return Figure(title=title, svg=threshold_chart(known, title), grid=grid)
