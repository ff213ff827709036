"""The leaderboard: every family against the recommended one, what it was given, what it costs, and every pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.briefing import briefing
from automl_text.report.elements import Axis, Grid, family_title
from automl_text.report.sections.verdict import axis_of_differences, relation
from automl_text.wording import counted, excerpt, listed, mid_sentence, short_label

if TYPE_CHECKING:
    from automl_text.report.elements import Mark
    from automl_text.results import Comparison, LeaderboardRow, RunResult

SECTION = 60, "Leaderboard"

_WORDS = {
    "better": "is better than",
    "worse": "is worse than",
    "equivalent": "is as good as",
    "undecided": "cannot be told from",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the leaderboard; ``values`` are what its columns sort by."""

    rank: str
    title: str
    badges: tuple[str, ...]
    macro_f1: str
    difference: str
    relation: str
    mark: Mark | None
    given: str
    strategy: str
    fit: str
    predict: str
    reason: str
    values: dict[str, float]
    is_lead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _LeaderboardView:
    """The section with the leaderboard."""

    lede: str
    lead: str
    """The family that the differences are taken from; empty where none is recommended."""
    axis: Axis
    zero: str
    lines: tuple[Line, ...]
    procedure: str
    """What the whole search delivers, in words."""
    speed: str
    """What the exported model costs to use, in words."""
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    pairs: Grid | None
    rope: str


def view(result: RunResult) -> _LeaderboardView:
    """Return the leaderboard as it is set."""
    lead, is_verdict = result.recommended, result.is_verdict_shown
    turned = [pair for row in result.leaderboard if lead and (pair := result.against(row.family, lead))]
    axis = axis_of_differences([(pair.difference, pair.interval) for pair in turned])
    return _LeaderboardView(
        lede=_lede(result),
        lead=mid_sentence(family_title(result, lead)) if lead else "",
        axis=axis,
        zero=axis.position(0.0),
        lines=tuple(_line(result, row, axis) for row in result.leaderboard),
        procedure=_procedure_words(result),
        speed=_speed_words(result) if is_verdict else "",
        reasons=tuple(excerpt(line, 400) for line in result.verdict.reasons) if lead and is_verdict else (),
        would_change=tuple(excerpt(line, 400) for line in result.verdict.would_change) if is_verdict else (),
        pairs=_pairs(result),
        rope=formats.score(result.config.rope, 3).rstrip("0"),
    )


def _lede(result: RunResult) -> str:
    ranked = [row for row in result.leaderboard if row.macro_f1 is not None]
    if not ranked:
        return "No family has a score."
    if result.recommended is None:
        return "Every family as it was measured; none is recommended."
    if not result.is_verdict_shown:
        return f"How the others compare with {mid_sentence(family_title(result, result.recommended))}."
    return f"{briefing(result).certainty}."


def _line(result: RunResult, row: LeaderboardRow, axis: Axis) -> Line:
    fit = result.timing.fit_seconds.get(row.family)
    predict = result.timing.predict_seconds.get(row.family)
    title = short_label(row.title)
    lead = result.recommended
    pair = result.against(row.family, lead) if lead and row.family != lead else None
    words = relation(pair.seen_from(lead)) if pair and lead else ""
    return Line(
        rank=str(row.rank),
        title=title,
        badges=_badges(result, row),
        macro_f1=formats.score(row.macro_f1, 3),
        difference=formats.signed(pair.difference) if pair else formats.MISSING,
        relation=words,
        mark=axis.mark(pair.difference, pair.interval, f"{title}: {words}") if pair else None,
        given=_given_words(result, row.family),
        strategy=(row.strategy or formats.MISSING).replace("_", " "),
        fit=formats.seconds(fit or None),
        predict=formats.seconds(predict or None),
        reason=_reason_words(result, row),
        values={
            "rank": row.rank,
            "macro_f1": _or_below(row.macro_f1),
            "difference": pair.difference if pair else 0.0,
            "fit": _or_below(fit),
            "predict": _or_below(predict),
        },
        is_lead=row.family == lead,
    )


def _or_below(value: float | None) -> float:
    """Return ``value``, and below every score and duration where there is none."""
    return -1.0 if value is None else value


def _given_words(result: RunResult, family: str) -> str:
    """Return what the search gave to a family."""
    evaluation, cost = result.evaluation(family), result.timing.given.get(family)
    parts = [counted(len(evaluation.trials), "trial")] if evaluation and evaluation.trials else []
    if cost is not None and cost.n_fits:
        parts += [counted(cost.n_fits, "fit"), formats.seconds(cost.seconds)]
    return ", ".join(parts) or formats.MISSING


def _reason_words(result: RunResult, row: LeaderboardRow) -> str:
    """Return why a family has no score, what it says of itself, and what was cut off it."""
    evaluation, cost = result.evaluation(row.family), result.timing.given.get(row.family)
    notes = evaluation.notes if evaluation else ()
    cut = f"cut: {cost.cut}" if cost and cost.cut else ""
    return "; ".join(excerpt(each).rstrip(".") for each in (row.reason, *notes, cut) if each)


def _speed_words(result: RunResult) -> str:
    """Return what the exported model costs to use."""
    speed, model = result.timing.speed, result.timing.model
    if speed is None or model is None:
        return ""
    pace, room = formats.count(round(speed.texts_per_second)), formats.count(speed.megabytes)
    return (
        f"{model.file_name} labels {pace} texts a second on one core; from a cold start it answers after "
        f"{formats.seconds(speed.cold_seconds)}, and it takes {room} MB."
    )


def _badges(result: RunResult, row: LeaderboardRow) -> tuple[str, ...]:
    badges = []
    if row.family == result.verdict.recommended:
        badges.append("recommended")
    if row.is_reference:
        badges.append("reference")
    if row.status != "done":
        badges.append(row.status)
    return tuple(badges)


def _procedure_words(result: RunResult) -> str:
    picks, promised = result.procedure.picks, result.procedure.promised_macro_f1
    if not picks or promised is None or result.recommended is None or not result.is_verdict_shown:
        return ""
    counts = {family: picks.count(family) for family in dict.fromkeys(picks)}
    chosen = tuple(f"{mid_sentence(family_title(result, family))} in {n}" for family, n in counts.items())
    return (
        f"These figures rank the families: as measured, by models fitted on four fifths of the rows or less. The "
        f"{formats.score(promised)} promised above is of the whole search, on all rows: of {len(picks)} outer splits, "
        f"each judged by rows it had not seen, it chose {listed(chosen)}."
    )


def _pairs(result: RunResult) -> Grid | None:
    if not result.comparisons:
        return None
    lead = result.recommended
    turned = [
        each.seen_from(lead) if lead and lead in {each.a, each.b} else each for each in result.comparisons
    ]
    turned.sort(key=lambda each: each.a != lead)
    columns = ("Verdict", "Difference", "95 % interval", "First better", "Equally good", "Second better")
    return Grid(
        caption="Every pair of families, compared on the same texts",
        columns=columns,
        rows=tuple(_pair(result, each) for each in turned),
    )


def _pair(result: RunResult, pair: Comparison) -> tuple[str, ...]:
    a, b = family_title(result, pair.a), mid_sentence(family_title(result, pair.b))
    probabilities = (pair.p_better, pair.p_equivalent, pair.p_worse)
    return (
        f"{a} {_WORDS[pair.verdict]} {b}",
        formats.signed(pair.difference),
        formats.signed_interval(pair.interval),
        *map(formats.short_probability, probabilities),
    )
