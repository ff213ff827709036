"""Rows whose label may be wrong: one text with two labels, and rows where all good families say otherwise."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import Suspect
from automl_text.statistics.calibration import label_doubt
from automl_text.wording import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.verdict.predictions import Predictions
    from automl_text.verdict.texts import Excerpts

_GOOD = 0.1
"""Families within this much macro-F1 of the best have a say."""
_DOUBTED = 0.3
"""A label is shown from this probability on that it is wrong (docs/decisions/0015)."""
_EITHER = 0.5
"""One of two equal texts with two labels is wrong."""
_MAX_SHOWN = 50


def suspects_of(
    judged: Sequence[Predictions], excerpts: Excerpts, *, most: int | None = _MAX_SHOWN
) -> tuple[Suspect, ...]:
    """Return at most ``most``: contradictions, then other rows by falling probability that the label is wrong."""
    data = excerpts.data
    contradicted = _contradictions(data)
    found = [
        Suspect(
            line=int(data.lines[row]),
            text=excerpts.text(row),
            label=data.classes[data.codes[row]],
            suggested=data.classes[suggested],
            probability=probability,
            reason="contradiction" if row in contradicted else "families_agree",
        )
        for row, suggested, probability in _rows(judged, data, contradicted)
    ]
    return tuple(sorted(found, key=lambda each: (each.reason, -each.probability, each.line))[:most])


def _contradictions(data: Dataset) -> dict[int, int]:
    """Return rows whose text, but for case and blanks, stands elsewhere under another label, with that label's code.

    Of several other labels the most frequent is given.
    """
    by_text: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(data.texts):
        by_text[folded(text)].append(row)
    found = {}
    for rows in by_text.values():
        codes = data.codes[rows]
        for row in rows:
            others = codes[codes != data.codes[row]]
            if len(others):
                found[row] = int(np.bincount(others).argmax())
    return found


def _rows(
    judged: Sequence[Predictions], data: Dataset, contradicted: dict[int, int]
) -> list[tuple[int, int, float]]:
    """Return (row, suggested code, probability that its label is wrong) of every suspect."""
    good = good_families(judged)
    if not good:
        return [(row, code, _EITHER) for row, code in contradicted.items()]
    mean = np.mean([_by_row(each, data) for each in good], axis=0)
    doubt = label_doubt(mean[np.arange(data.n_rows), data.codes], data.n_classes)
    found = [(row, code, max(_EITHER, float(doubt[row]))) for row, code in contradicted.items()]
    suggested = _agreed(good, data)
    is_shown = (suggested >= 0) & data.measurable[data.codes] & (doubt > _DOUBTED)
    is_shown[list(contradicted)] = False
    return found + [(int(row), int(suggested[row]), float(doubt[row])) for row in np.flatnonzero(is_shown)]


def good_families(judged: Sequence[Predictions]) -> list[Predictions]:
    """Return the families that have a say: those near the best in macro-F1."""
    candidates = [each for each in judged if each.is_candidate]
    best = max((each.macro_f1 for each in candidates), default=0.0)
    return [each for each in candidates if each.macro_f1 >= best - _GOOD]


def _by_row(judged: Predictions, data: Dataset) -> NDArray[np.float64]:
    """Return probabilities averaged over partitions, shape (n_rows, n_classes)."""
    return np.asarray(judged.probabilities.reshape(-1, data.n_rows, data.n_classes).mean(axis=0))


def _agreed(good: Sequence[Predictions], data: Dataset) -> NDArray[np.int64]:
    """Return the class that all families in all partitions give a row against its label, or -1."""
    votes = np.concatenate([each.predicted.reshape(-1, data.n_rows) for each in good])
    is_unanimous = np.all(votes == votes[0], axis=0) & (votes[0] != data.codes)
    return np.where(is_unanimous, votes[0], -1)
