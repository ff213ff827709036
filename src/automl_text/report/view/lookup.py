"""Finding things in a `RunResult` by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.report.text import short_label

if TYPE_CHECKING:
    from automl_text.results import Comparison, Evaluation, LeaderboardRow, Procedure, RunResult


def family_title(result: RunResult, family: str) -> str:
    """Return a family's title as the report writes it; its name where it has no evaluation."""
    found = evaluation_of(result, family)
    return short_label(found.title if found else family)


def mid_sentence(title: str) -> str:
    """Return the title as it stands inside a sentence: "logistic regression", but "LightGBM" and "LSTM"."""
    first, blank, rest = title.partition(" ")
    return f"{first.lower() if first[1:].islower() else first}{blank}{rest}"


def evaluation_of(result: RunResult, family: str | None) -> Evaluation | None:
    """Return the family's evaluation, or None."""
    return next((each for each in result.evaluations if each.family == family), None)


def shown_evaluation(result: RunResult) -> Evaluation | None:
    """Return the recommended family's evaluation, else the best ranked one that is no reference."""
    if result.recommended is not None:
        return evaluation_of(result, result.recommended)
    for row in result.leaderboard:
        if not row.is_reference and row.macro_f1 is not None:
            return evaluation_of(result, row.family)
    return None


def ranked_evaluations(result: RunResult) -> tuple[Evaluation, ...]:
    """Return the evaluations that have a score, in rank order."""
    found = (evaluation_of(result, row.family) for row in result.leaderboard if row.macro_f1 is not None)
    return tuple(each for each in found if each is not None)


def quoted_macro_f1(row: LeaderboardRow | Procedure | Evaluation) -> float | None:
    """Return the macro-F1 that a reader should expect; as measured where no correction was possible."""
    return row.macro_f1 if row.expected_macro_f1 is None else row.expected_macro_f1


def against(result: RunResult, family: str, other: str) -> Comparison | None:
    """Return the comparison of ``family`` with ``other``, seen from ``family``."""
    wanted = {family, other}
    found = next((each for each in result.comparisons if {each.a, each.b} == wanted), None)
    return found.seen_from(family) if found else None
