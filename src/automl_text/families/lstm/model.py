"""`LstmClassifier`: the exported network, held as plain arrays."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.features import SentenceFeatures
from automl_text.families.encoder.place import EncoderPlace
from automl_text.families.lstm.network import BEHIND_TEXT, BOTH, Architecture, Tensor, half_and_shift
from automl_text.families.lstm.vocabulary import PADDING, PostedVocabulary, Vocabulary
from automl_text.families.lstm.word_vectors import WordVectors, encoded
from automl_text.statistics.metrics import softmax

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from automl_text.families.lstm.vocabulary import TokenRows

    Floats = NDArray[np.float32]

_VOCABULARIES = {kind.__name__: kind for kind in (Vocabulary, PostedVocabulary)}

_TEXTS_AT_A_TIME = 256
_FILE_FORMAT = 2
"""What is written. Format 1 knew no pretrained vectors; who reads that alone must not take such words for unknown."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LstmClassifier:
    """A fitted LSTM classifier: one network, or several of one architecture whose logits are averaged.

    Predicting takes NumPy alone. It holds no optimizer and no TensorFlow object, so its pickle is as small as its
    weights.
    """

    classes_: NDArray[Any]  # strings, held as objects
    """Object (str), shape (n_classes,)."""
    vocabulary: Vocabulary | PostedVocabulary
    architecture: Architecture
    networks: tuple[tuple[NDArray[np.float32], ...], ...]
    """Tuple of tuples of ndarray of float32. Weights of each network in the order of ``keras.Model.get_weights()``."""
    temperature: float = 1.0
    """Above 0. Probabilities are ``softmax(logits / temperature)``."""
    vectors: WordVectors | None = None
    """Where vectors of words come from that the vocabulary lacks; None: such words are unknown."""

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
        rows, unseen = self._encoded(texts)
        each = [network_logits(self.architecture, weights, rows, unseen) for weights in self.networks]
        mean: NDArray[np.float32] = np.mean(each, axis=0, dtype=np.float32)
        return mean

    def _encoded(self, texts: Sequence[str]) -> tuple[TokenRows, Floats | None]:
        """Return what the networks read; where the encoders are not found, words they never saw are unknown."""
        try:
            return encoded(texts, self.vocabulary, self.vectors)
        except (InputError, ModuleNotFoundError) as error:
            warnings.warn(
                f"Words that were not seen in training are taken as unknown, which costs accuracy. {error}",
                stacklevel=4,
            )
            return self.vocabulary.encode(texts), None

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

        Raises
        ------
        InputError
            If Keras is not installed.
        """
        if find_spec("keras") is None:
            raise InputError("A Keras model needs Keras: pip install 'automl-text[keras]'.")
        return keras_model(self.architecture, self.networks, self.temperature)

    def embed_encoders(self) -> None:
        """Keep the encoders' files inside, so that words never seen are known where the folders are not.

        Raises
        ------
        InputError
            If its word vectors come from no encoder.
        """
        if self.vectors is None:
            raise InputError("--with-encoder: this LSTM uses no sentence encoder; leave the option out.")
        self.vectors.source.embed_encoders()

    def to_npz(self, path: str | PathLike[str]) -> None:
        """Write the model as arrays and JSON: a form that can be read without running any code of its own."""
        about = {
            "format": _FILE_FORMAT,
            "classes": self.classes_.tolist(),
            "vocabulary": type(self.vocabulary).__name__,
            "words": self.vocabulary.words,
            "max_tokens": self.vocabulary.max_tokens,
            "architecture": asdict(self.architecture),
            "n_networks": len(self.networks),
            "temperature": self.temperature,
        }
        arrays = {f"w{i}_{j}": w for i, weights in enumerate(self.networks) for j, w in enumerate(weights)}
        if self.vectors is not None:
            if self.vectors.source.content:
                raise InputError(
                    "An npz file holds no encoder: leave out --with-encoder, or export a pickle."
                )
            about["vectors"] = {"encoders": self.vectors.source.encoders, "scale": self.vectors.scale}
            arrays["centre"] = self.vectors.centre
            if self.vectors.projection is not None:
                arrays["projection"] = self.vectors.projection
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
            if about["format"] not in {1, _FILE_FORMAT}:
                raise InputError(
                    f"{path}: format {about['format']}, but this version reads formats up to {_FILE_FORMAT}. "
                    "Install the version of automl-text that wrote it, or export the model again."
                )
            n_weights = sum(name.startswith("w0_") for name in arrays.files)
            networks = [[arrays[f"w{i}_{j}"] for j in range(n_weights)] for i in range(about["n_networks"])]
            vectors = _vectors_of(about["vectors"], arrays) if "vectors" in about else None
        vocabulary = _VOCABULARIES[about["vocabulary"]]
        return cls(
            classes_=np.array(about["classes"], dtype=object),
            vocabulary=vocabulary(words=tuple(about["words"]), max_tokens=about["max_tokens"]),
            architecture=Architecture(**about["architecture"]),
            networks=tuple(tuple(weights) for weights in networks),
            temperature=about["temperature"],
            vectors=vectors,
        )


def _vectors_of(about: dict[str, Any], arrays: Mapping[str, NDArray[np.float32]]) -> WordVectors:
    """Return the vectors that an npz file describes."""
    places = [
        EncoderPlace(name=name, folder=folder, digest=digest) for name, folder, digest in about["encoders"]
    ]
    source = SentenceFeatures(encoders=places, scale=1.0, tfidf=None)
    projection = arrays["projection"] if "projection" in arrays else None  # noqa: SIM401  (an NpzFile)
    return WordVectors(source=source, centre=arrays["centre"], scale=about["scale"], projection=projection)


def network_logits(
    architecture: Architecture, weights: Sequence[Floats], rows: TokenRows, unseen: Floats | None = None
) -> Floats:
    """Return the logits of texts, shape (n_texts, n_classes); ``weights`` in Keras's order.

    ``unseen`` are vectors of words that are numbered behind those of the embedding. Texts of like length are computed
    together, so that little padding is.
    """
    every_word = weights[0] if unseen is None else np.concatenate([weights[0], unseen])
    is_read = np.zeros(len(every_word), dtype=np.bool_)
    is_read[rows.numbers] = True
    place = np.cumsum(is_read) - 1
    read = _ReadWords.of(every_word[is_read], weights[1:-2])
    if is_read[PADDING]:
        read.vectors[0] = BEHIND_TEXT
    result = np.empty((len(rows.lengths), weights[-1].shape[0]), dtype=np.float32)
    order = np.argsort(rows.lengths, kind="stable")
    for start in range(0, len(order), _TEXTS_AT_A_TIME):
        chosen = order[start : start + _TEXTS_AT_A_TIME]
        lengths = rows.lengths[chosen]
        features = _features(architecture, read, place[rows.numbers[chosen, : lengths.max()]], lengths)
        result[chosen] = features @ weights[-2] + weights[-1]
    return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ReadWords:
    """The words that some texts hold, each multiplied by the kernels once, however often it is read."""

    vectors: Floats
    """Shape (n_words, n_inputs); that of the padding lies below all others, so that no maximum takes it."""
    by_gate: tuple[Floats, ...]
    """For each direction, what the words give the gates, shape (n_words, 4 * units)."""
    recurrent: tuple[Floats, ...]

    @classmethod
    def of(cls, vectors: Floats, weights: Sequence[Floats]) -> _ReadWords:
        """Return them for the kernel, recurrent kernel and bias of each direction."""
        half, _ = half_and_shift(len(weights[1]))
        directions = [weights[start : start + 3] for start in range(0, len(weights), 3)]
        return cls(
            vectors=vectors,
            by_gate=tuple(vectors @ (kernel * half) + bias * half for kernel, _, bias in directions),
            recurrent=tuple(recurrent * half for _, recurrent, _ in directions),
        )


def _features(
    architecture: Architecture, read: _ReadWords, numbers: NDArray[np.int64], lengths: NDArray[np.int32]
) -> Floats:
    """Return what the linear layer sees; inside, arrays have shape (n_steps, n_texts, ...)."""
    step = np.arange(numbers.shape[1])[:, None]
    orders = [numbers.T]
    if architecture.n_directions == BOTH:
        turned = np.where(step < lengths, lengths - 1 - step, step)
        orders.append(np.take_along_axis(numbers.T, turned, axis=0))
    given = zip(orders, read.by_gate, read.recurrent, strict=True)
    states = [_states(by_gate[order], recurrent) for order, by_gate, recurrent in given]
    if architecture.pooling == "last":
        return np.concatenate([each[lengths - 1, np.arange(len(lengths))] for each in states], axis=1)
    is_inside = (step < lengths)[:, :, None].astype(np.float32)
    if architecture.pooling == "mean":
        sums: Floats = np.concatenate([(each * is_inside).sum(axis=0) for each in states], axis=1)
        return np.divide(sums, lengths[:, None], dtype=np.float32)
    behind = (1 - is_inside) * np.float32(BEHIND_TEXT)
    tops = [(each + behind).max(axis=0) for each in states]
    if architecture.pooling == "max_and_words":
        tops.append(read.vectors[numbers.T].max(axis=0))
    return np.concatenate(tops, axis=1)


def _states(gates: Floats, recurrent: Floats) -> Floats:
    """Return the hidden states of one direction, shape (n_steps, n_texts, units), from zero states.

    ``gates`` are what the words give them, shape (n_steps, n_texts, 4 * units); they are overwritten.
    """
    units = len(recurrent)
    half, shift = half_and_shift(units)
    hidden = cell = np.zeros((gates.shape[1], units), dtype=np.float32)
    states = np.empty((*gates.shape[:2], units), dtype=np.float32)
    for step in range(len(gates)):
        gate = gates[step]
        gate += hidden @ recurrent
        np.tanh(gate, out=gate)
        gate *= half
        gate += shift
        cell = gate[:, units : 2 * units] * cell + gate[:, :units] * gate[:, 2 * units : 3 * units]
        np.multiply(gate[:, 3 * units :], np.tanh(cell), out=states[step])
        hidden = states[step]
    return states


def keras_model(
    architecture: Architecture, networks: Sequence[Sequence[NDArray[np.float32]]], temperature: float
) -> Any:  # a keras.Model
    """Return a plain Keras model from word numbers to probabilities: standard layers, the given weights.

    Parameters
    ----------
    networks : sequence of weights in Keras's order
        Their logits are averaged.
    temperature : float, above 0
    """
    import keras

    numbers = keras.Input((None,), dtype="int32", name="word_numbers")
    members = [_keras_network(architecture, weights) for weights in networks]
    logits = [member(numbers) for member in members]
    mean = keras.layers.Average()(logits) if len(logits) > 1 else logits[0]
    probabilities = keras.layers.Softmax()(keras.layers.Rescaling(1.0 / temperature)(mean))
    return keras.Model(numbers, probabilities)


def _keras_network(
    architecture: Architecture, weights: Sequence[NDArray[np.float32]]
) -> Any:  # a keras.Model
    """Return one network from word numbers to logits."""
    import keras

    layers = keras.layers
    n_words, n_in = weights[0].shape
    numbers = keras.Input((None,), dtype="int32")
    words = layers.Embedding(n_words, n_in, mask_zero=True)(numbers)
    lstm = layers.LSTM(weights[2].shape[0], return_sequences=architecture.pooling != "last")
    states = (layers.Bidirectional(lstm) if architecture.n_directions == BOTH else lstm)(words)
    features = _pooled_in_keras(architecture, numbers, words, states)
    model = keras.Model(numbers, layers.Dense(weights[-1].shape[0])(features))
    model.set_weights(list(weights))
    return model


def _pooled_in_keras(architecture: Architecture, numbers: Tensor, words: Tensor, states: Tensor) -> Tensor:
    """Return one row of features per text; Keras's global maximum would look behind the text's end."""
    import keras

    if architecture.pooling == "last":
        return states
    if architecture.pooling == "mean":
        return keras.layers.GlobalAveragePooling1D()(states)
    is_behind = keras.ops.cast(keras.ops.equal(numbers, 0), "float32")
    behind = keras.ops.expand_dims(is_behind, -1) * BEHIND_TEXT
    pooled = [states, words] if architecture.pooling == "max_and_words" else [states]
    return keras.ops.concatenate([keras.ops.max(each + behind, axis=1) for each in pooled], axis=-1)
