"""Rows whose label deserves a second look, worst first, as a table that a person fills in with a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from automl_text.data.dataset import Dataset
from automl_text.errors import refuse_below
from automl_text.loop.out_of_fold import digest_name, read_out_of_fold
from automl_text.loop.rows import texts_of_rows
from automl_text.results.result import read_result
from automl_text.statistics.calibration import label_doubt
from automl_text.verdict.suspects import good_families, suspects_of
from automl_text.verdict.texts import Excerpts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.verdict.predictions import Predictions

COLUMNS = ("line", "text", "label", "suggestion", "probability", "why", "corrected", "digest")
_LEAST, _SHARE = 20, 0.05
"""Rows listed where nothing else is asked for: what a person looks through in half an hour."""
_WHY = {
    "contradiction": "the same text stands elsewhere under another label",
    "families_agree": "all good families say otherwise, each without having seen this row",
    "unlikely": "the label given is hardly likely to the good families, who have not seen this row",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReviewRow:
    """One row of the review."""

    line: int
    text: str
    """Empty where the run shows no texts and no data file was named."""
    label: str
    suggestion: str
    probability: float
    """That the label is wrong."""
    why: str
    digest: str
    """Names the text wherever it stands."""

    @property
    def cells(self) -> tuple[str | int | float, ...]:
        """Its cells in the order of `COLUMNS`; a person fills in ``corrected``."""
        known = (self.line, self.text, self.label, self.suggestion, round(self.probability, 3), self.why)
        return (*known, "", self.digest)


def review_rows(folder: Path, data: Path | None = None, *, most: int | None = None) -> tuple[_ReviewRow, ...]:
    """Return the rows of a run worth a second look, worst first.

    Parameters
    ----------
    data : Path, optional
        Where the run's data file is now.
    most : int, optional
        A twentieth of the rows, at least 20, where not given.

    Raises
    ------
    InputError
        If there is no finished run, its data file is not found, or ``most`` is below 1.
    """
    refuse_below(1, n=most)
    result, rows = read_result(folder), read_out_of_fold(folder)
    is_shown = data is not None or result.config.show_text
    texts = texts_of_rows(result, rows, data) if is_shown else None
    names = [digest_name(digest) for digest in rows.digests.tolist()]
    data_set = Dataset(
        texts=tuple(names),
        codes=rows.codes,
        classes=rows.classes,
        groups=rows.groups,
        lines=rows.lines,
        sha256="",
    )
    # Texts are told apart by their digests alone, so what is in doubt does not depend on the file being there.
    found = _doubted(_votes(rows), Excerpts(data=data_set, show_text=False))
    listed = sorted(found, key=lambda row: (-found[row][1], rows.lines[row]))
    return tuple(
        _ReviewRow(
            line=int(rows.lines[row]),
            text=texts[row] if texts else "",
            label=rows.classes[rows.codes[row]],
            suggestion=found[row][0],
            probability=found[row][1],
            why=_WHY[found[row][2]],
            digest=names[row],
        )
        for row in listed[: most or max(_LEAST, round(_SHARE * rows.n_rows))]
    )


def _doubted(votes: Sequence[Predictions], excerpts: Excerpts) -> dict[int, tuple[str, float, str]]:
    """Return row to the category suggested, the probability that its label is wrong, and why."""
    data, good = excerpts.data, good_families(votes)
    found: dict[int, tuple[str, float, str]] = {}
    if good:
        shape = (-1, data.n_rows, data.n_classes)
        mean = np.mean([each.probabilities.reshape(shape).mean(axis=0) for each in good], axis=0)
        doubt = label_doubt(mean[np.arange(data.n_rows), data.codes], data.n_classes)
        likeliest = mean.argmax(axis=1)
        for row in np.flatnonzero((likeliest != data.codes) & data.measurable[data.codes]).tolist():
            found[row] = (data.classes[likeliest[row]], float(doubt[row]), "unlikely")
    place = {line: row for row, line in enumerate(data.lines.tolist())}
    for each in suspects_of(votes, excerpts, most=None):
        found[place[each.line]] = (each.suggested, each.probability, each.reason)
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Vote:
    """A family as `suspects_of` looks at it."""

    is_candidate: bool
    macro_f1: float
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def _votes(rows: OutOfFold) -> Sequence[Predictions]:
    truth = rows.truth.repeated(rows.n_repeats)
    found = [
        _Vote(
            is_candidate=family in rows.candidates,
            macro_f1=truth.macro_f1(predicted.ravel()),
            predicted=predicted.ravel(),
            probabilities=probabilities.reshape(-1, len(rows.classes)).astype(np.float64),
        )
        for family, predicted, probabilities in zip(
            rows.families, rows.predicted, rows.probabilities, strict=True
        )
    ]
    return cast("Sequence[Predictions]", found)
