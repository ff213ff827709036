"""`LstmClassifier`: the exported network, held as plain arrays."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError
from automl_text.families.lstm_as_posted_tokens import PostedVocabulary
from automl_text.families.lstm_inference import network_logits
from automl_text.families.lstm_keras import keras_model
from automl_text.families.lstm_network import Architecture
from automl_text.families.lstm_tokens import Vocabulary
from automl_text.statistics.metrics import softmax

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from numpy.typing import NDArray

_VOCABULARIES = {kind.__name__: kind for kind in (Vocabulary, PostedVocabulary)}

FILE_FORMAT = 1
"""Raised when a file that older versions wrote could no longer be read as it is."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LstmClassifier:
    """A fitted LSTM classifier: one network, or several of one architecture whose logits are averaged.

    Predicting takes NumPy alone. It holds no optimizer and no TensorFlow object, so its pickle is as small as its
    weights.

    Attributes
    ----------
    classes_ : ndarray of object (str), shape (n_classes,)
    vocabulary : Vocabulary or PostedVocabulary
    architecture : Architecture
    networks : tuple of tuples of ndarray of float32
        Weights of each network in the order of ``keras.Model.get_weights()``.
    temperature : float, above 0
        Probabilities are ``softmax(logits / temperature)``.
    """

    classes_: NDArray[Any]  # strings, held as objects
    vocabulary: Vocabulary | PostedVocabulary
    architecture: Architecture
    networks: tuple[tuple[NDArray[np.float32], ...], ...]
    temperature: float = 1.0

    def decision_function(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the mean logits of the networks, shape (n_texts, n_classes).

        Raises
        ------
        InputError
            If ``texts`` is a single string.
        """
        if isinstance(texts, str):
            raise InputError(
                "LstmClassifier takes a list of texts and was given one string; write predict([text])."
            )
        rows = self.vocabulary.encode(texts)
        each = [network_logits(self.architecture, weights, rows) for weights in self.networks]
        mean: NDArray[np.float32] = np.mean(each, axis=0, dtype=np.float32)
        return mean

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, shape (n_texts, n_classes), columns as in ``classes_``."""
        return softmax(self.decision_function(texts), self.temperature)

    def predict(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the most probable label of each text, shape (n_texts,)."""
        labels: NDArray[Any] = self.classes_[self.predict_proba(texts).argmax(axis=1)]
        return labels

    def keras_model(self) -> Any:  # a keras.Model
        """Return the same network as a plain Keras model with standard layers.

        It maps word numbers (int32, shape (n_texts, any length), 0 behind each text), as
        ``vocabulary.encode(texts).numbers`` gives them, to probabilities.
        """
        return keras_model(self.architecture, self.networks, self.temperature)

    def to_npz(self, path: str | PathLike[str]) -> None:
        """Write the model as arrays and JSON: a form that can be read without running any code of its own."""
        about = {
            "format": FILE_FORMAT,
            "classes": self.classes_.tolist(),
            "vocabulary": type(self.vocabulary).__name__,
            "words": self.vocabulary.words,
            "max_tokens": self.vocabulary.max_tokens,
            "architecture": asdict(self.architecture),
            "n_networks": len(self.networks),
            "temperature": self.temperature,
        }
        arrays = {f"w{i}_{j}": w for i, weights in enumerate(self.networks) for j, w in enumerate(weights)}
        with open(path, "wb") as file:  # noqa: PTH123  (np.savez would add .npz to a name without it)
            np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]

    @classmethod
    def from_npz(cls, path: str | PathLike[str]) -> LstmClassifier:
        """Return the model that `to_npz` wrote.

        Raises
        ------
        InputError
            If the file has another format number.
        """
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            if about["format"] != FILE_FORMAT:
                raise InputError(
                    f"{path}: format {about['format']}, but this version reads format {FILE_FORMAT}. "
                    "Install the version of automl-text that wrote it, or export the model again."
                )
            n_weights = (len(arrays.files) - 1) // about["n_networks"]
            networks = [[arrays[f"w{i}_{j}"] for j in range(n_weights)] for i in range(about["n_networks"])]
        vocabulary = _VOCABULARIES[about["vocabulary"]]
        return cls(
            classes_=np.array(about["classes"], dtype=object),
            vocabulary=vocabulary(words=tuple(about["words"]), max_tokens=about["max_tokens"]),
            architecture=Architecture(**about["architecture"]),
            networks=tuple(tuple(weights) for weights in networks),
            temperature=about["temperature"],
        )
