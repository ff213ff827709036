"""Confusions and worst errors: the shaded matrix, the pairs behind it, and rows whose label may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import ExampleView, example_view, shown_evaluation
from automl_text.wording import excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import ConfusedPair, RunResult, Suspect

TITLE = "Confusions and worst errors"
PLACE = 80

_LEVELS = 5
_MANY = 24
_REASONS = {
    "families_agree": "good families agree",
    "contradiction": "same text, other label",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """One cell: a count (empty for zero) and its shade, ``d0`` to ``d5`` on the diagonal, ``e0`` to ``e5`` off it."""

    text: str
    shade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One true category."""

    number: str
    label: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusedPairView:
    """Two categories taken for each other."""

    label: str
    predicted: str
    n: str
    examples: tuple[ExampleView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectView:
    """A row whose label may be wrong."""

    where: str
    text: str
    label: str
    suggested: str
    probability: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionsView:
    """The section on errors."""

    lede: str
    title: str
    matrix: tuple[MatrixRow, ...]
    is_large: bool
    """Too many columns for cells of the usual size."""
    pairs: tuple[ConfusedPairView, ...]
    worst: tuple[ExampleView, ...]
    suspects: tuple[SuspectView, ...]


def view(result: RunResult) -> ConfusionsView:
    """Return the errors of the family shown."""
    shown = shown_evaluation(result)
    insight = result.insight
    return ConfusionsView(
        lede=_lede(insight.confused_pairs),
        title=short_label(shown.title) if shown else "",
        matrix=_matrix(result, shown.confusion) if shown else (),
        is_large=len(result.dataset.classes) > _MANY,
        pairs=tuple(_pair(pair) for pair in insight.confused_pairs[:8]),
        worst=tuple(example_view(example) for example in insight.worst_errors[:10]),
        suspects=tuple(_suspect(suspect) for suspect in insight.suspects[:30]),
    )


def _lede(pairs: tuple[ConfusedPair, ...]) -> str:
    if not pairs:
        return "No two categories stand out as taken for each other."
    first = pairs[0]
    return (
        f"The most common error: {short_label(first.label)} taken for {short_label(first.predicted)}, "
        f"{formats.counted(first.n, 'time')}."
    )


def _matrix(result: RunResult, confusion: tuple[tuple[int, ...], ...]) -> tuple[MatrixRow, ...]:
    return tuple(
        MatrixRow(
            number=str(i + 1),
            label=short_label(info.label),
            cells=tuple(_cell(n, sum(row), is_hit=i == j) for j, n in enumerate(row)),
        )
        for i, (info, row) in enumerate(zip(result.dataset.classes, confusion, strict=True))
    )


def _cell(n: int, total: int, *, is_hit: bool) -> MatrixCell:
    level = -(-n * _LEVELS // total) if total else 0
    return MatrixCell(text=formats.count(n) if n else "", shade=f"{'d' if is_hit else 'e'}{level}")


def _pair(pair: ConfusedPair) -> ConfusedPairView:
    return ConfusedPairView(
        label=short_label(pair.label),
        predicted=short_label(pair.predicted),
        n=formats.counted(pair.n, "time"),
        examples=tuple(example_view(example) for example in pair.examples[:3]),
    )


def _suspect(suspect: Suspect) -> SuspectView:
    return SuspectView(
        where=formats.count(suspect.line),
        text=excerpt(suspect.text, 160) or "(text withheld)",
        label=short_label(suspect.label),
        suggested=short_label(suspect.suggested),
        probability=formats.short_probability(suspect.probability),
        reason=_REASONS[suspect.reason],
    )
