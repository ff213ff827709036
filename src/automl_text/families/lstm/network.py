"""The network in TensorFlow operations: embedding, one or two LSTM directions, pooling, a linear layer.

Weights are a list in the order of ``keras.Model.get_weights()``: embedding; kernel, recurrent kernel and bias of
each direction; kernel and bias of the linear layer. So a plain Keras model takes them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from automl_text.families.lstm.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Pooling = Literal["last", "max", "mean", "max_and_words"]
Tensor = Any  # TensorFlow ships no types

BOTH = 2
BEHIND_TEXT = -1.0e9
"""Added to values behind a text, so that no maximum lies there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What a traced function is bound to; every other size may differ from call to call."""

    n_directions: int
    pooling: Pooling
    """``max_and_words`` puts the maximum over the word vectors beside that over the LSTM's states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Numbers of embedding rows, embedding columns, LSTM units of one direction, and classes."""

    n_words: int
    embedding: int
    units: int
    n_classes: int


def initial_weights(
    architecture: Architecture, sizes: Sizes, rng: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Return weights drawn as Keras draws them: uniform, Glorot uniform, orthogonal, forget bias 1."""
    n_in, units = sizes.embedding, sizes.units
    weights = [rng.uniform(-0.05, 0.05, (sizes.n_words, n_in))]
    for _ in range(architecture.n_directions):
        bias = np.zeros(4 * units)
        bias[units : 2 * units] = 1.0
        weights += [_glorot(n_in, 4 * units, rng), _orthogonal(units, 4 * units, rng), bias]
    n_features = units * architecture.n_directions + n_in * (architecture.pooling == "max_and_words")
    weights += [_glorot(n_features, sizes.n_classes, rng), np.zeros(sizes.n_classes)]
    return [array.astype(np.float32) for array in weights]


def _glorot(n_in: int, n_out: int, rng: np.random.Generator) -> NDArray[np.float64]:
    limit = float(np.sqrt(6.0 / (n_in + n_out)))
    return rng.uniform(-limit, limit, (n_in, n_out))


def _orthogonal(n_rows: int, n_columns: int, rng: np.random.Generator) -> NDArray[np.float64]:
    q, r = np.linalg.qr(rng.standard_normal((n_columns, n_rows)))
    rows: NDArray[np.float64] = (q * np.sign(np.diag(r))).T
    return rows


def _lstm_states(inputs: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor) -> Tensor:
    """Return the hidden states of one LSTM direction, from zero states, by the fused kernel.

    The gradient that TensorFlow (2.21) registers for BlockLSTMV2 is silently wrong, by as much as the values
    themselves; BlockLSTMGradV2, called here, agrees with finite differences.

    Parameters
    ----------
    inputs : tensor of float32, shape (n_steps, n_texts, n_inputs)
    kernel : tensor of float32, shape (n_inputs, 4 * units)
        Gates in Keras's order: input, forget, cell, output.
    recurrent : tensor of float32, shape (units, 4 * units)
    bias : tensor of float32, shape (4 * units,)

    Returns
    -------
    tensor of float32, shape (n_steps, n_texts, units)
    """
    import tensorflow as tf

    n_steps = tf.shape(inputs, out_type=tf.int64)[0]
    zeros = tf.zeros([tf.shape(inputs)[1], tf.shape(recurrent)[0]])
    peephole = tf.zeros([tf.shape(recurrent)[0]])

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Any]:
        known = {"x": x, "cs_prev": zeros, "h_prev": zeros, "w": w, "b": b, "seq_len_max": n_steps}
        known |= {"wci": peephole, "wcf": peephole, "wco": peephole, "use_peephole": False}
        gates = tf.raw_ops.BlockLSTMV2(**known, cell_clip=0.0)

        def gradient(upstream: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            back = tf.raw_ops.BlockLSTMGradV2(
                **known, **gates._asdict(), cs_grad=tf.zeros_like(upstream), h_grad=upstream
            )
            return back.x_grad, back.w_grad, back.b_grad

        return gates.h, gradient

    return run(inputs, tf.concat([kernel, recurrent], axis=0), bias)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noise:
    """Rates of what is dropped in training, and the seed of it."""

    words: Tensor
    """Share of words made unknown, in [0, 1)."""
    spatial: Tensor
    """Share of embedding columns dropped for a whole text."""
    features: Tensor
    """Share of pooled features dropped."""
    seed: Tensor
    """Int32, shape (2,)."""

    def uniform(self, shape: Sequence[Any], which: int) -> Tensor:
        """Return uniform numbers that depend on the seed and ``which`` alone."""
        import tensorflow as tf

        seed = tf.stack([self.seed[0], self.seed[1] * 3 + which])
        return tf.random.stateless_uniform(shape, seed)

    def drop(self, values: Tensor, shape: Sequence[Any], rate: Tensor, which: int) -> Tensor:
        """Return ``values`` with a share ``rate`` set to zero and the rest scaled up."""
        import tensorflow as tf

        kept = tf.cast(self.uniform(shape, which) >= rate, tf.float32)
        return values * (kept / (1.0 - rate))


def training_logits(
    architecture: Architecture, weights: Sequence[Tensor], numbers: Tensor, lengths: Tensor, noise: Noise
) -> Tensor:
    """Return the logits of some texts with part of the network dropped; a function that gradients flow through.

    Parameters
    ----------
    weights : sequence of tensor
    numbers : tensor of int32, shape (n_texts, longest)
    lengths : tensor of int32, shape (n_texts,)

    Returns
    -------
    tensor of float32, shape (n_texts, n_classes)
    """
    import tensorflow as tf

    is_hidden = noise.uniform(tf.shape(numbers), 0) < noise.words
    numbers = tf.where(is_hidden, tf.fill(tf.shape(numbers), UNKNOWN), numbers)
    words = tf.gather(weights[0], tf.transpose(numbers))
    words = noise.drop(words, [1, tf.shape(words)[1], tf.shape(words)[2]], noise.spatial, 1)
    states = [_lstm_states(words, *weights[1:4])]
    if architecture.n_directions == BOTH:
        backwards = tf.reverse_sequence(words, lengths, seq_axis=0, batch_axis=1)
        states.append(_lstm_states(backwards, *weights[4:7]))
    features = _pool(architecture.pooling, states, words, lengths)
    features = noise.drop(features, tf.shape(features), noise.features, 2)
    return features @ weights[-2] + weights[-1]


def _pool(pooling: Pooling, states: list[Tensor], words: Tensor, lengths: Tensor) -> Tensor:
    """Return one row of features per text. The backward states need no turning round: pooling has no order."""
    import tensorflow as tf

    if pooling == "last":
        last = tf.stack([lengths - 1, tf.range(tf.shape(lengths)[0])], axis=1)
        return tf.concat([tf.gather_nd(direction, last) for direction in states], axis=1)
    inside = tf.transpose(tf.sequence_mask(lengths, tf.shape(words)[0], dtype=tf.float32))[:, :, None]
    if pooling == "mean":
        sums = [tf.reduce_sum(direction * inside, axis=0) for direction in states]
        return tf.concat(sums, axis=1) / tf.cast(lengths, tf.float32)[:, None]
    pooled = [*states, words] if pooling == "max_and_words" else states
    behind = (1.0 - inside) * BEHIND_TEXT
    return tf.concat([tf.reduce_max(values + behind, axis=0) for values in pooled], axis=1)
