"""The leaderboard: every family, its interval on one axis, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import (
    axis_over,
    competing,
    evaluation_of,
    family_title,
    mid_sentence,
    quoted_macro_f1,
)
from automl_text.wording import excerpt, listed, short_label

if TYPE_CHECKING:
    from automl_text.report.elements import Axis, Mark
    from automl_text.results import LeaderboardRow, Procedure, RunResult


TITLE = "Leaderboard"
PLACE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the leaderboard; ``values`` are what its columns sort by."""

    rank: str
    group: str
    title: str
    badges: tuple[str, ...]
    macro_f1: str
    expected: str
    interval: str
    mark: Mark | None
    strategy: str
    fit: str
    predict: str
    size: str
    reason: str
    values: dict[str, float]
    is_lead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardView:
    """The section with the leaderboard."""

    lede: str
    axis: Axis
    lines: tuple[Line, ...]
    procedure: Line
    procedure_words: str


def view(result: RunResult) -> LeaderboardView:
    """Return the leaderboard as it is set."""
    ends = [end for row in competing(result.leaderboard) for end in _ends(row)] + list(
        _ends(result.procedure)
    )
    axis = axis_over(ends, most_ticks=4)
    return LeaderboardView(
        lede=_lede(result),
        axis=axis,
        lines=tuple(_line(result, row, axis) for row in result.leaderboard),
        procedure=_procedure(result, axis),
        procedure_words=_procedure_words(result),
    )


def _ends(row: LeaderboardRow | Procedure) -> tuple[float, ...]:
    known = (*(row.interval or ()), row.expected_macro_f1, row.macro_f1)
    return tuple(end for end in known if end is not None)


def _lede(result: RunResult) -> str:
    ranked = [row for row in result.leaderboard if row.macro_f1 is not None]
    if not ranked:
        return "No family has a score."
    group = tuple(short_label(row.title) for row in ranked if row.rank_group == 1)
    if len(group) == 1:
        return f"{group[0]} leads alone."
    return f"{listed(group)} form the first group: their differences could be luck."


def _line(result: RunResult, row: LeaderboardRow, axis: Axis) -> Line:
    evaluation = evaluation_of(result, row.family)
    fit = result.timing.fit_seconds.get(row.family)
    predict = result.timing.predict_seconds.get(row.family)
    size = evaluation.n_parameters if evaluation else 0
    center = quoted_macro_f1(row)
    interval = formats.interval(row.interval)
    title = short_label(row.title)
    mark = axis.mark(center, row.interval, f"{title}: {interval}") if center is not None else None
    return Line(
        rank=str(row.rank),
        group=str(row.rank_group) if row.macro_f1 is not None else formats.MISSING,
        title=title,
        badges=_badges(result, row),
        macro_f1=formats.score(row.macro_f1, 3),
        expected=formats.score(row.expected_macro_f1, 3),
        interval=interval if row.interval else excerpt(row.interval_reason) or interval,
        mark=mark,
        strategy=(row.strategy or formats.MISSING).replace("_", " "),
        fit=formats.seconds(fit),
        predict=formats.seconds(predict),
        size=formats.count(size) if size else formats.MISSING,
        reason=excerpt(row.reason),
        values={
            "rank": row.rank,
            "macro_f1": _or_below(row.macro_f1),
            "expected": _or_below(center),
            "fit": _or_below(fit),
            "predict": _or_below(predict),
            "size": size,
        },
        is_lead=row.family == result.recommended,
    )


def _or_below(value: float | None) -> float:
    """Return ``value``, and below every score and duration where there is none."""
    return -1.0 if value is None else value


def _badges(result: RunResult, row: LeaderboardRow) -> tuple[str, ...]:
    badges = []
    if row.family == result.recommended:
        badges.append("recommended")
    if row.is_reference:
        badges.append("reference")
    if row.status != "done":
        badges.append(row.status)
    return tuple(badges)


def _procedure(result: RunResult, axis: Axis) -> Line:
    procedure = result.procedure
    center = quoted_macro_f1(procedure)
    interval = formats.interval(procedure.interval)
    return Line(
        rank="",
        group="",
        title="The search as a whole",
        badges=(),
        macro_f1=formats.score(procedure.macro_f1, 3),
        expected=formats.score(procedure.expected_macro_f1, 3),
        interval=interval if procedure.interval else excerpt(procedure.interval_reason) or interval,
        mark=axis.mark(center, procedure.interval, f"The search as a whole: {interval}")
        if center is not None
        else None,
        strategy="",
        fit="",
        predict="",
        size="",
        reason="",
        values={},
        is_lead=False,
    )


def _procedure_words(result: RunResult) -> str:
    picks = result.procedure.picks
    if not picks:
        return ""
    counts = {family: picks.count(family) for family in dict.fromkeys(picks)}
    parts = tuple(f"{mid_sentence(family_title(result, family))} in {n}" for family, n in counts.items())
    return (
        "The last row judges the whole search, choice of family included: each outer split's recommendation, made "
        f"without its rows, is judged by them. Of {len(picks)} splits it chose {listed(parts)}."
    )
