"""Rows shown to a person: cut to a readable length, or without their words where that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.results import TextExample

if TYPE_CHECKING:
    from automl_text.data.dataset import Dataset

MAX_CHARACTERS = 200


def folded(text: str) -> str:
    """Return ``text`` so that two texts which differ by case and blanks alone are equal."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpts:
    """Cuts texts of one data set.

    Attributes
    ----------
    data : Dataset
    show_text : bool
        False leaves every text empty.
    """

    data: Dataset
    show_text: bool = True

    def text(self, row: int) -> str:
        """Return the row's text, at most 200 characters long."""
        if not self.show_text:
            return ""
        text = self.data.texts[row]
        return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"

    def example(self, row: int, predicted: int, confidence: float) -> TextExample:
        """Return the row with what was predicted for it."""
        return TextExample(
            line=int(self.data.lines[row]),
            text=self.text(row),
            label=self.data.classes[self.data.codes[row]],
            predicted=self.data.classes[predicted],
            confidence=confidence,
        )
