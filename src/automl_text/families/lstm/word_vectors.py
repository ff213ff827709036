"""Word vectors from the sentence encoders at hand: a network that starts with them knows words it has never seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.features import SentenceFeatures
from automl_text.families.encoder.place import encoders_in_use
from automl_text.families.lstm.vocabulary import N_RESERVED, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.families.lstm.vocabulary import PostedVocabulary, TokenRows

_SPREAD = 0.2
"""Standard deviation of the vectors' entries: .1 and .4 are no better."""
_MOST_COLUMNS = 256
"""Longer vectors cost time, and bring nothing: see `_projection`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WordVectors:
    """A word's vector is what the encoders make of the word alone, centred and scaled.

    The encoders' input embeddings are no better (all-MiniLM-L6-v2) or worth nothing (the bundled encoder).
    """

    source: SentenceFeatures
    centre: NDArray[np.float32]
    """Mean vector of the words that were trained on, shape (n_dimensions,)."""
    scale: float
    projection: NDArray[np.float32] | None = None
    """Shape (n_dimensions, n_columns); None where the encoders' own columns are few enough."""

    @classmethod
    def learn(cls, words: Sequence[str]) -> WordVectors:
        """Return the vectors of the run's encoders, centred and scaled by the words of its training rows.

        Raises
        ------
        InputError
            If the run has no encoder.
        """
        places = encoders_in_use()
        if not places:
            raise InputError(
                'The LSTM\'s embedding is "pretrained", and this run has no sentence encoder. Name one with '
                '--encoder, or set embedding to "learned".'
            )
        source = SentenceFeatures(encoders=places, scale=1.0, tfidf=None)
        raw = _raw(source, words or ["?"])  # its length is what matters
        centre = raw.mean(axis=0)
        vectors = raw - centre
        projection = _projection(vectors) if raw.shape[1] > _MOST_COLUMNS else None
        spread = float((vectors if projection is None else vectors @ projection).std())
        scale = _SPREAD / spread if spread else 1.0
        return cls(source=source, centre=centre, scale=scale, projection=projection)

    def of(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per word, shape (n_words, n_columns).

        Raises
        ------
        InputError
            If an encoder is not on this machine.
        """
        if not words:
            return np.empty((0, self.n_columns), dtype=np.float32)
        vectors = _raw(self.source, words) - self.centre
        if self.projection is not None:
            vectors = vectors @ self.projection
        return vectors * np.float32(self.scale)

    @property
    def n_columns(self) -> int:
        """Length of a vector."""
        return len(self.centre) if self.projection is None else self.projection.shape[1]

    def table(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the embedding of a network that knows ``words``; padding and unknown words are zero."""
        reserved = np.zeros((N_RESERVED, self.n_columns), dtype=np.float32)
        return np.concatenate([reserved, self.of(words)])


def encoded(
    texts: Sequence[str], vocabulary: Vocabulary | PostedVocabulary, vectors: WordVectors | None
) -> tuple[TokenRows, NDArray[np.float32] | None]:
    """Return texts as word numbers, and rows to append to the embedding: vectors of words that it lacks.

    Raises
    ------
    InputError
        If an encoder is not on this machine.
    """
    if vectors is None or not isinstance(vocabulary, Vocabulary):
        return vocabulary.encode(texts), None
    unseen = vocabulary.unseen(texts)
    return vocabulary.extended(unseen).encode(texts), vectors.of(unseen)


def _projection(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the first principal axes of ``vectors``, turned at random, shape (n_dimensions, 256).

    Turned, each column holds as much as any other; without, the pooled maxima of most columns say next to nothing.
    """
    _, axes = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
    axes = axes[:, ::-1][:, :_MOST_COLUMNS]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(_MOST_COLUMNS)])  # the same on every machine
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((_MOST_COLUMNS, _MOST_COLUMNS)))
    projection: NDArray[np.float32] = (axes @ turn).astype(np.float32)
    return projection


def _raw(source: SentenceFeatures, words: Sequence[str]) -> NDArray[np.float32]:
    return np.asarray(source.transform(words), dtype=np.float32)
