"""The first screen: what a person decides by, how the other families compare, and what to run next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.briefing import Briefing, briefing
from automl_text.report.elements import Axis, axis_over
from automl_text.wording import excerpt, short_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.report.elements import Mark
    from automl_text.results import Comparison, Interval, LeaderboardRow, RunResult

SECTION = 10, "Verdict"

_RELATION = {
    "better": "behind by {gap}, {p} sure",
    "worse": "ahead by {gap}, {p} sure",
    "equivalent": "just as good, {p} sure",
    "undecided": "cannot be told apart",
}
_MOST_ROWS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _VerdictLine:
    """One row beside the headline: a family, its mark on the axis, and how it compares in words."""

    title: str
    mark: Mark
    words: str
    is_reference: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _VerdictView:
    """All that the first screen says."""

    brief: Briefing
    is_partial: bool
    promise: Mark | None
    """The promised macro-F1 on an axis from 0 to 1."""
    caption: str
    axis: Axis
    zero: str
    """Where the recommended family stands on the axis; empty where none is."""
    rivals: tuple[_VerdictLine, ...]
    reasons: tuple[str, ...]


def view(result: RunResult) -> _VerdictView:
    """Return the first screen of ``result``."""
    brief = briefing(result)
    unit = Axis(low=0.0, high=1.0, step=0.5, digits=1)
    axis, rivals = _differences(result) if result.recommended else _figures(result)
    lead = brief.title.removeprefix("Use ")
    return _VerdictView(
        brief=brief,
        is_partial=result.partial,
        promise=None
        if brief.macro_f1 is None
        else unit.mark(brief.macro_f1, brief.interval, brief.promise[1]),
        caption=f"Macro-F1 of the others against {lead}"
        if result.recommended
        else "Macro-F1 that was reached",
        axis=axis,
        zero=axis.position(0.0) if result.recommended else "",
        rivals=rivals,
        reasons=()
        if result.recommended
        else tuple(excerpt(line, 400) for line in result.verdict.reasons[:3]),
    )


def relation(pair: Comparison) -> str:
    """Return in words how the second family of ``pair`` compares with the first."""
    sure = {"better": pair.p_better, "worse": pair.p_worse, "equivalent": pair.p_equivalent}
    return _RELATION[pair.verdict].format(
        gap=formats.score(abs(pair.difference)), p=formats.short_probability(sure.get(pair.verdict, 0.0))
    )


def axis_of_differences(pairs: Sequence[tuple[float, Interval]]) -> Axis:
    """Return an axis around 0 that holds the differences, but lets outliers lie beyond its ends."""
    near = [each for each in pairs if abs(each[0]) <= _FAR] or list(pairs)
    ends = [0.0, *(end for _, interval in near for end in interval)]
    return axis_over(ends, within=(-1.0, 1.0), most_ticks=5)


_FAR = 0.35


def _differences(result: RunResult) -> tuple[Axis, tuple[_VerdictLine, ...]]:
    compared = [
        (row, pair)
        for row in result.leaderboard
        if result.recommended and (pair := result.against(result.recommended, row.family))
    ]
    turned = [(row, pair, pair.seen_from(row.family)) for row, pair in compared]
    axis = axis_of_differences([(other.difference, other.interval) for _, _, other in turned])
    return axis, tuple(
        _VerdictLine(
            title=short_label(row.title),
            mark=axis.mark(other.difference, other.interval, f"{short_label(row.title)}: {relation(pair)}"),
            words=relation(pair),
            is_reference=row.is_reference,
        )
        for row, pair, other in turned[:_MOST_ROWS]
    )


def _figures(result: RunResult) -> tuple[Axis, tuple[_VerdictLine, ...]]:
    """Return what was measured where nothing is recommended, beside what shuffled labels reach."""
    measured = [(row, row.macro_f1) for row in result.leaderboard if row.macro_f1 is not None]
    signal = result.signal
    ends = [value for _, value in measured] + ([signal.shuffled_high] if signal else [])
    axis = axis_over(ends)
    rivals = [_figure(row, value, axis) for row, value in measured[:_MOST_ROWS]]
    if signal is not None:
        words = f"{formats.score(signal.shuffled_mean)}, seldom above {formats.score(signal.shuffled_high)}"
        reach = (signal.shuffled_mean, signal.shuffled_high)
        mark = axis.mark(signal.shuffled_mean, reach, f"Shuffled labels: {words}")
        rivals.append(_VerdictLine(title="Shuffled labels", mark=mark, words=words, is_reference=True))
    return axis, tuple(rivals)


def _figure(row: LeaderboardRow, value: float, axis: Axis) -> _VerdictLine:
    title = short_label(row.title)
    words = f"{formats.score(value)}{', for comparison' if row.is_reference else ''}"
    mark = axis.mark(value, None, f"{title}: {words}")
    return _VerdictLine(title=title, mark=mark, words=words, is_reference=row.is_reference)
