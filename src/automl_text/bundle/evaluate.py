"""Judges an exported model on a labelled file, and holds the figure against what the report promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from automl_text.bundle.predict import text_columns
from automl_text.data.columns import choose_columns
from automl_text.data.health_labels import folded_label
from automl_text.files import ReadAs
from automl_text.results import FEW_GROUPS, ClassScore
from automl_text.results.model import Holdout, Promise, PromiseCheck, UnseenLabel, text_key
from automl_text.statistics.interval import class_f1_interval, macro_f1_interval
from automl_text.statistics.metrics import (
    class_f1,
    class_precision,
    class_recall,
    confusion,
    macro_f1,
    metric_rows,
)
from automl_text.tables.reading import read_table
from automl_text.wording import counted, refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.bundle.bundle import Bundle
    from automl_text.families.contract import Rows
    from automl_text.results import Interval
    from automl_text.results.model import Agreement
    from automl_text.tables.table import Table

_MIN_ROWS = 20
"""Fewer new rows say nothing about a macro-F1."""

_POWER = 1.96 + 0.84
"""Standard errors of a fall that a test at 5 % notices in 4 of 5 cases."""

_SENTENCES = {
    "inside": "On {n} new texts it reaches {got}: inside the {low} to {high} that the report promised. {power}",
    "compatible": "On {n} new texts it reaches {got}: outside the {low} to {high} that the report promised, but by no "
    "more than so few texts leave open ({own_low} to {own_high}). {power}",
    "above": "On {n} new texts it reaches {got}: above the {low} to {high} that the report promised.",
    "below": "On {n} new texts it reaches {got}: below the {low} to {high} that the report promised. These texts "
    "differ from the training file, or their labels do.",
    "too_few": "{rows} new with a label the model knows: too few to compare with the promise.",
    "no_promise": "Nothing was promised for this model, so there is nothing to compare with.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateOptions:
    """Columns and dialect, where they are not those of the training file."""

    text: tuple[str, ...] = ()
    label: str | None = None
    read_as: ReadAs = field(default_factory=ReadAs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """Predictions of labelled rows, over the model's labels followed by those it has never seen."""

    codes: NDArray[np.int64]
    """Shape (n_rows,)."""
    probabilities: NDArray[np.float64]
    """0 for unseen labels; shape (n_rows, n_labels)."""
    labels: tuple[str, ...]
    n_known: int
    """The first so many labels are the model's."""
    is_training: NDArray[np.bool_] | None
    """Shape (n_rows,); None where the model does not tell."""
    is_repeated: NDArray[np.bool_]
    """Rows whose text and label stand before them already, but for case, blanks and punctuation."""

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable label of each row."""
        return np.asarray(self.probabilities.argmax(axis=1))

    def macro_f1(self, rows: NDArray[np.int64]) -> tuple[float, Interval]:
        """Return macro-F1 over the labels that occur in ``rows``, with its 95 % interval."""
        codes, predicted = self.codes[rows], self.predicted[rows]
        occurs = np.isin(np.arange(len(self.labels)), codes)
        score = macro_f1(codes, predicted, occurs)
        matrix = confusion(codes, predicted, len(self.labels))
        distinct = np.bincount(codes[~self.is_repeated[rows]], minlength=len(self.labels))
        n_rows = np.minimum(matrix.sum(axis=1), np.maximum(distinct, 1)).astype(np.float64)
        return score, macro_f1_interval(class_f1(matrix)[occurs], n_rows[occurs])


def evaluate_file(bundle: Bundle, data: str, options: EvaluateOptions | None = None) -> Holdout:
    """Return how ``bundle`` does on the labelled rows of ``data``.

    Raises
    ------
    InputError
        For a file that cannot be read, a column that is not there, or no labelled row.
    """
    options = options or EvaluateOptions()
    known = (*options.text, *filter(None, [options.label]), *bundle.text_columns)
    expected = (*known, *(each.name for each in bundle.features))
    return evaluate_table(bundle, read_table(data, options.read_as, expected=expected), options)


def evaluate_table(bundle: Bundle, table: Table, options: EvaluateOptions | None = None) -> Holdout:
    """Return how ``bundle`` does on the labelled rows of ``table``.

    Raises
    ------
    InputError
        For a column that is not there, or no labelled row.
    """
    options = options or EvaluateOptions()
    texts, labels, places = _labelled(table, bundle, options)
    cells = {
        each.name: [table.columns[each.name][i] for i in places]
        for each in bundle.features
        if each.name in table.columns
    }
    rows = bundle.rows(table.file, texts, cells)
    judged = _judge(bundle, rows, texts, labels)
    everything = np.arange(len(texts))
    score, interval = judged.macro_f1(everything)
    occurs = np.isin(np.arange(len(judged.labels)), judged.codes)
    metrics = {row.name: row for row in metric_rows(judged.codes, judged.probabilities, occurs)}
    return Holdout(
        model=bundle.path.name,
        file_name=table.file_name,
        n_rows=len(texts),
        n_left_out=table.n_rows - len(texts),
        n_training_rows=None if judged.is_training is None else int(judged.is_training.sum()),
        macro_f1=score,
        interval=interval,
        accuracy=metrics["accuracy"].value,
        balanced_accuracy=metrics["balanced_accuracy"].value,
        chance_random=metrics["macro_f1"].chance_random,
        chance_shares=metrics["macro_f1"].chance_shares,
        per_class=_per_class(judged),
        unseen_labels=_unseen(judged),
        promise=_check_promise(bundle, judged),
    )


def _labelled(
    table: Table, bundle: Bundle, options: EvaluateOptions
) -> tuple[list[str], list[str], list[int]]:
    """Return texts, labels and places of the rows that have a label."""
    names = tuple(table.columns)
    label = options.label or (bundle.manifest.label_column if bundle.manifest else None)
    if label is None or (options.label and label not in names):
        columns = choose_columns(table, text=options.text, label=label)
        text, label = columns.text, columns.label
    else:
        text = text_columns(table, options.text, bundle)
    if label not in names:
        raise refusal(
            table.file,
            f"there is no column {label!r}, which holds the label in the training file",
            "Name the column of true labels with --label COLUMN",
        )
    if label in text:
        raise refusal(table.file, f"{label!r} is both text and label", "Name another column with --label")
    joined, labels = table.texts(text), table.columns[label]
    places = [place for place, each in enumerate(labels) if each.strip()]
    if not places:
        raise refusal(
            table.file, f"no row has a label in {label!r}", "Name the column of true labels with --label"
        )
    return [joined[place] for place in places], [labels[place] for place in places], places


def _judge(bundle: Bundle, rows: Rows, texts: list[str], labels: list[str]) -> _Judged:
    known = bundle.labels
    unseen = sorted(set(labels) - set(known))
    places = {label: place for place, label in enumerate([*known, *unseen])}
    probability = bundle.probabilities(rows)
    manifest = bundle.manifest
    return _Judged(
        codes=np.array([places[label] for label in labels], dtype=np.int64),
        probabilities=np.hstack([probability, np.zeros((len(texts), len(unseen)))]),
        labels=tuple(places),
        n_known=len(known),
        is_training=np.array(manifest.trained_on.rows.recognise(texts)) if manifest else None,
        is_repeated=_repeated(texts, labels),
    )


def _repeated(texts: list[str], labels: list[str]) -> NDArray[np.bool_]:
    seen: set[tuple[str, str]] = set()
    repeated = np.zeros(len(texts), dtype=np.bool_)
    for row, pair in enumerate(zip(map(text_key, texts), labels, strict=True)):
        repeated[row] = pair in seen
        seen.add(pair)
    return repeated


def _per_class(judged: _Judged) -> tuple[ClassScore, ...]:
    """Return one row for each label that occurs or was predicted."""
    matrix = confusion(judged.codes, judged.predicted, len(judged.labels))
    support, named = matrix.sum(axis=1), matrix.sum(axis=0)
    precision, recall, f1 = class_precision(matrix), class_recall(matrix), class_f1(matrix)
    everyone = np.arange(len(judged.codes))
    return tuple(
        ClassScore(
            label=label,
            support=int(support[i]),
            precision=float(precision[i]),
            recall=float(recall[i]),
            f1=float(f1[i]),
            interval=class_f1_interval(judged.codes == i, judged.predicted == i, everyone),
            is_measurable=bool(support[i]),
            is_grey=bool(support[i] < FEW_GROUPS),
        )
        for i, label in enumerate(judged.labels)
        if support[i] or named[i]
    )


def _unseen(judged: _Judged) -> tuple[UnseenLabel, ...]:
    counts = np.bincount(judged.codes, minlength=len(judged.labels))
    known = {folded_label(label): label for label in judged.labels[: judged.n_known]}
    return tuple(
        UnseenLabel(label=label, n_rows=int(counts[i]), meant=known.get(folded_label(label), ""))
        for i, label in enumerate(judged.labels)
        if i >= judged.n_known
    )


def _check_promise(bundle: Bundle, judged: _Judged) -> PromiseCheck:
    """Compare like with like: texts that are new, each once, and labels that the promise was given for."""
    promise = bundle.promise
    is_new = (judged.codes < judged.n_known) & ~judged.is_repeated
    if judged.is_training is not None:
        is_new &= ~judged.is_training
    if promise.class_f1:
        is_new &= np.array([label in promise.class_f1 for label in judged.labels])[judged.codes]
    rows = np.flatnonzero(is_new)
    expected, promised = _promised(promise, {judged.labels[code] for code in judged.codes[rows]})
    score, interval = judged.macro_f1(rows) if len(rows) >= _MIN_ROWS else (None, None)
    error = None
    if promised and expected is not None and score is not None and interval:
        error = float(np.hypot(_half(interval, score, expected), _half(promised, expected, score)))
    agreement = _agreement(promised, score, expected, error)
    low, high = promised or (0.0, 0.0)
    own_low, own_high = interval or (0.0, 0.0)
    figures = {"got": score or 0.0, "low": low, "high": high, "own_low": own_low, "own_high": own_high}
    decimals = _decimals(figures["got"], low, high)
    return PromiseCheck(
        agreement=agreement,
        n_rows=len(rows),
        macro_f1=score,
        interval=interval,
        promised_macro_f1=expected,
        promised_interval=promised,
        noticeable_fall=None if error is None else _POWER * error,
        sentence=_SENTENCES[agreement].format(
            n=len(rows),
            rows=_only(len(rows)),
            power=""
            if error is None
            else f"So many would notice a fall of {_POWER * error:.2f} in 4 of 5 cases.",
            **{name: f"{value:.{decimals}f}" for name, value in figures.items()},
        ),
    )


def _decimals(score: float, low: float, high: float) -> int:
    """Return how many decimals it takes to see that a score is outside; 1.00 is not outside 0.91 to 1.00."""

    def is_seen(decimals: int) -> bool:
        rounded = [round(value, decimals) for value in (low, score, high)]
        return (low <= score <= high) or sorted(rounded) != rounded

    return next(filter(is_seen, (2, 3)), 4)


def _promised(promise: Promise, labels: set[str]) -> tuple[float | None, Interval | None]:
    """Return the promise moved to the labels that occur: some are harder than others."""
    expected, interval = promise.expected_macro_f1, promise.interval
    here = [f1 for label, f1 in promise.class_f1.items() if label in labels]
    if not here or expected is None or interval is None:
        return expected, interval
    move = float(np.mean(here) - np.mean(list(promise.class_f1.values())))
    low, high = (min(max(end + move, 0.0), 1.0) for end in interval)
    return min(max(expected + move, 0.0), 1.0), (low, high)


def _half(interval: Interval, centre: float, towards: float) -> float:
    """Return the standard error behind a 95 % interval on the side of ``towards``."""
    end = interval[1] if towards > centre else interval[0]
    return abs(end - centre) / 1.96


def _only(n_rows: int) -> str:
    return f"Only {counted(n_rows, 'text is', 'texts are')}" if n_rows else "No text is"


def _agreement(
    promised: Interval | None, score: float | None, expected: float | None, error: float | None
) -> Agreement:
    """Test the difference at 5 %: its error is that of the new texts and that of the promise together."""
    if promised is None or expected is None:
        return "no_promise"
    if score is None or error is None:
        return "too_few"
    low, high = promised
    if abs(score - expected) > 1.96 * error:
        return "above" if score > expected else "below"
    return "inside" if low <= score <= high else "compatible"
