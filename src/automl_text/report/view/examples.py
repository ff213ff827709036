"""Rows of the data as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.text import excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import TextExample


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleView:
    """One text as it is shown."""

    where: str
    text: str
    label: str
    predicted: str
    confidence: str
    words: tuple[str, ...]


def example_view(example: TextExample) -> ExampleView:
    """Return a row of the data as it is shown; a withheld text is said to be withheld."""
    return ExampleView(
        where=f"line {formats.count(example.line)}",
        text=excerpt(example.text) or "(text withheld)",
        label=short_label(example.label),
        predicted=short_label(example.predicted),
        confidence=formats.short_probability(example.confidence),
        words=tuple(excerpt(word, 30) for word in example.words[:6]),
    )
