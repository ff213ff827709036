"""Per category: F1 of the family shown, hardest first; each line opens the texts behind it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import Axis
from automl_text.results import FEW_GROUPS
from automl_text.wording import counted, listed, mid_sentence, short_label

if TYPE_CHECKING:
    from automl_text.report.elements import Mark
    from automl_text.results import ClassScore, Evaluation, RunResult, TextExample

SECTION = 30, "Per category"

_HARD = 0.5
_FEW = f"fewer than {FEW_GROUPS} different texts: little more than a guess"
_MOST_WRONG, _MOST_RIGHT = 5, 2
"""Texts shown of one cell of the confusion matrix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the confusion matrix with texts behind it."""

    anchor: str
    words: str
    examples: tuple[TextExample, ...]
    note: str
    """How many texts are not shown because their label is suspect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClassLine:
    """One category: its F1 of the family shown, and what opens below it."""

    label: str
    n_rows: str
    score: str
    mark: Mark | None
    is_grey: bool
    note: str
    facts: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClassesView:
    """The section per category; no lines where nothing was measured."""

    lede: str
    axis: Axis
    lines: tuple[_ClassLine, ...] = ()


def view(result: RunResult) -> _ClassesView:
    """Return the categories, hardest for the family shown first."""
    shown = result.shown
    axis = Axis(low=0.0, high=1.0, step=0.5, digits=1)
    if shown is None or not shown.per_class:
        return _ClassesView(lede="Nothing was measured in this run.", axis=axis)
    place = {info.label: code for code, info in enumerate(result.dataset.classes)}
    order = sorted(shown.per_class, key=lambda row: (not row.is_measurable, row.f1, row.label))
    cells = cells_of(result)
    lines = []
    for row in order:
        code = place[row.label]
        own = [cell for (true, _), cell in cells.items() if true == code]
        lines.append(_line(row, _facts(result, shown, row), tuple(own), axis))
    return _ClassesView(lede=_lede(shown), axis=axis, lines=tuple(lines))


def cells_of(result: RunResult) -> dict[tuple[int, int], Cell]:
    """Return the cells of the confusion matrix that have texts to show: wrong ones first, the fullest first.

    A text whose label is suspect is no mistake of the model: it is counted, and shown with the data.
    """
    shown = result.shown
    if shown is None:
        return {}
    place = {info.label: code for code, info in enumerate(result.dataset.classes)}
    texts: dict[tuple[int, int], list[TextExample]] = defaultdict(list)
    for each in result.insight.examples:
        texts[place[each.label], place[each.predicted]].append(each)
    counts = shown.confusion
    order = sorted(texts, key=lambda pair: (pair[0] == pair[1], -counts[pair[0]][pair[1]], pair))
    return {pair: _cell(result, counts[pair[0]][pair[1]], pair, texts[pair]) for pair in order}


def _cell(result: RunResult, n: int, pair: tuple[int, int], texts: list[TextExample]) -> Cell:
    true, taken = pair
    suspects = {suspect.line for suspect in result.insight.suspects}
    believed = [each for each in texts if each.line not in suspects]
    doubtful = len(texts) - len(believed)
    words = f"taken for {short_label(result.dataset.classes[taken].label)}, {counted(n, 'time')}"
    return Cell(
        anchor=f"cell-{true + 1}-{taken + 1}",
        words=f"right, {counted(n, 'time')}" if true == taken else words,
        examples=tuple(believed[: _MOST_RIGHT if true == taken else _MOST_WRONG]),
        note=f"{counted(doubtful, 'text')} of it may be labelled wrong: see Data health." if doubtful else "",
    )


def _lede(shown: Evaluation) -> str:
    measured = [row for row in shown.per_class if row.is_measurable]
    hard = sorted((row for row in measured if row.f1 < _HARD), key=lambda row: row.f1)
    if not hard:
        return f"No category stays below F1 {_HARD}."
    names = listed(tuple(short_label(row.label) for row in hard))
    stay = "stays" if len(hard) == 1 else "stay"
    return f"{formats.count(len(hard))} of {len(measured)} categories {stay} below F1 {_HARD}: {names}."


def _facts(result: RunResult, shown: Evaluation, row: ClassScore) -> tuple[tuple[str, str], ...]:
    if not row.is_measurable:
        return ()
    facts = [
        ("Found", f"{formats.percent(row.recall)} of its texts"),
        ("Right", f"{formats.percent(row.precision)} of the texts put into it"),
    ]
    for each in result.ranked:
        other = next((score for score in each.per_class if score.label == row.label), None)
        if each is not shown and not each.is_reference and other is not None:
            facts.append((f"F1 of {mid_sentence(short_label(each.title))}", formats.score(other.f1)))
    return tuple(facts)


def _line(
    row: ClassScore, facts: tuple[tuple[str, str], ...], cells: tuple[Cell, ...], axis: Axis
) -> _ClassLine:
    interval = formats.interval(row.interval)
    score = formats.score(row.f1) if row.is_measurable else formats.MISSING
    return _ClassLine(
        label=short_label(row.label),
        n_rows=formats.count(row.support),
        score=score,
        mark=axis.mark(row.f1, row.interval, f"F1 {score}, {interval}") if row.is_measurable else None,
        is_grey=row.is_grey or not row.is_measurable,
        note=("" if row.is_measurable else "cannot be measured") or (_FEW if row.is_grey else ""),
        facts=facts,
        cells=cells,
    )
