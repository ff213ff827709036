"""Sentence vectors of a pretrained encoder, frozen, and logistic regression; TF-IDF beside them where that helps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.folder import (
    FOLDER_VARIABLE,
    MAX_TOKENS,
    MODEL,
    TOKENIZER,
    SentenceEncoder,
    encoder_files,
    encoder_folder,
    folder_digest,
    open_encoder,
)
from automl_text.families.encoder.place import EncoderPlace
from automl_text.families.encoder.store import VectorStore
from automl_text.families.linear_model import LinearSettings, refit_linear, score_linear
from automl_text.families.logreg import solve_logistic
from automl_text.families.tfidf import Features, fitted_vectorizer, sample_features, tfidf_settings_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from pathlib import Path

    from automl_text.families.contract import Estimator, RefitPlan, Sample, Scores
    from automl_text.families.counts import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSettings(LinearSettings):
    """Columns, imbalance strategy, and the inverse strength of the penalty on the weights.

    Attributes
    ----------
    columns : "vectors", or "vectors_and_tfidf"
    vector_scale : float, above 0
        Length of the sentence vectors beside TF-IDF, whose blocks have length 1 each.
    C : float, above 0
    """

    columns: Literal["vectors", "vectors_and_tfidf"]
    vector_scale: float
    C: float


class Encoder:
    """What a model learned from far more text than is at hand, and a linear layer that is learned here."""

    name = "encoder"
    title = "Sentence encoder"
    simplicity = 50
    is_reference = False
    requires: tuple[str, ...] = ("onnxruntime", "tokenizers")
    runtime: Literal["light", "tensorflow"] = "light"
    settings = EncoderSettings

    def why_unavailable(self) -> str:
        """Return why no encoder can be used; empty when one can."""
        folder = encoder_folder()
        if folder is None:
            return (
                f"No sentence encoder was named: pass --encoder DIR, a folder with {MODEL} and {TOKENIZER}, or "
                "--encoder ORG/NAME, a repository on huggingface.co."
            )
        try:
            folder_digest(folder)
        except InputError as error:
            return str(error)
        return ""

    def score(self, sample: Sample, settings: EncoderSettings, *, seed: int) -> Scores:
        """Fit on the training rows and return the logits of the test rows."""
        return score_linear(sample, settings, solve_logistic, seed=seed, features_of=_features_of)

    def refit(self, plan: RefitPlan, settings: EncoderSettings) -> Estimator:
        """Return a pipeline whose features name their encoder by digest and folder."""
        return refit_linear(plan, settings, solve_logistic, vectorizer_of=_fitted_features)


class SentenceFeatures:
    """The first step of an exported pipeline: texts to columns.

    Parameters
    ----------
    folder : str
        Where the encoder lay when the model was fitted; AUTOML_TEXT_ENCODER names another place.
    digest : str
        The encoder's sha256; no other encoder is accepted.
    scale : float
        Length of the vectors.
    tfidf : fitted vectorizer or None
    """

    def __init__(self, *, folder: str, digest: str, scale: float, tfidf: Any) -> None:
        self.folder = folder
        self.digest = digest
        self.scale = scale
        self.tfidf = tfidf
        self.content: tuple[bytes, bytes] | None = None

    def transform(self, texts: Sequence[str]) -> Matrix:
        """Return the columns, shape (n_texts, n_columns).

        Raises
        ------
        ValueError
            If one string is given in place of several texts.
        InputError
            If the encoder is not found, or another one is.
        """
        if isinstance(texts, str):
            raise ValueError("Expected a list of texts and got one string; write predict([text]).")  # noqa: TRY004
        vectors = self._encoder().vectors([str(text) for text in texts])
        return _joined(self.tfidf.transform(texts) if self.tfidf else None, vectors, self.scale)

    def fit(self, texts: Sequence[str], labels: Sequence[str] | None = None) -> SentenceFeatures:  # noqa: ARG002
        """Return self: what is learned was learned before; scikit-learn asks for the method."""
        return self

    def embed_encoder(self) -> None:
        """Keep the encoder's files inside, so that the model can be used where the folder is not."""
        model, tokenizer = encoder_files(self._found())
        self.content = (model.read_bytes(), tokenizer.read_bytes())

    def _encoder(self) -> SentenceEncoder:
        """Return the encoder, from inside or from its folder."""
        if self.content is None:
            return open_encoder(self._found())
        return _embedded(*self.content, self.digest)

    def _found(self) -> Path:
        """Return the folder that holds the encoder that this model was fitted with."""
        place = EncoderPlace(folder=self.folder, digest=self.digest)
        if found := place.find():
            return found
        looked = " and ".join(map(str, place.places))
        raise InputError(
            f"This model needs the sentence encoder {self.digest[:12]}, which is not in {looked}. Set "
            f"{FOLDER_VARIABLE} to the folder that holds its {MODEL} and {TOKENIZER}, or export the model "
            "with --with-encoder."
        )


def embed_encoder(estimator: Estimator) -> None:
    """Keep the encoder's files inside a model of this family.

    Raises
    ------
    InputError
        If its encoder is not found.
    """
    cast("Any", estimator).named_steps["features"].embed_encoder()


@lru_cache(maxsize=2)  # each holds its file and its vectors; a service changes from one model to the next
def _embedded(model: bytes, tokenizer: bytes, digest: str) -> SentenceEncoder:
    """Return an encoder loaded from a model's inside, kept until two others are asked for."""
    return SentenceEncoder(model, tokenizer, VectorStore(None, owner=digest))


def _features_of(sample: Sample, settings: EncoderSettings) -> tuple[Features, Hashable]:
    """Return the columns of a sample."""
    encoder = open_encoder(_folder())
    tfidf = sample_features(sample, tfidf_settings_of(settings)) if settings.columns != "vectors" else None
    train, test = (
        _joined(block, encoder.vectors(texts), settings.vector_scale)
        for block, texts in (
            (tfidf and tfidf.train, sample.train_texts),
            (tfidf and tfidf.test, sample.test_texts),
        )
    )
    key = (
        sample.key,
        folder_digest(_folder()),
        settings.columns,
        settings.vector_scale,
        tfidf_settings_of(settings),
    )
    notes = (*(tfidf.notes if tfidf else ()), *_cut_notes(sample.train_texts))
    return Features(train=train, test=test, notes=notes), key


def _cut_notes(texts: Sequence[str]) -> tuple[str, ...]:
    """Say how many texts the encoder cannot read to their end; a word is at least one token."""
    n_cut = sum(len(text.split()) > MAX_TOKENS for text in texts)
    share = f"{n_cut / len(texts):.0%}"
    return (
        (f"Of {share} of the texts the encoder reads the first {MAX_TOKENS} tokens alone.",) if n_cut else ()
    )


def _fitted_features(texts: Sequence[str], settings: EncoderSettings) -> tuple[SentenceFeatures, Matrix]:
    """Return the fitted first step and the columns of ``texts``."""
    tfidf = (
        fitted_vectorizer(texts, tfidf_settings_of(settings))[0] if settings.columns != "vectors" else None
    )
    folder = _folder()
    features = SentenceFeatures(
        folder=str(folder), digest=folder_digest(folder), scale=settings.vector_scale, tfidf=tfidf
    )
    return features, features.transform(texts)


def _joined(tfidf: Matrix | None, vectors: np.ndarray[Any, Any], scale: float) -> Matrix:
    """Return the vectors alone, or TF-IDF and the vectors."""
    from scipy.sparse import csr_matrix, hstack

    if tfidf is None:
        return vectors
    return hstack([tfidf, csr_matrix(vectors * np.float32(scale))], format="csr")


def _folder() -> Path:
    """Return the folder in use."""
    folder = encoder_folder()
    if folder is None:
        raise InputError(Encoder().why_unavailable())
    return folder


FAMILY = Encoder()
