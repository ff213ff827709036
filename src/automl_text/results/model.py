"""An exported model: where it comes from, what was promised of it, and how it did on a labelled file."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from automl_text.results.data import Figures, Interval, Record, Scalar
from automl_text.results.evaluation import ClassScore
from automl_text.results.verdict import ThresholdRow

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFEST_FORMAT = 1
"""Raised whenever `Manifest` changes; an old file then joins the tests."""

HOLDOUT_FORMAT = 1

Agreement = Literal["inside", "compatible", "above", "below", "no_promise", "too_few"]
"""The new figure against the promised interval: inside it; outside, but the new figure's own interval reaches
into it; above or below it altogether; nothing was promised; too few new rows to compare."""

_DIGEST_BYTES = 8


class TextHashes(Record):
    """The texts a model was trained on, as salted 8-byte digests: enough to recognise a text, not to read it.

    Case and runs of blanks are ignored. Whoever holds the file can still test whether a text that they
    already know was a training row.
    """

    salt: str
    digests: str
    """Base64 of the sorted digests, `_DIGEST_BYTES` each."""

    @classmethod
    def of(cls, texts: Iterable[str], *, salt: str) -> TextHashes:
        """Return the digests of ``texts``, each once."""
        joined = b"".join(sorted({_digest(text, salt) for text in texts}))
        return cls(salt=salt, digests=base64.b64encode(joined).decode("ascii"))

    def recognise(self, texts: Iterable[str]) -> list[bool]:
        """Return for each text whether the model was trained on it."""
        joined = base64.b64decode(self.digests)
        known = {joined[i : i + _DIGEST_BYTES] for i in range(0, len(joined), _DIGEST_BYTES)}
        return [_digest(text, self.salt) in known for text in texts]


class TrainingData(Record):
    """The rows that the exported model was fitted on."""

    file_name: str
    sha256: str
    n_rows: int
    rows: TextHashes


class Promise(Figures):
    """What the report said of this model before it saw new texts."""

    thresholds: tuple[ThresholdRow, ...] = ()


class Manifest(Record):
    """The content of ``best_model.json``."""

    format: int = MANIFEST_FORMAT
    file_name: str
    sha256: str
    """Digest of the model file's bytes."""
    family: str
    title: str
    trial: int
    steps: int
    temperature: float
    parameters: dict[str, Scalar]
    labels: tuple[str, ...]
    text_columns: tuple[str, ...]
    label_column: str
    trained_on: TrainingData
    promise: Promise = Promise()
    python: str
    versions: dict[str, str] = Field(default_factory=dict)
    """Package to version, of what the model file needs."""
    requirements: tuple[str, ...] = ()


class UnseenLabel(Record):
    """A label of the file that the model was never shown, and so can never predict."""

    label: str
    n_rows: int
    meant: str = ""
    """A label of training that is the same but for its spelling, such as 1 for 1.0."""


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


def _digest(text: str, salt: str) -> bytes:
    normal = " ".join(text.casefold().split())
    content = normal.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES, key=salt.encode("ascii")[:64]).digest()
