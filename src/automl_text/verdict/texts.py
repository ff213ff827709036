"""Texts shown to a person, cut or left out; and the figure if new texts repeat old ones as these rows do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import TextExample
from automl_text.wording import folded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.verdict.predictions import Predictions

_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpts:
    """Cuts texts of one data set."""

    data: Dataset
    show_text: bool = True
    """False leaves every text empty."""

    def text(self, row: int) -> str:
        """Return the row's text, at most 200 characters long."""
        if not self.show_text:
            return ""
        text = self.data.texts[row]
        return text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 1] + "…"

    def example(self, row: int, predicted: int, confidence: float) -> TextExample:
        """Return the row with what was predicted for it."""
        return TextExample(
            line=int(self.data.lines[row]),
            text=self.text(row),
            label=self.data.classes[self.data.codes[row]],
            predicted=self.data.classes[predicted],
            confidence=confidence,
        )


def repeated_macro_f1(judged: Predictions, data: Dataset, *, groups_repeat: bool) -> float | None:
    """Return macro-F1 when a text whose repetition is known is answered with that repetition's label.

    Honest splits keep repetitions together, so no prediction there was helped by one. Here each row that has
    repetitions gets their most frequent label instead, all other rows what the model said.

    Parameters
    ----------
    groups_repeat : bool
        True where groups are duplicates alone. Where they are customers or threads too, only texts that are
        equal but for case and blanks count as repeated.

    Returns
    -------
    float or None
        None where no rows repeat.
    """
    first = judged.first_partition()
    keys = data.groups if groups_repeat else _text_keys(data)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=keys[order[0]] - 1))
    sets = [rows for rows in np.split(order, starts[1:]) if len(rows) > 1]
    if not sets:
        return None
    predicted = judged.predicted[first].copy()
    for rows in sets:
        predicted[rows] = _labels_of_others(data.codes[rows], predicted[rows], data.n_classes)
    return judged.truth.take(first).macro_f1(predicted)


def _text_keys(data: Dataset) -> NDArray[np.int64]:
    index: dict[str, int] = {}
    return np.array([index.setdefault(folded(text), len(index)) for text in data.texts], dtype=np.int64)


def _labels_of_others(
    codes: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int
) -> NDArray[np.int64]:
    """Return for each row the most frequent label of the others; the model decides between equals."""
    counts = np.bincount(codes, minlength=n_classes)
    others = counts - np.eye(n_classes, dtype=np.int64)[codes]
    is_best = others == others.max(axis=1, keepdims=True)
    agrees = is_best[np.arange(len(codes)), predicted]
    return np.where(agrees, predicted, is_best.argmax(axis=1))
