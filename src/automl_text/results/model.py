"""An exported model: where it comes from, what was promised of it, and how it did on a labelled file."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from automl_text.errors import InputError
from automl_text.files import read_whole
from automl_text.results.data import FeatureColumn, Figures, Interval, Record, Scalar
from automl_text.results.evaluation import ClassScore
from automl_text.results.verdict import ThresholdRow
from automl_text.wording import folded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST_FORMAT = 2
"""Raised whenever `Manifest` gains a field: earlier versions refuse what they do not know, and a higher number lets
them say that they are too old. 2: the encoders, what texts unlike those of training are told by, and the form of the
digests. Files of 1 are read."""

HOLDOUT_FORMAT = 1

Agreement = Literal["inside", "compatible", "above", "below", "no_promise", "too_few"]
"""The new figure against the promise: inside its interval; outside, but by no more than both intervals allow; above or
below it by more; nothing was promised; too few new rows to compare."""

_DIGEST_BYTES = 8


class TextHashes(Record):
    """The texts a model was trained on, as salted 8-byte digests: enough to recognise a text, not to read it.

    Case, blanks and, unless ``form`` is "blanks", punctuation are ignored. Whoever holds the file can still test
    whether a text that they already know was a training row.
    """

    salt: str
    digests: str
    """Base64 of the sorted digests, `_DIGEST_BYTES` each."""
    form: Literal["blanks", "words"] = "blanks"
    """What of a text is digested; files of versions before this field kept punctuation."""

    @classmethod
    def of(cls, texts: Iterable[str], *, salt: str) -> TextHashes:
        """Return the digests of ``texts``, each once."""
        joined = b"".join(sorted({_digest(text_key(text), salt) for text in texts}))
        return cls(salt=salt, digests=base64.b64encode(joined).decode("ascii"), form="words")

    def recognise(self, texts: Iterable[str]) -> list[bool]:
        """Return for each text whether the model was trained on it."""
        joined = base64.b64decode(self.digests)
        known = {joined[i : i + _DIGEST_BYTES] for i in range(0, len(joined), _DIGEST_BYTES)}
        key = text_key if self.form == "words" else folded
        return [_digest(key(text), self.salt) in known for text in texts]


class TrainingData(Record):
    """The rows that the exported model was fitted on."""

    file_name: str
    sha256: str
    n_rows: int
    rows: TextHashes


class Promise(Figures):
    """What the report said of this model before it saw new texts."""

    thresholds: tuple[ThresholdRow, ...] = ()
    class_f1: dict[str, float] = Field(default_factory=dict)
    """F1 expected of each label that ``expected_macro_f1`` averages over."""
    unlike_below: float | None = None
    """A text is unlike the training texts if the model is less sure of it; 1 in 20 of texts like those is."""
    unlike_logit_below: float | None = None
    """The same by the largest logit over the temperature, which tells more of them; for linear models."""


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
    features: tuple[FeatureColumn, ...] = ()
    """Columns beside the text that it reads: it is then given a DataFrame, the texts first."""
    trained_on: TrainingData
    promise: Promise = Promise()
    python: str
    versions: dict[str, str] = Field(default_factory=dict)
    """Package to version, of what the model file needs."""
    requirements: tuple[str, ...] = ()
    encoders: dict[str, str] = Field(default_factory=dict)
    """Digest of each sentence encoder that it needs, to its name."""


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
    """New rows, each text once."""
    macro_f1: float | None
    interval: Interval | None
    """95 % interval of ``macro_f1`` from the file's own rows."""
    promised_macro_f1: float | None
    """Over the labels that occur among the new rows; so is the interval."""
    promised_interval: Interval | None
    noticeable_fall: float | None = None
    """A fall of macro-F1 that so many rows would notice in 4 of 5 cases."""
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


def manifest_path(path: Path) -> Path:
    """Return where the manifest of the model file ``path`` stands."""
    return path.with_suffix(".json")


def read_manifest(model_file: Path) -> Manifest | None:
    """Return the manifest beside ``model_file``, or None where there is none.

    Raises
    ------
    InputError
        The manifest is not readable, or of a later format.
    """
    path = manifest_path(model_file)
    try:
        content = read_whole(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    try:
        return _parse_manifest(path, content)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path}: is not the manifest of a model. Copy best_model.json from the run again."
        ) from error


def _parse_manifest(path: Path, content: bytes) -> Manifest:
    tree = json.loads(content)
    if not isinstance(tree, dict) or "format" not in tree:
        raise ValueError("no format")
    if isinstance(tree["format"], int) and tree["format"] > MANIFEST_FORMAT:
        raise InputError(
            f"{path}: has format {tree['format']}, this version reads up to {MANIFEST_FORMAT}. "
            "Update automl-text."
        )
    return Manifest.model_validate_json(content)


def text_key(text: str) -> str:
    """Return what two texts share that differ in case, blanks and punctuation alone; a text of signs is left whole."""
    words = "".join(sign if sign.isalnum() else " " for sign in text.casefold())
    return " ".join(words.split()) or folded(text)


def _digest(key: str, salt: str) -> bytes:
    content = key.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES, key=salt.encode("ascii")[:64]).digest()
