"""The first screen: which model, how good, how sure, what next."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import (
    against,
    axis_over,
    competing,
    family_title,
    mid_sentence,
    quoted_macro_f1,
    shown_evaluation,
)
from automl_text.wording import excerpt, printable, short_label

if TYPE_CHECKING:
    from automl_text.report.elements import Axis, Mark
    from automl_text.results import LeaderboardRow, RunResult, Signal, Verdict

TITLE = "Verdict"
PLACE = 10

_TITLES = {
    "no_signal": "No model can be recommended",
    "all_failed": "No model could be fitted",
    "only_references": "Only references were fitted",
}
_REASONS = {
    "no_signal": "No signal: labels cannot be told from shuffled ones",
    "all_failed": "The run failed",
    "only_references": "Nothing to choose: references are there to compare with",
}
_CONFIDENCE = {
    "clear": "Clear: no other family does better on these rows",
    "leaning": "Leaning: probably the best choice, not proven",
    "undecided": "Undecided: others may be just as good",
}
_RELATION = {
    "better": "beaten by {gap}, {p} sure",
    "worse": "ahead by {gap}, {p} sure",
    "equivalent": "just as good, {p} sure",
    "undecided": "cannot be told apart",
}
_MOST_ROWS = 7
_MOST = 3
"""Sentences of a list on the first screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One family on the axis of the first screen."""

    title: str
    relation: str
    value: str
    interval: str
    mark: Mark
    is_lead: bool
    is_reference: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """All that the first screen says."""

    title: str
    confidence: str
    headline: str
    figure: str | None
    figure_title: str
    interval: str
    chance: str
    forest: tuple[ForestRow, ...]
    axis: Axis
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    next_steps: tuple[str, ...]
    more: tuple[str, ...]
    """Sentences that the first screen has no room for."""
    command: str | None
    partial: bool


def view(result: RunResult) -> VerdictView:
    """Return the first screen of ``result``."""
    verdict = result.verdict
    recommended = result.recommended
    promised = result.procedure if recommended else None
    axis = axis_over(_ends(result))
    name = family_title(result, recommended) if recommended else ""
    return VerdictView(
        title=f"Use {mid_sentence(name)}" if name else _TITLES[verdict.code],
        confidence=_confidence_words(result),
        headline=excerpt(_headline(verdict.headline, name), 400),
        figure=formats.score(quoted_macro_f1(promised)) if promised else None,
        figure_title="expected macro-F1 on new texts"
        if promised and promised.expected_macro_f1 is not None
        else "macro-F1 as measured",
        interval=_interval_words(result),
        chance=_chance_words(result),
        forest=_forest(result, axis),
        axis=axis,
        reasons=_sentences(verdict.reasons),
        would_change=_sentences(verdict.would_change),
        next_steps=_sentences((*_stand_in(result), *verdict.next_steps)),
        more=_more(verdict),
        command=predict_command(result),
        partial=result.partial,
    )


def _confidence_words(result: RunResult) -> str:
    rivals = [row for row in result.leaderboard if not row.is_reference and row.macro_f1 is not None]
    if result.recommended and len(rivals) == 1:
        return "Nothing to compare it with: no other family was measured"
    return _CONFIDENCE.get(result.verdict.confidence, _REASONS.get(result.verdict.code, ""))


def _headline(headline: str, name: str) -> str:
    """Return the headline without the words that stand above it as title."""
    rest = headline.removeprefix(f"Use {name}: ")
    return rest[:1].upper() + rest[1:]


def predict_command(result: RunResult) -> str | None:
    """Return the command that labels new texts with the exported model; None where there is none."""
    model = result.timing.model
    if model is None:
        return None
    folder = model.folder or f"reports/{PurePosixPath(result.dataset.file_name).name.split('.')[0]}"
    return printable(f"automl-text predict {shlex.quote(f'{folder}/{model.file_name}')} new.csv")


def _stand_in(result: RunResult) -> tuple[str, ...]:
    """Say that the model at hand is not the recommended one, where time was over."""
    model = result.timing.model
    if model is None or model.family == result.recommended:
        return ()
    failed = f"the final fit of {result.recommended} gave no model"
    return (f"{model.file_name} holds {model.family}: {failed}. `automl-text export` tries it again.",)


def _more(verdict: Verdict) -> tuple[str, ...]:
    lists = (verdict.reasons, verdict.would_change, verdict.next_steps)
    return tuple(excerpt(line, 400) for lines in lists for line in lines[_MOST:])


def _sentences(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(excerpt(line, 400) for line in lines[:_MOST])


def _ends(result: RunResult) -> list[float]:
    shown = competing(result.leaderboard)
    shuffled = [result.signal.shuffled_high] if result.signal and result.recommended is None else []
    return [end for row in shown for end in (row.interval or ()) + (_quoted(row),)] + shuffled


def _quoted(row: LeaderboardRow) -> float:
    return quoted_macro_f1(row) or 0.0


def _interval_words(result: RunResult) -> str:
    """Return the interval that the headline names, the whole search's; without a recommendation that of the best."""
    judged = result.procedure if result.recommended is not None else shown_evaluation(result)
    if judged is None:
        return ""
    if judged.interval is None:
        return f"No interval: {excerpt(judged.interval_reason)}" if judged.interval_reason else ""
    return f"95 % interval {formats.interval(judged.interval)}"


def _chance_words(result: RunResult) -> str:
    evaluation = shown_evaluation(result)
    metric = next((m for m in evaluation.metrics if m.name == "macro_f1"), None) if evaluation else None
    return f"guessing gets {formats.score(metric.chance_random)}, perfect is 1" if metric else "perfect is 1"


def _forest(result: RunResult, axis: Axis) -> tuple[ForestRow, ...]:
    ranked = [row for row in result.leaderboard if row.macro_f1 is not None]
    ranked.sort(key=lambda row: row.family != result.recommended)  # stable: the recommended one leads
    rows = []
    for row in ranked[:_MOST_ROWS]:
        value = _quoted(row)
        title = short_label(row.title)
        rows.append(
            ForestRow(
                title=title,
                relation=_relation(result, row),
                value=formats.score(value),
                interval=formats.interval(row.interval),
                mark=axis.mark(
                    value, row.interval, f"{title}: {formats.score(value)}, {formats.interval(row.interval)}"
                ),
                is_lead=row.family == result.recommended,
                is_reference=row.is_reference,
            )
        )
    if result.signal is not None and result.recommended is None:
        rows.append(_shuffled(result.signal, axis))
    return tuple(rows)


def _shuffled(signal: Signal, axis: Axis) -> ForestRow:
    """Return what shuffled labels reach: the level that a signal would have to leave behind."""
    reach = (signal.shuffled_mean, signal.shuffled_high)
    value, seldom = formats.score(signal.shuffled_mean), f"seldom above {formats.score(signal.shuffled_high)}"
    return ForestRow(
        title="Shuffled labels",
        relation=seldom,
        value=value,
        interval=formats.interval(reach),
        mark=axis.mark(signal.shuffled_mean, reach, f"Shuffled labels: {value}, {seldom}"),
        is_lead=False,
        is_reference=True,
    )


def _relation(result: RunResult, row: LeaderboardRow) -> str:
    if result.recommended is None:
        return "for comparison" if row.is_reference else ""
    if row.family == result.recommended:
        return "recommended"
    comparison = against(result, result.recommended, row.family)
    if comparison is None:
        return "for comparison" if row.is_reference else ""
    surely = {
        "better": comparison.p_better,
        "worse": comparison.p_worse,
        "equivalent": comparison.p_equivalent,
    }
    probability = formats.short_probability(surely.get(comparison.verdict, 0.0))
    gap = formats.score(abs(comparison.difference))
    return _RELATION[comparison.verdict].format(gap=gap, p=probability)
