"""Per category: F1 of every family with its interval, hardest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import Axis, ranked_evaluations, shown_evaluation
from automl_text.results import FEW_GROUPS
from automl_text.wording import listed, short_label

if TYPE_CHECKING:
    from automl_text.report.elements import Mark
    from automl_text.results import ClassScore, Evaluation, RunResult

TITLE = "Per category"
PLACE = 70

_HARD = 0.5
_FEW = f"fewer than {FEW_GROUPS} independent texts, so its F1 is little more than a guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyScore:
    """One family on one category."""

    text: str
    value: float
    mark: Mark | None
    is_grey: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLine:
    """One category with its rows, precision and recall of the family shown, and F1 of all."""

    label: str
    support: str
    n_rows: int
    precision: str
    recall: str
    scores: tuple[FamilyScore, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoriesView:
    """The section per category."""

    lede: str
    shown_title: str
    families: tuple[str, ...]
    axis: Axis
    lines: tuple[CategoryLine, ...]


def view(result: RunResult) -> CategoriesView | None:
    """Return the categories, hardest for the family shown first; None where nothing was measured."""
    shown = shown_evaluation(result)
    if shown is None or not shown.per_class:
        return None
    others = [e for e in ranked_evaluations(result) if e.family not in {shown.family, "majority"}]
    families = [shown, *others]
    scores = [{row.label: row for row in each.per_class} for each in families]
    order = sorted(shown.per_class, key=lambda row: (not row.is_measurable, row.f1, row.label))
    axis = Axis(low=0.0, high=1.0, step=0.5, digits=1)
    return CategoriesView(
        lede=_lede(shown),
        shown_title=short_label(shown.title),
        families=tuple(short_label(each.title) for each in families),
        axis=axis,
        lines=tuple(_line(row, [each.get(row.label) for each in scores], axis) for row in order),
    )


def _lede(shown: Evaluation) -> str:
    measured = [row for row in shown.per_class if row.is_measurable]
    hard = sorted((row for row in measured if row.f1 < _HARD), key=lambda row: row.f1)
    if not hard:
        return f"Every category that can be measured has F1 of at least {_HARD}."
    names = listed(tuple(short_label(row.label) for row in hard), 4)
    stay = "stays" if len(hard) == 1 else "stay"
    return f"{formats.count(len(hard))} of {len(measured)} categories {stay} below F1 {_HARD}: {names}."


def _line(row: ClassScore, scores: list[ClassScore | None], axis: Axis) -> CategoryLine:
    note = "" if row.is_measurable else "cannot be measured"
    return CategoryLine(
        label=short_label(row.label),
        support=formats.count(row.support),
        n_rows=row.support,
        precision=formats.score(row.precision) if row.is_measurable else formats.MISSING,
        recall=formats.score(row.recall) if row.is_measurable else formats.MISSING,
        scores=tuple(_family_score(score, axis) for score in scores),
        note=note or (_FEW if row.is_grey else ""),
    )


def _family_score(row: ClassScore | None, axis: Axis) -> FamilyScore:
    if row is None or not row.is_measurable:
        return FamilyScore(text=formats.MISSING, value=-1.0, mark=None, is_grey=True)
    label = f"F1 {formats.score(row.f1)}, {formats.interval(row.interval)}"
    return FamilyScore(
        text=formats.score(row.f1),
        value=row.f1,
        mark=axis.mark(row.f1, row.interval, label),
        is_grey=row.is_grey,
    )
