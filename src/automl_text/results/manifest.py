"""What stands beside an exported model: where it comes from, what it needs, and what was promised of it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from pydantic import Field

from automl_text.results.base import Interval, Record, Scalar
from automl_text.results.verdict import ThresholdRow

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFEST_FORMAT = 1
"""Raised whenever `Manifest` changes; an old file then joins the tests."""

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


class Promise(Record):
    """What the report said of this model before it saw new texts; None where it was not measured."""

    macro_f1: float | None = None
    """As measured, by models trained on part of the rows."""
    expected_macro_f1: float | None = None
    """Corrected to training on all rows."""
    interval: Interval | None = None
    interval_reason: str = ""
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


def _digest(text: str, salt: str) -> bytes:
    normal = " ".join(text.casefold().split())
    content = normal.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES, key=salt.encode("ascii")[:64]).digest()
