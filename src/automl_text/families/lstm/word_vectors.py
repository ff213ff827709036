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
"""Standard deviation of the vectors' entries: .1 and .4 are no better, for two encoders."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WordVectors:
    """A word's vector is what the encoders make of the word alone, centred and scaled.

    The encoders' input embeddings are no better (all-MiniLM-L6-v2) or worth nothing (the bundled encoder).
    """

    source: SentenceFeatures
    centre: NDArray[np.float32]
    """Mean vector of the words that were trained on, shape (n_dimensions,)."""
    scale: float

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
        spread = float((raw - centre).std())
        return cls(source=source, centre=centre, scale=_SPREAD / spread if spread else 1.0)

    def of(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per word, shape (n_words, n_dimensions).

        Raises
        ------
        InputError
            If an encoder is not on this machine.
        """
        if not words:
            return np.empty((0, len(self.centre)), dtype=np.float32)
        return (_raw(self.source, words) - self.centre) * np.float32(self.scale)

    def table(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the embedding of a network that knows ``words``; padding and unknown words are zero."""
        reserved = np.zeros((N_RESERVED, len(self.centre)), dtype=np.float32)
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


def _raw(source: SentenceFeatures, words: Sequence[str]) -> NDArray[np.float32]:
    return np.asarray(source.transform(words), dtype=np.float32)
