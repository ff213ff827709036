"""Adds a prediction and its confidence to every row of a file, however large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from automl_text.bundle.fast_features import fast_predict
from automl_text.data.beside import no_numbers
from automl_text.errors import nearest
from automl_text.files import ReadAs
from automl_text.results import finding
from automl_text.tables.reading import open_table
from automl_text.tables.writing import STDOUT, open_outgoing
from automl_text.wording import counted, listed, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from automl_text.bundle.bundle import Bundle
    from automl_text.families.contract import Rows
    from automl_text.results import Finding, ThresholdRow
    from automl_text.tables.table import Incoming, Table
    from automl_text.tables.writing import Added

PREDICTION, CONFIDENCE, BECAUSE = "prediction", "confidence", "because"
_UNLIKE = "unlike_training"
"""Column that says "yes" of texts unlike those of training; there where the model's manifest tells which."""
_DECIMALS = 6
_MOST = 1 - 10**-_DECIMALS
"""The largest probability that is written: rounding must not make a guess certain."""

DOUBTFUL = 0.5
"""Below this confidence a prediction is more likely wrong than right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictOptions:
    """What is asked of `predict_file`."""

    text: tuple[str, ...] = ()
    """Text columns; those of the training file where none is named."""
    probabilities: bool = False
    """Add a column ``probability:<label>`` for each label."""
    min_confidence: float = 0.0
    """In 0..1; rows below it get no prediction: they are for a human."""
    read_as: ReadAs = field(default_factory=ReadAs)
    raw: bool = False
    """Leave cells that a spreadsheet would run as they are."""
    explain: Callable[[Rows, str], str] | None = None
    """Says of one row and the label predicted for it what decided; adds the column ``because``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSummary:
    """What came of `predict_file`."""

    n_rows: int
    n_left: int
    """Rows left for a human."""
    n_doubtful: int
    """Rows with a confidence below `DOUBTFUL`, those left for a human included."""
    n_empty: int
    """Rows without any text."""
    n_guarded: int
    """Cells that got an apostrophe so that a spreadsheet reads them as text."""
    n_unlike: int | None = None
    """Rows unlike the training texts, left for a human where ``min_confidence`` is above 0; None where the model
    does not tell."""
    expected: ThresholdRow | None = None
    """What the search measured at the highest threshold up to ``min_confidence``."""
    findings: tuple[Finding, ...] = ()
    """What the reader noticed about the file."""


def predict_file(
    bundle: Bundle,
    data: str,
    output: str = STDOUT,
    options: PredictOptions | None = None,
    *,
    on_rows: Callable[[int, float | None], None] | None = None,
) -> PredictSummary:
    """Write the rows of ``data`` with their predictions to ``output``; memory does not grow with the file.

    Parameters
    ----------
    data, output : str
        Paths, or ``-``.
    on_rows : callable, optional
        Called after each chunk with the rows done and the share of the file read (None where unknown).

    Raises
    ------
    InputError
        For a file that cannot be read, a text column that is not there, and a column that would be overwritten.
    """
    options = options or PredictOptions()
    expected = (*(options.text or bundle.text_columns), *(each.name for each in bundle.features))
    with open_table(data, options.read_as, expected=expected) as (incoming, share_read):
        judge, lost = _Judge(bundle, options), Counter[str]()
        columns = text_columns(incoming, options.text, bundle)
        _refuse_clash(incoming, _added_names(bundle, options))
        with open_outgoing(output, incoming, raw=options.raw) as outgoing:
            for chunk in incoming.chunks:
                texts = chunk.texts(columns)
                cells = chunk.columns() if judge.reads_cells else {}
                rows = bundle.rows(incoming.file, texts, cells)
                lost.update({} if isinstance(rows, Sequence) else no_numbers(rows, cells))
                outgoing.write(chunk, judge.columns(texts, rows))
                if on_rows:
                    on_rows(judge.n_rows, share_read())
    return PredictSummary(
        n_rows=judge.n_rows,
        n_left=judge.n_left,
        n_doubtful=judge.n_doubtful,
        n_empty=judge.n_empty,
        n_guarded=outgoing.n_guarded,
        n_unlike=judge.n_unlike,
        expected=_expected(bundle, options.min_confidence),
        findings=(*incoming.findings(), *_about_numbers(lost)),
    )


def rows_at(rows: Rows, places: Sequence[int]) -> Rows:
    """Return some of the rows that a model is given."""
    return [rows[place] for place in places] if isinstance(rows, Sequence) else rows.iloc[list(places)]


def text_columns(table: Incoming | Table, asked: tuple[str, ...], bundle: Bundle) -> tuple[str, ...]:
    """Return the columns to join: those asked for, else those of training, else the only one there is.

    Without a header line the only column is the text, whatever it was called in training.

    Raises
    ------
    InputError
        Where one of them is not in the file.
    """
    wanted = asked or bundle.text_columns
    file, names = table.file, tuple(table.names)
    if len(names) == 1 and not (wanted and table.has_header):
        return names
    if not wanted:
        raise refusal(
            file,
            f"the model does not say which column holds the text ({listed(names)})",
            "Name it with --text COLUMN",
        )
    missing = [name for name in wanted if name not in names]
    if missing:
        asker = "--text asks for it" if asked else "the model was trained on it"
        hint = nearest(missing[0], names).strip()
        raise refusal(
            file,
            f"there is no column {missing[0]!r} ({asker}); columns: {listed(names)}",
            f"{hint} Name the text column with --text COLUMN".strip(),
        )
    return wanted


def _added_names(bundle: Bundle, options: PredictOptions) -> list[str]:
    labels = [f"probability:{label}" for label in bundle.labels] if options.probabilities else []
    names = {_UNLIKE: bundle.promise.unlike_below is not None, BECAUSE: options.explain is not None}
    return [PREDICTION, CONFIDENCE, *labels, *(name for name, is_added in names.items() if is_added)]


def _about_numbers(lost: Mapping[str, int]) -> Iterator[Finding]:
    """Yield each column of numbers in which cells hold something else."""
    for name, n in lost.items():
        count = "holds no number and counts" if n == 1 else "hold no number and count"
        message = f"{counted(n, 'cell')} of {name!r} {count} as missing"
        yield finding("no_number", "warning", message, "Write numbers as the training file has them")


def _refuse_clash(incoming: Incoming, added: list[str]) -> None:
    for name in added:
        if name in incoming.names:
            raise refusal(
                incoming.file,
                f"there already is a column {name!r}, which predict would write",
                "Rename or remove that column",
            )


class _Judge:
    """Makes the new columns of one chunk after the other, and counts what a person is told at the end."""

    def __init__(self, bundle: Bundle, options: PredictOptions) -> None:
        self.n_rows = self.n_left = self.n_doubtful = self.n_empty = 0
        self.n_unlike = None if bundle.promise.unlike_below is None else 0
        self._options = options
        self._labels = np.array(bundle.labels, dtype=object)
        self._bundle, self._predict = bundle, fast_predict(bundle.estimator)
        self.reads_cells = bool(bundle.features)

    def columns(self, texts: list[str], rows: Rows) -> Added:
        """Return the new columns for these texts; rows below the least confidence are left for a human.

        So are rows unlike the training texts, where a least confidence is asked for.
        """
        with self._bundle.asked():
            probability, largest = self._predict(rows)
        confidence, least = probability.max(axis=1), self._options.min_confidence
        is_unlike = self._bundle.unlike(confidence, largest)
        best = self._labels[probability.argmax(axis=1)]
        is_left = confidence < least
        if is_unlike is not None and least > 0:
            is_left |= is_unlike
        self.n_rows += len(texts)
        self.n_left += int(is_left.sum())
        self.n_doubtful += int((confidence < DOUBTFUL).sum())
        self.n_empty += sum(not text or text.isspace() for text in texts)
        shown = np.where(is_left, "", best)
        added: Added = {PREDICTION: shown.tolist(), CONFIDENCE: _written(confidence).tolist()}
        if self._options.probabilities:
            rounded = _written(probability)
            added |= {f"probability:{label}": rounded[:, i].tolist() for i, label in enumerate(self._labels)}
        if is_unlike is not None:
            self.n_unlike = (self.n_unlike or 0) + int(is_unlike.sum())
            added[_UNLIKE] = np.where(is_unlike, "yes", "").tolist()
        if self._options.explain:
            explain = self._options.explain
            added[BECAUSE] = [explain(rows_at(rows, [i]), label) for i, label in enumerate(best)]
        return added


def _written(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.minimum(probability.round(_DECIMALS), _MOST))


def _expected(bundle: Bundle, min_confidence: float) -> ThresholdRow | None:
    below = [row for row in bundle.promise.thresholds if row.threshold <= min_confidence]
    return max(below, key=lambda row: row.threshold) if below and min_confidence > 0 else None
