"""Confusions and texts: the shaded matrix whose cells open their texts, confident mistakes, the map of the texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.sections.classes import cells_of
from automl_text.wording import counted, excerpt, mid_sentence, short_label

if TYPE_CHECKING:
    from automl_text.report.sections.classes import Cell
    from automl_text.results import RunResult, TextExample

SECTION = 40, "Confusions and texts"

_LEVELS = 5
_MANY = 24
_MOST_PAIRS = 8
_MOST_MISTAKES = 3
_GOLDEN = 137.508
"""Degrees between the colours of neighbours in the list of categories, so that they differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """A count of the matrix (empty for zero), its shade (``d`` on the diagonal, ``e`` off it), the texts it opens."""

    text: str
    shade: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _TextMark:
    """One text on the map."""

    x: str
    y: str
    hue: str
    words: str
    is_wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _ErrorsView:
    """The section on errors."""

    lede: str
    title: str
    matrix: tuple[tuple[str, tuple[_Count, ...]], ...]
    """Each true category with its row of counts."""
    is_large: bool
    """Too many columns for cells of the usual size."""
    pairs: tuple[tuple[str, Cell], ...]
    """The fullest cells off the diagonal, each with its true category."""
    mistakes: tuple[TextExample, ...]
    dots: tuple[_TextMark, ...]
    legend: tuple[tuple[str, str], ...]


def view(result: RunResult) -> _ErrorsView:
    """Return the errors of the family shown."""
    shown = result.shown
    names = tuple(short_label(info.label) for info in result.dataset.classes)
    suspects = {suspect.line for suspect in result.insight.suspects}
    wrong = [each for each in result.insight.examples if each.label != each.predicted]
    cells = cells_of(result)
    pairs = [(names[true], cell) for (true, taken), cell in cells.items() if true != taken]
    dots = _dots(result)
    return _ErrorsView(
        lede=_lede(result),
        title=mid_sentence(short_label(shown.title)) if shown else "",
        matrix=_matrix(names, shown.confusion, cells) if shown and shown.confusion else (),
        is_large=len(names) > _MANY,
        pairs=tuple(pairs[:_MOST_PAIRS]),
        mistakes=tuple([each for each in wrong if each.line not in suspects][:_MOST_MISTAKES]),
        dots=dots,
        legend=tuple((name, _hue(code)) for code, name in enumerate(names)) if dots else (),
    )


def _lede(result: RunResult) -> str:
    shown = result.shown
    counts = [
        (n, true, taken)
        for true, row in enumerate(shown.confusion if shown else ())
        for taken, n in enumerate(row)
        if true != taken
    ]
    n, true, taken = max(counts, key=lambda each: each[0], default=(0, 0, 0))
    if n < 2:  # noqa: PLR2004  (one text says nothing of a pair)
        return "No two categories stand out as taken for each other."
    label, predicted = (short_label(result.dataset.classes[code].label) for code in (true, taken))
    return f"The most common error: {label} taken for {predicted}, {counted(n, 'time')}."


def _matrix(
    names: tuple[str, ...], confusion: tuple[tuple[int, ...], ...], cells: dict[tuple[int, int], Cell]
) -> tuple[tuple[str, tuple[_Count, ...]], ...]:
    anchors = {place: cell.anchor for place, cell in cells.items()}
    return tuple(
        (
            name,
            tuple(
                _Count(
                    text=formats.count(n) if n else "",
                    shade=f"{'d' if i == j else 'e'}{-(-n * _LEVELS // max(sum(row), 1))}",
                    anchor=anchors.get((i, j), ""),
                )
                for j, n in enumerate(row)
            ),
        )
        for i, (name, row) in enumerate(zip(names, confusion, strict=True))
    )


def _dots(result: RunResult) -> tuple[_TextMark, ...]:
    code = {info.label: place for place, info in enumerate(result.dataset.classes)}
    return tuple(
        _TextMark(
            x=f"{1000 * each.place[0]:.0f}",
            y=f"{620 * (1 - each.place[1]):.0f}",
            hue=_hue(code[each.label]),
            words=_dot_words(each),
            is_wrong=each.label != each.predicted,
        )
        for each in reversed(result.insight.examples)  # wrong ones are drawn last, on top
        if each.place is not None
    )


def _dot_words(each: TextExample) -> str:
    taken = "" if each.label == each.predicted else f", taken for {short_label(each.predicted)}"
    text = f": {excerpt(each.text, 90)}" if each.text else ""
    return f"{short_label(each.label)}{taken}{text}"


def _hue(code: int) -> str:
    return f"{code * _GOLDEN % 360:.0f}"
