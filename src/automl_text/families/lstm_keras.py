"""The trained network as a plain Keras model, and as a short script that trains one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_text.families.lstm_network import BEHIND_TEXT, BOTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.families.lstm_network import Architecture

KerasTensor = Any  # Keras ships no types


def keras_model(
    architecture: Architecture, networks: Sequence[Sequence[NDArray[np.float32]]], temperature: float
) -> Any:  # a keras.Model
    """Return a plain Keras model from word numbers to probabilities: standard layers, the given weights.

    Parameters
    ----------
    architecture : Architecture
    networks : sequence of weights in Keras's order
        Their logits are averaged.
    temperature : float, above 0
    """
    import keras

    numbers = keras.Input((None,), dtype="int32", name="word_numbers")
    members = [_network(architecture, weights) for weights in networks]
    logits = [member(numbers) for member in members]
    mean = keras.layers.Average()(logits) if len(logits) > 1 else logits[0]
    probabilities = keras.layers.Softmax()(keras.layers.Rescaling(1.0 / temperature)(mean))
    return keras.Model(numbers, probabilities)


def _network(architecture: Architecture, weights: Sequence[NDArray[np.float32]]) -> Any:  # a keras.Model
    """Return one network from word numbers to logits."""
    import keras

    layers = keras.layers
    n_words, n_in = weights[0].shape
    numbers = keras.Input((None,), dtype="int32")
    words = layers.Embedding(n_words, n_in, mask_zero=True)(numbers)
    lstm = layers.LSTM(weights[2].shape[0], return_sequences=architecture.pooling != "last")
    states = (layers.Bidirectional(lstm) if architecture.n_directions == BOTH else lstm)(words)
    features = _pooled(architecture, numbers, words, states)
    model = keras.Model(numbers, layers.Dense(weights[-1].shape[0])(features))
    model.set_weights(list(weights))
    return model


def _pooled(
    architecture: Architecture, numbers: KerasTensor, words: KerasTensor, states: KerasTensor
) -> KerasTensor:
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
