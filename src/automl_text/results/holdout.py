"""What `automl-text evaluate` says: an exported model judged on a labelled file."""

from __future__ import annotations

from typing import Literal

from automl_text.results.base import Interval, Record
from automl_text.results.evaluation import ClassScore

HOLDOUT_FORMAT = 1

Agreement = Literal["inside", "compatible", "above", "below", "no_promise", "too_few"]
"""The new figure against the promised interval: inside it; outside, but the new figure's own interval reaches
into it; above or below it altogether; nothing was promised; too few new rows to compare."""


class UnseenLabel(Record):
    """A label of the file that the model was never shown, and so can never predict."""

    label: str
    n_rows: int


class PromiseCheck(Record):
    """The promise of the report against new rows alone: training rows and unseen labels are left out."""

    agreement: Agreement
    n_rows: int
    macro_f1: float | None
    interval: Interval | None
    """95 % interval of ``macro_f1`` from the file's own rows."""
    promised_macro_f1: float | None
    promised_interval: Interval | None
    sentence: str


class Holdout(Record):
    """An exported model judged on all labelled rows of a file.

    ``macro_f1`` is the mean F1 of the labels that occur in the file, unseen ones included.
    """

    format: int = HOLDOUT_FORMAT
    model: str
    file_name: str
    n_rows: int
    n_left_out: int
    """Rows without a label."""
    n_training_rows: int | None
    """Rows whose text the model was trained on; None where the model has no manifest."""
    macro_f1: float
    interval: Interval
    accuracy: float
    balanced_accuracy: float
    chance_random: float
    """Macro-F1 of random scores on these rows."""
    chance_shares: float
    """Macro-F1 of always naming the most frequent label."""
    per_class: tuple[ClassScore, ...]
    unseen_labels: tuple[UnseenLabel, ...]
    promise: PromiseCheck
