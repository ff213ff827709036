"""Training of a network: one traced function runs a whole epoch, whatever the sizes, rates and seed."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import RunError
from automl_text.families.lstm.network import Architecture, Noise, Tensor, initial_weights, training_logits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from automl_text.families.lstm.network import Sizes
    from automl_text.families.lstm.vocabulary import TokenRows

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1.0e-7  # Keras's Adam
_BATCHES_OF_LIKE_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network is trained."""

    learning_rate: float
    """Constant, so that a shorter training is a prefix of a longer one."""
    batch_size: int
    word_dropout: float
    spatial_dropout: float
    dropout: float
    label_smoothing: float
    focus: float
    """Exponent of the focal loss (Lin et al. 2017, eq. 4); 0 is cross-entropy."""
    weight_average: float
    """In [0, 1): decay, by epoch, of the running average of the weights; 0 takes the last epoch's."""
    word_rate: float = 1.0
    """Learning rate of the word vectors, as a share of ``learning_rate``; 0 leaves them as they are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRows:
    """What a network learns from."""

    tokens: TokenRows
    codes: NDArray[np.int64]
    """Int64, shape (n_rows,)."""
    row_weights: NDArray[np.float32]
    """Float32, shape (n_rows,)."""
    logit_shift: NDArray[np.float32]
    """Float32, shape (n_classes,). Added to the logits in training only."""
    words: NDArray[np.float32] | None = None
    """The word vectors to begin with, shape (n_words, n_columns); None draws them."""


def configure_tensorflow() -> None:
    """Hold TensorFlow to one thread, where this process has not used it yet."""
    import tensorflow as tf

    with suppress(
        RuntimeError
    ):  # "cannot be modified after initialization": then its threads stay as they are
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def _batches(
    lengths: NDArray[np.int32], batch_size: int, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return a shuffled order of the rows and where its batches begin and end.

    A few batches' worth of shuffled rows at a time are sorted by length, so that a batch holds texts of like
    length and little padding is computed; then the batches are shuffled.

    Returns
    -------
    order : ndarray of int32, shape (n_rows,)
    bounds : ndarray of int32, shape (n_batches, 2)
    """
    order = rng.permutation(len(lengths)).astype(np.int32)
    pool = batch_size * _BATCHES_OF_LIKE_LENGTH
    pools = [order[start : start + pool] for start in range(0, len(order), pool)]
    order = np.concatenate([rows[np.argsort(lengths[rows], kind="stable")] for rows in pools])
    starts = np.arange(0, len(order), batch_size, dtype=np.int32)
    bounds = np.stack([starts, np.minimum(starts + batch_size, len(order))], axis=1).astype(np.int32)
    return order, rng.permutation(bounds)


def train(
    architecture: Architecture, sizes: Sizes, rows: TrainingRows, recipe: Recipe, *, seed: int
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the (averaged) weights after each epoch, without end.

    Only one training per architecture may be under way in a process: the variables are shared.

    Parameters
    ----------
    seed : int
        Initial weights, order of the rows and everything dropped follow from it.

    Raises
    ------
    RunError
        If the loss is no longer a finite number.
    """
    rng = np.random.default_rng(seed)
    epoch_function = _epoch_function(architecture, learns_words=recipe.word_rate > 0)
    first = initial_weights(architecture, sizes, rng)
    epoch_function.begin(first if rows.words is None else [rows.words, *first[1:]])
    one_hot = np.eye(sizes.n_classes, dtype=np.float32)
    targets = one_hot[rows.codes] * (1.0 - recipe.label_smoothing) + recipe.label_smoothing / sizes.n_classes
    rates = [
        recipe.learning_rate,
        recipe.word_dropout,
        recipe.spatial_dropout,
        recipe.dropout,
        recipe.focus,
        recipe.word_rate,
    ]
    average: list[NDArray[np.float32]] = []
    for epoch in itertools.count(1):
        order, bounds = _batches(rows.tokens.lengths, recipe.batch_size, rng)
        loss = epoch_function.run(
            rows.tokens.numbers[order],
            rows.tokens.lengths[order],
            targets[order].astype(np.float32),
            rows.row_weights[order],
            rows.logit_shift,
            bounds,
            np.array(rates, dtype=np.float32),
            np.array([seed, (epoch - 1) * len(bounds)], dtype=np.int32),
        )
        if not np.isfinite(loss):
            raise RunError(f"The network's loss became {float(loss)} in epoch {epoch}; lower learning_rate.")
        current = epoch_function.weights()
        # Bias-corrected, so the untrained weights have no part in it.
        share = np.float32((1.0 - recipe.weight_average) / (1.0 - recipe.weight_average**epoch))
        average = [a + share * (w - a) for a, w in zip(average or current, current, strict=True)]
        yield average


@lru_cache(maxsize=8)  # as many as there are architectures; 40 MB each with the most words and columns
def _epoch_function(architecture: Architecture, *, learns_words: bool) -> _Training:
    configure_tensorflow()
    return _Training(architecture, learns_words=learns_words)


class _Training:
    """Variables of any size, and a function over them that is traced once."""

    def __init__(self, architecture: Architecture, *, learns_words: bool) -> None:
        import tensorflow as tf

        self._architecture = architecture
        self._n_fixed = 0 if learns_words else 1
        ranks = [2] + [2, 2, 1] * architecture.n_directions + [2, 1]
        self._slots = [[_variable_of_any_size(rank) for _ in range(3)] for rank in ranks]
        self.run = tf.function(
            self._run,
            autograph=False,
            input_signature=[
                tf.TensorSpec([None, None], tf.int32, name="numbers"),
                tf.TensorSpec([None], tf.int32, name="lengths"),
                tf.TensorSpec([None, None], tf.float32, name="targets"),
                tf.TensorSpec([None], tf.float32, name="row_weights"),
                tf.TensorSpec([None], tf.float32, name="logit_shift"),
                tf.TensorSpec([None, 2], tf.int32, name="bounds"),
                tf.TensorSpec([6], tf.float32, name="rates"),
                tf.TensorSpec([2], tf.int32, name="seed_and_step"),
            ],
        )

    def begin(self, weights: Sequence[NDArray[np.float32]]) -> None:
        """Set the weights, and the moments of Adam to zero."""
        for (variable, *moments), array in zip(self._slots, weights, strict=True):
            variable.assign(array)
            for moment in moments:
                moment.assign(np.zeros_like(array))

    def weights(self) -> list[NDArray[np.float32]]:
        """Return copies of the weights."""
        return [variable.numpy().copy() for variable, *_ in self._slots]

    def _run(self, *arguments: Tensor) -> Tensor:
        """Train on every batch in turn and return the mean loss of the rows."""
        import tensorflow as tf

        bounds, lengths = arguments[5], arguments[1]

        def body(batch: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
            return batch + 1, total + self._train_on_batch(batch, *arguments)

        n_batches = tf.shape(bounds)[0]
        _, total = tf.while_loop(lambda batch, _: batch < n_batches, body, [0, 0.0], parallel_iterations=1)
        return total / tf.cast(tf.shape(lengths)[0], tf.float32)

    def _train_on_batch(self, batch: Tensor, *arguments: Tensor) -> Tensor:
        """Take one step of Adam and return the summed loss of the batch."""
        import tensorflow as tf

        numbers, lengths, targets, row_weights, shift, bounds, rates, seed_and_step = arguments
        rows = slice(bounds[batch, 0], bounds[batch, 1])
        longest = tf.reduce_max(lengths[rows])
        rate, word_dropout, spatial_dropout, dropout, focus, word_rate = tf.unstack(rates)
        step = seed_and_step[1] + batch
        noise = Noise(
            words=word_dropout,
            spatial=spatial_dropout,
            features=dropout,
            seed=tf.stack([seed_and_step[0], step]),
        )
        weights = [variable.read_value() for variable, *_ in self._slots]
        with tf.GradientTape() as tape:
            tape.watch(weights[self._n_fixed :])
            scores = training_logits(
                self._architecture, weights, numbers[rows, :longest], lengths[rows], noise
            )
            losses = _focal_loss(targets[rows], scores + shift, focus)
        # The gradient of the mean, without the operations that a mean would add to the graph.
        shares = row_weights[rows] / tf.cast(tf.size(losses), tf.float32)
        gradients = tape.gradient(losses, weights[self._n_fixed :], output_gradients=shares)
        count = tf.cast(step + 1, tf.float32)
        powers = (tf.pow(_BETA_1, count), tf.pow(_BETA_2, count))
        for slots, gradient in zip(self._slots[self._n_fixed :], gradients, strict=True):
            if isinstance(gradient, tf.IndexedSlices):
                _adam_step_on_rows(slots, gradient, rate * word_rate, powers)
            else:
                _adam_step(slots, gradient, rate, powers)
        return tf.reduce_sum(losses)


def _focal_loss(targets: Tensor, scores: Tensor, focus: Tensor) -> Tensor:
    """Return the loss of each row: cross-entropy, with what is right already counting less.

    Lin et al. 2017, eq. 4, for several classes: the factor is ``(1 - p) ** focus`` with p the probability given to
    the (smoothed) target. With ``focus`` 0 it is cross-entropy.

    Parameters
    ----------
    targets, scores : tensor of float32, shape (n_rows, n_classes)
    focus : scalar tensor of float32, at least 0

    Returns
    -------
    tensor of float32, shape (n_rows,)
    """
    import tensorflow as tf

    entropy = tf.nn.softmax_cross_entropy_with_logits(targets, scores)
    right = tf.reduce_sum(targets * tf.nn.softmax(scores), axis=1)
    return entropy * tf.pow(tf.maximum(1.0 - right, _EPSILON), focus)


def _variable_of_any_size(rank: int) -> Tensor:
    import tensorflow as tf

    return tf.Variable(tf.zeros([0] * rank), shape=tf.TensorShape([None] * rank), trainable=False)


def _clipped(values: Tensor) -> Tensor:
    """Return ``values`` with their norm held to at most 1, in fewer operations than tf.clip_by_norm."""
    import tensorflow as tf

    return values * tf.math.rsqrt(tf.maximum(2.0 * tf.nn.l2_loss(values), 1.0))


def _adam_step(
    slots: Sequence[Tensor], gradient: Tensor, rate: Tensor, powers: tuple[Tensor, Tensor]
) -> None:
    """Clip the gradient of one variable by its norm and apply Adam (Kingma & Ba 2015) as Keras does."""
    import tensorflow as tf

    variable, first, second = slots
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=first.handle,
        v=second.handle,
        beta1_power=powers[0],
        beta2_power=powers[1],
        lr=rate,
        beta1=_BETA_1,
        beta2=_BETA_2,
        epsilon=_EPSILON,
        grad=_clipped(gradient),
    )


def _adam_step_on_rows(
    slots: Sequence[Tensor], gradient: Tensor, rate: Tensor, powers: tuple[Tensor, Tensor]
) -> None:
    """Apply Adam to the embedding, as Keras does: each occurrence of a word counts by itself.

    Keras clips and squares the gradient before it adds up the occurrences of a word, so the second moment of a
    word that occurs n times grows by a sum of n squares instead of the square of a sum, and frequent words learn
    faster than under Adam as published. Rows that do not occur still move on, by what is left of their moments.
    """
    import tensorflow as tf

    variable, first, second = slots
    values = _clipped(gradient.values)
    n_rows = tf.shape(variable.read_value())[0]
    slope = tf.math.unsorted_segment_sum(values, gradient.indices, n_rows)
    square = tf.math.unsorted_segment_sum(tf.square(values), gradient.indices, n_rows)
    momentum = first.read_value() * _BETA_1 + slope * (1.0 - _BETA_1)
    spread = second.read_value() * _BETA_2 + square * (1.0 - _BETA_2)
    first.assign(momentum)
    second.assign(spread)
    scale = rate * tf.sqrt(1.0 - powers[1]) / (1.0 - powers[0])
    variable.assign_sub(momentum * scale / (tf.sqrt(spread) + _EPSILON))
