"""Sentence vectors of pretrained encoders, frozen, and logistic regression; TF-IDF beside them where that helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from automl_text.data.beside import reads_frame
from automl_text.errors import InputError
from automl_text.families.encoder.bundled import NAME as BUNDLED
from automl_text.families.encoder.bundled import why_not_bundled
from automl_text.families.encoder.features import SentenceFeatures, columns_of, vectors_of
from automl_text.families.encoder.onnx_reader import MAX_PIECES
from automl_text.families.encoder.place import encoders_in_use, open_encoders
from automl_text.families.linear_model import LinearSettings, Products, row_products
from automl_text.families.logreg import Logreg
from automl_text.families.tfidf import Features, fitted_vectorizer, sample_features, tfidf_settings_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator, Sample
    from automl_text.families.counts import Matrix
    from automl_text.families.encoder.place import EncoderPlace
    from automl_text.families.side_by_side import SideBySide

ALL = "all"
"""What the settings call all encoders of a run together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSettings(LinearSettings):
    """Which vectors, imbalance strategy, and the inverse strength of the penalty on the weights."""

    encoder: str
    """The name of one of the run's encoders, or "all": their vectors side by side."""
    columns: Literal["vectors", "vectors_and_tfidf"]
    vector_scale: float
    """Length of each encoder's vectors beside TF-IDF, whose blocks have length 1 each; above 0."""
    C: float
    """Above 0."""


class Encoder(Logreg):
    """What a model learned from far more text than is at hand, and a linear layer that is learned here."""

    name = "encoder"
    title = "Sentence encoder"
    simplicity = 50
    settings = EncoderSettings

    def why_unavailable(self) -> str:
        """Return why no encoder can be used; empty when one can."""
        why = "" if encoders_in_use() else why_not_bundled()
        another = "Or name another one: --encoder DIR, or --encoder ORG/NAME, a repository on huggingface.co."
        return f"{why} {another}" if why else ""

    def features_of(self, sample: Sample, settings: EncoderSettings) -> tuple[Features, Hashable]:
        """Return the columns of a sample."""
        places, settings_of_tfidf = _chosen(settings), tfidf_settings_of(settings)
        encoders = open_encoders(places)
        tfidf = sample_features(sample, settings_of_tfidf) if settings.columns != "vectors" else None
        train, test = (
            columns_of(block, vectors_of(texts, encoders), settings.vector_scale)
            for block, texts in (
                (tfidf and tfidf.train, sample.train_texts),
                (tfidf and tfidf.test, sample.test_texts),
            )
        )
        digests = tuple(place.digest for place in places)
        key = (sample.key, digests, settings.columns, settings.vector_scale, settings_of_tfidf)
        longest = min((each.max_tokens for each in encoders if each.max_tokens), default=None)
        notes = (*(tfidf.notes if tfidf else ()), *_notes_on_length(sample.train_texts, longest))
        seconds = sum(each.seconds_per_text for each in encoders) + (tfidf.seconds_per_text if tfidf else 0.0)
        return Features(train=train, test=test, notes=notes, seconds_per_text=seconds), key

    def products_of(self, sample: Sample, settings: EncoderSettings) -> Products | None:
        """Return the products of the TF-IDF rows and those of the vectors, which every length of these shares."""
        if settings.columns == "vectors":
            return None
        places, of_tfidf = _chosen(settings), tfidf_settings_of(settings)

        def products() -> NDArray[np.float64]:
            words = row_products(sample_features(sample, of_tfidf).train, (sample.key, of_tfidf))
            vectors = vectors_of(sample.train_texts, open_encoders(places))
            key = (sample.key, *(place.digest for place in places))
            return words + settings.vector_scale**2 * row_products(vectors, key)

        return products

    def vectorizer_of(
        self, texts: Sequence[str], settings: EncoderSettings
    ) -> tuple[SentenceFeatures, Matrix | SideBySide]:
        """Return the fitted first step and the columns of ``texts``."""
        with_tfidf = settings.columns != "vectors"
        tfidf, words = fitted_vectorizer(texts, tfidf_settings_of(settings)) if with_tfidf else (None, None)
        features = SentenceFeatures(encoders=_chosen(settings), scale=settings.vector_scale, tfidf=tfidf)
        return features, columns_of(words, features.sentence_vectors(texts), settings.vector_scale)


def embed_encoders(estimator: Estimator) -> None:
    """Keep the encoders' files inside a model of this family, or inside an LSTM that has its word vectors from them.

    Raises
    ------
    InputError
        If an encoder is not found.
    """
    features: Any = getattr(estimator, "named_steps", {"features": estimator})["features"]
    of_text = features.transformers_[0][1] if reads_frame(estimator) else features
    of_text.embed_encoders()


def sentence_vectors(texts: Sequence[str]) -> NDArray[np.float32] | None:
    """Return the vectors of the run's encoders side by side, shape (n_texts, n_dimensions); None where it has none."""
    places = encoders_in_use()
    return vectors_of(texts, open_encoders(places)) if places else None


def is_bundled(settings: object) -> bool:
    """Return whether settings are of this family and name the bundled encoder alone."""
    return isinstance(settings, EncoderSettings) and all(
        place.folder == BUNDLED for place in _chosen(settings)
    )


def _chosen(settings: EncoderSettings) -> tuple[EncoderPlace, ...]:
    """Return where the encoders lie that the settings name.

    Raises
    ------
    InputError
        If the run has no such encoder.
    """
    places = encoders_in_use()
    chosen = tuple(place for place in places if settings.encoder in {ALL, place.name})
    if not chosen:
        known = ", ".join(place.name for place in places) or "none"
        raise InputError(f"The run has no sentence encoder {settings.encoder!r}; it has: {known}.")
    return chosen


def _notes_on_length(texts: Sequence[str], max_tokens: int | None) -> tuple[str, ...]:
    """Say how many texts the encoder reads in pieces, and how many not to their end; a word is at least one token."""
    if max_tokens is None:
        return ()
    words = [len(text.split()) for text in texts]
    notes = []
    if n_long := sum(n > max_tokens for n in words):
        notes.append(
            f"{n_long / len(texts):.0%} of the texts are read in pieces of up to {max_tokens} tokens, whose vectors "
            "are averaged."
        )
    if n_cut := sum(n > MAX_PIECES * max_tokens for n in words):
        longest = MAX_PIECES * max_tokens
        notes.append(
            f"Of {n_cut / len(texts):.0%} of the texts the encoder reads the first {longest} tokens alone."
        )
    return tuple(notes)


FAMILY = Encoder()
