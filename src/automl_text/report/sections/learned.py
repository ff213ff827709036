"""What it learned: the pieces of text that speak most for each category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report.elements import family_title
from automl_text.wording import excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import RunResult, TopFeatures

SECTION = 80, "What it learned"

_MOST_FEATURES = 8
_SIGNS = {"…": "“…” stands where a word goes on", "␣": "“␣” is a blank"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A piece of text; blanks at its ends are shown, since they count. Its bar is relative to the strongest."""

    text: str
    weight: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _LearnedLine:
    """What speaks for one category; ``label`` is empty where the pieces speak of no single one."""

    label: str
    pieces: tuple[_Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _LearnedFamily:
    """One family's pieces."""

    title: str
    measure: str
    lines: tuple[_LearnedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _LearnedView:
    """The section on what was learned: one group per family and measure; none where nothing can be shown."""

    lede: str
    groups: tuple[_LearnedFamily, ...]


def _lede(groups: tuple[_LearnedFamily, ...]) -> str:
    if not groups:
        return "Nothing to show: words are withheld, or this kind of model does not give them."
    pieces = "".join(piece.text for group in groups for line in group.lines for piece in line.pieces)
    signs = [meaning for sign, meaning in _SIGNS.items() if sign in pieces]
    return "; ".join(["Words and pieces of words that speak most for each category", *signs]) + "."


def view(result: RunResult) -> _LearnedView:
    """Return the pieces of text that speak most for each category."""
    groups: dict[tuple[str, str], list[TopFeatures]] = {}
    for each in result.insight.top_features:
        groups.setdefault((each.family or result.recommended or "", each.measure), []).append(each)
    shown = tuple(
        _LearnedFamily(
            title=family_title(result, family),
            measure="weight in the model" if measure == "weight" else "total gain over all trees",
            lines=tuple(_line(each) for each in features),
        )
        for (family, measure), features in groups.items()
    )
    return _LearnedView(lede=_lede(shown), groups=shown)


def _line(top: TopFeatures) -> _LearnedLine:
    strongest = max((abs(weight) for _, weight in top.features), default=0.0) or 1.0
    return _LearnedLine(
        label=short_label(top.label) if top.label else "",
        pieces=tuple(
            _Piece(text=_spaced(piece), weight=f"{weight:.2f}", width=f"{100 * abs(weight) / strongest:.1f}%")
            for piece, weight in top.features[:_MOST_FEATURES]
        ),
    )


def _spaced(piece: str) -> str:
    """Return the piece with its outer blanks as open boxes: the end of a word is part of a character piece."""
    inner = piece.strip(" ")
    lead, trail = len(piece) - len(piece.lstrip(" ")), len(piece) - len(piece.rstrip(" "))
    if not inner:
        return "␣" * len(piece)
    return f"{'␣' * lead}{excerpt(inner, 30)}{'␣' * trail}"
