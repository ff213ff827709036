"""A page on one family: a result seen from it, and what stands first on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import against, family_title, mid_sentence
from automl_text.report.sections.method import params_words
from automl_text.report.sections.verdict import relation
from automl_text.results import Insight
from automl_text.wording import counted, excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import RunResult

SECTIONS = ("categories", "errors", "growth", "leaderboard", "learned", "method")
"""Sections of the report that say something of a single family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyView:
    """The first screen of a family's page."""

    title: str
    standing: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def seen_from(result: RunResult, family: str) -> RunResult:
    """Return the result with ``family`` in the place of the recommended one; what is known of that one alone goes."""
    if family == result.recommended:
        return result
    features = tuple(each for each in result.insight.top_features if each.family == family)
    return result.model_copy(update={"recommended": family, "insight": Insight(top_features=features)})


def family_view(result: RunResult) -> FamilyView:
    """Return the first screen of the page on the family that ``result`` is seen from."""
    evaluation = next(each for each in result.evaluations if each.family == result.recommended)
    accuracy = next((row.value for row in evaluation.metrics if row.name == "accuracy"), None)
    final = next((each for each in evaluation.trials if each.number == evaluation.final_trial), None)
    timing = result.timing
    facts = (
        ("Macro-F1, as measured", formats.score(evaluation.macro_f1, 3)),
        ("Right, as measured", formats.MISSING if accuracy is None else f"{100 * accuracy:.0f} of 100 texts"),
        ("Chosen settings", (final and params_words(final)) or "as they come"),
        ("Given", counted(len(evaluation.trials), "trial")),
        ("One fit", formats.seconds(timing.fit_seconds.get(evaluation.family))),
        ("1,000 texts", formats.seconds(timing.predict_seconds.get(evaluation.family) or None)),
        ("Numbers held", formats.count(evaluation.n_parameters)),
    )
    return FamilyView(
        title=short_label(evaluation.title),
        standing=_standing(result),
        facts=facts,
        notes=tuple(excerpt(note, 300) for note in evaluation.notes),
    )


def _standing(result: RunResult) -> str:
    recommended, family = result.verdict.recommended, result.recommended or ""
    if recommended == family:
        return "The recommended family of this run"
    pair = against(result, recommended, family) if recommended else None
    if pair is None or recommended is None:
        return "One of the families of this run, which recommends none"
    return (
        f"Against {mid_sentence(family_title(result, recommended))}, which is recommended: {relation(pair)}"
    )
