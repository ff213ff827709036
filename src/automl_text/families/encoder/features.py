"""The first step of an exported pipeline: texts to sentence vectors, and TF-IDF beside them where that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.bundled import NAME as BUNDLED
from automl_text.families.encoder.folder import MODEL, TOKENIZER
from automl_text.families.encoder.place import (
    FOLDER_VARIABLE,
    IMPORTS,
    EncoderPlace,
    embedded_encoder,
    open_encoders,
)
from automl_text.families.side_by_side import SideBySide

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from automl_text.families.counts import Matrix
    from automl_text.families.encoder.place import SentenceEncoder


class SentenceFeatures:
    """Texts to columns.

    Parameters
    ----------
    encoders : iterable of EncoderPlace
        Where each lay when the model was fitted; AUTOML_TEXT_ENCODER names another place.
    scale : float
        Length of each encoder's vectors.
    tfidf : fitted vectorizer or None
    """

    def __init__(self, *, encoders: Iterable[EncoderPlace], scale: float, tfidf: Any) -> None:
        self.encoders = [
            [each.name, each.folder, each.digest] for each in encoders
        ]  # no class of ours in a file
        self.scale = scale
        self.tfidf = tfidf
        self.content: dict[str, dict[str, bytes]] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state of a saved model; before there were several encoders, it named one."""
        if "folder" in state:
            inside = dict(zip((MODEL, TOKENIZER), state["content"] or (), strict=False))
            state = {
                "encoders": [["", state["folder"], state["digest"]]],
                "scale": state["scale"],
                "tfidf": state["tfidf"],
                "content": {state["digest"]: inside} if inside else {},
            }
        self.__dict__.update(state)

    def __sklearn_clone__(self) -> SentenceFeatures:
        """Return self: beside other columns scikit-learn fits a clone, and here nothing is fitted."""
        return self

    @property
    def imported_late(self) -> tuple[str, ...]:
        """Import names of what the encoders need when they are used."""
        return tuple(dict.fromkeys(name for each in self._opened() for name in IMPORTS[each.kind]))

    def transform(self, texts: Sequence[str]) -> Matrix:
        """Return the columns, shape (n_texts, n_columns).

        Raises
        ------
        ValueError
            If one string is given in place of several texts.
        InputError
            If an encoder is not found, or another one is.
        """
        if isinstance(texts, str):
            raise ValueError("Expected a list of texts and got one string; write predict([text]).")  # noqa: TRY004
        given = [str(text) for text in texts]
        words = self.tfidf.transform(given) if self.tfidf else None
        return _as_one(columns_of(words, self.sentence_vectors(given), self.scale))

    def sentence_vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the encoders' vectors side by side, shape (n_texts, n_dimensions)."""
        return vectors_of(texts, self._opened())

    def fit(self, texts: Sequence[str], labels: Sequence[str] | None = None) -> SentenceFeatures:  # noqa: ARG002
        """Return self: what is learned was learned before; scikit-learn asks for the method."""
        return self

    def embed_encoders(self) -> None:
        """Keep the encoders' files inside, so that the model can be used where the folders are not."""
        places = [place for place in self._places() if place.folder != BUNDLED]
        self.content = {
            place.digest: encoder.embedded()
            for place, encoder in zip(places, open_encoders([_found(place) for place in places]), strict=True)
        }

    def _places(self) -> list[EncoderPlace]:
        return [
            EncoderPlace(name=name, folder=folder, digest=digest) for name, folder, digest in self.encoders
        ]

    def _opened(self) -> list[SentenceEncoder]:
        """Return the encoders, from inside or from their folders."""
        outside = [_found(place) for place in self._places() if place.digest not in self.content]
        opened = iter(open_encoders(outside))
        return [
            embedded_encoder(place.digest, tuple(self.content[place.digest].items()))
            if place.digest in self.content
            else next(opened)
            for place in self._places()
        ]


def _found(place: EncoderPlace) -> EncoderPlace:
    """Return where an encoder that a model was fitted with lies here."""
    if found := place.find():
        return EncoderPlace(name=place.name, folder=found, digest=place.digest)
    if place.folder == BUNDLED:
        raise InputError(f"This model cannot be used: this machine {place.lack()}.")
    raise InputError(
        f"This model needs the sentence encoder {place.digest[:12]}, which is not in {' and '.join(place.places)}. Set "
        f"{FOLDER_VARIABLE} to the folder that holds it, or export the model with --with-encoder."
    )


def vectors_of(texts: Sequence[str], encoders: Iterable[SentenceEncoder]) -> NDArray[np.float32]:
    """Return the encoders' vectors side by side, shape (n_texts, n_dimensions)."""
    of_each = [encoder.vectors(list(texts)) for encoder in encoders]
    return np.hstack(of_each) if len(of_each) > 1 else of_each[0]


def columns_of(
    tfidf: Matrix | None, vectors: NDArray[np.float32], scale: float
) -> NDArray[np.float32] | SideBySide:
    """Return the vectors alone, or TF-IDF and beside it the vectors at the length ``scale``."""
    return vectors if tfidf is None else SideBySide.of(tfidf, vectors * np.float32(scale))


def _as_one(features: NDArray[np.float32] | SideBySide) -> Matrix:
    """Return what a pipeline's next step reads: one matrix."""
    from scipy.sparse import csr_matrix, hstack

    if isinstance(features, np.ndarray):
        return features
    tfidf, vectors = features.matrices
    n_texts, n_columns = vectors.shape
    # Zeros are kept: to look for them takes four times the memory.
    every_column = np.tile(np.arange(n_columns, dtype=np.int32), n_texts)
    ends = np.arange(0, n_texts * n_columns + 1, n_columns)
    sparse = csr_matrix((vectors.ravel(), every_column, ends), shape=vectors.shape)
    return hstack([tfidf, sparse], format="csr")
