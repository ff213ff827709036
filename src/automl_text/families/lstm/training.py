"""Training of networks in NumPy: Keras's Adam, on batches of texts of like length."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import RunError
from automl_text.families.lstm.network import (
    Architecture,
    Batch,
    Forward,
    Networks,
    initial_weights,
    word_tops,
)
from automl_text.families.lstm.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from automl_text.families.lstm.network import Sizes
    from automl_text.families.lstm.vocabulary import TokenRows

    Floats = NDArray[np.float32]

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


def _batches(
    lengths: NDArray[np.int32], batch_size: int, rngs: Sequence[np.random.Generator]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a shuffled order of the rows for each network, and where batches begin and end.

    A few batches' worth of shuffled rows at a time are sorted by length, so that a batch holds texts of like
    length and little padding is computed.

    Returns
    -------
    orders : ndarray of int64, shape (n_networks, n_rows)
    bounds : ndarray of int64, shape (n_batches, 2)
    """
    pool = batch_size * _BATCHES_OF_LIKE_LENGTH
    orders = np.stack([rng.permutation(len(lengths)) for rng in rngs])
    for order in orders:
        for start in range(0, len(order), pool):
            rows = order[start : start + pool]
            rows[:] = rows[np.argsort(lengths[rows], kind="stable")]
    starts = np.arange(0, len(lengths), batch_size)
    bounds = np.stack([starts, np.minimum(starts + batch_size, len(lengths))], axis=1)
    return orders, bounds


def train(
    architecture: Architecture, sizes: Sizes, rows: TrainingRows, recipe: Recipe, *, seeds: Sequence[int]
) -> Iterator[list[list[Floats]]]:
    """Yield the (averaged) weights of each network, in Keras's order, after each epoch, without end.

    Parameters
    ----------
    architecture : Architecture
    sizes : Sizes
    rows : TrainingRows
    recipe : Recipe
    seeds : sequence of int
        One for each network: its initial weights, order of the rows and everything dropped follow from it.

    Raises
    ------
    RunError
        If the loss is no longer a finite number.
    """
    rngs, shuffles = [np.random.default_rng(seed) for seed in seeds], np.random.default_rng(seeds)
    first = [initial_weights(architecture, sizes, rng) for rng in rngs]
    if rows.words is not None:
        first = [[rows.words, *weights[1:]] for weights in first]
    training = _Training(
        networks=Networks.of(architecture, first, share_words=recipe.word_rate == 0), rows=rows, recipe=recipe
    )
    average: tuple[Floats, ...] = ()
    for epoch in itertools.count(1):
        loss = training.run_epoch(rngs, shuffles)
        if not np.isfinite(loss):
            raise RunError(f"The network's loss became {loss} in epoch {epoch}; lower learning_rate.")
        # Bias-corrected, so the untrained weights have no part in it.
        share = (1.0 - recipe.weight_average) / (1.0 - recipe.weight_average**epoch)
        current = training.learned
        average = tuple(a + share * (w - a) for a, w in zip(average or current, current, strict=True))
        yield training.with_learned(average).weights()


class _Training:
    """Networks under way, with the moments of Adam."""

    def __init__(self, *, networks: Networks, rows: TrainingRows, recipe: Recipe) -> None:
        self._networks, self._rows, self._recipe = networks, rows, recipe
        self._moments = [(np.zeros_like(array), np.zeros_like(array)) for array in self.learned]
        self._step = 0
        never_change = recipe.word_rate == 0 and not recipe.word_dropout
        self._tops = word_tops(networks.words[0], rows.tokens.numbers) if never_change else None
        one_hot = np.eye(len(rows.logit_shift), dtype=np.float32)[rows.codes]
        self._targets = one_hot * (1.0 - recipe.label_smoothing) + recipe.label_smoothing / one_hot.shape[1]

    @property
    def learned(self) -> tuple[Floats, ...]:
        """The weights that change: with the word vectors last, where they do."""
        return (*self._networks.rest, *((self._networks.words,) if self._recipe.word_rate > 0 else ()))

    def with_learned(self, weights: tuple[Floats, ...]) -> Networks:
        """Return the networks with other weights in place of `learned`."""
        rest, words = weights[: len(self._networks.rest)], weights[len(self._networks.rest) :]
        return Networks(
            architecture=self._networks.architecture,
            words=words[0] if words else self._networks.words,
            rest=rest,
        )

    def run_epoch(self, rngs: Sequence[np.random.Generator], shuffles: np.random.Generator) -> float:
        """Take every batch in turn and return the weighted loss of all rows."""
        orders, bounds = _batches(self._rows.tokens.lengths, self._recipe.batch_size, rngs)
        bounds = shuffles.permutation(bounds)
        with np.errstate(over="ignore", invalid="ignore"):  # a loss that is no number is told at the end
            return math.fsum(self._take_batch(orders[:, start:end], rngs) for start, end in bounds)

    def _take_batch(self, chosen: NDArray[np.int64], rngs: Sequence[np.random.Generator]) -> float:
        """Take one step of Adam on rows chosen for each network, shape (n_networks, n_texts); return their loss."""
        rows, recipe = self._rows, self._recipe
        batch = self._batch(chosen, rngs)
        forward = Forward.of(self._networks, batch)
        losses, by_logit = _focal_loss(self._targets[chosen], forward.logits + rows.logit_shift, recipe.focus)
        weights = rows.row_weights[chosen]
        by_logit *= (weights / np.float32(chosen.shape[1]))[..., None]
        gradients, by_word = forward.gradients(by_logit, with_words=recipe.word_rate > 0)
        slopes = [_with_square(_clipped(each)) for each in gradients]
        rates = [recipe.learning_rate] * len(slopes)
        if by_word is not None:
            slopes.append(_by_vector(_clipped(by_word), batch.numbers, self._networks.words.shape[1]))
            rates.append(recipe.learning_rate * recipe.word_rate)
        self._step += 1
        adam(self.learned, self._moments, slopes, self._step, rates=rates)
        return float((losses * weights).sum())

    def _batch(self, chosen: NDArray[np.int64], rngs: Sequence[np.random.Generator]) -> Batch:
        """Return the texts of some rows, with what each network's generator drops of them."""
        tokens, recipe, n_texts = self._rows.tokens, self._recipe, chosen.shape[1]
        lengths = tokens.lengths[chosen]
        numbers = tokens.numbers[chosen, : lengths.max()]
        if recipe.word_dropout:
            is_hidden = np.stack([rng.random(numbers.shape[1:], dtype=np.float32) for rng in rngs])
            numbers = np.where(is_hidden < recipe.word_dropout, np.int32(UNKNOWN), numbers)
        n_inputs, n_features = self._networks.words.shape[2], self._networks.rest[3].shape[1]
        return Batch(
            numbers=numbers,
            lengths=lengths,
            columns=np.stack([_kept((1, n_texts, n_inputs), recipe.spatial_dropout, rng) for rng in rngs]),
            features=np.stack([_kept((n_texts, n_features), recipe.dropout, rng) for rng in rngs]),
            tops=None if self._tops is None else self._tops[chosen],
        )


def _kept(shape: tuple[int, ...], rate: float, rng: np.random.Generator) -> Floats:
    """Return a mask that drops a share ``rate`` and scales up the rest."""
    is_kept = rng.random(shape, dtype=np.float32) >= rate
    return is_kept * np.float32(1.0 / (1.0 - rate))


def _focal_loss(targets: Floats, scores: Floats, focus: float) -> tuple[Floats, Floats]:
    """Return the loss of each row, and its gradient by the scores: cross-entropy, with what is right counting less.

    Lin et al. 2017, eq. 4, for several classes: the factor is ``(1 - p) ** focus`` with p the probability given to
    the (smoothed) target. With ``focus`` 0 it is cross-entropy.

    Parameters
    ----------
    targets, scores : ndarray of float32, shape (..., n_classes)
        Targets sum to 1.
    focus : float, at least 0
    """
    shifted = scores - scores.max(axis=-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    shares = np.exp(logs)
    losses: Floats = -(targets * logs).sum(axis=-1)
    by_score: Floats = shares - targets
    if focus:
        right = (targets * shares).sum(axis=-1, keepdims=True)
        wrong = np.maximum(1.0 - right, np.float32(_EPSILON))
        by_right = np.where(right < 1.0 - _EPSILON, -focus * wrong ** (focus - 1.0), np.float32(0))
        by_score = by_score * wrong**focus + losses[..., None] * by_right * shares * (targets - right)
        losses = losses * wrong[..., 0] ** focus
    return losses, by_score


def _clipped(slopes: Floats) -> Floats:
    """Return gradients with the norm of each network's or run's, the first axis, held to at most 1."""
    flat = slopes.reshape(len(slopes), -1)
    squares = np.einsum("ij,ij->i", flat, flat)
    factors = 1.0 / np.sqrt(np.maximum(squares, np.float32(1)))
    clipped: Floats = slopes * factors.reshape(-1, *[1] * (slopes.ndim - 1))
    return clipped


def _with_square(slope: Floats) -> tuple[Floats, Floats]:
    return slope, slope * slope


def _by_vector(by_word: Floats, numbers: NDArray[np.int32], n_words: int) -> tuple[Floats, Floats]:
    """Return the gradients by word vectors, and their squares, shape (n_networks, n_words, n_inputs), from words read.

    As in Keras each occurrence of a word counts by itself: the second is a sum of squares, not the square of a sum,
    so frequent words learn faster than under Adam as published.
    """
    sums = [
        sums_by_number(each.reshape(numbers[0].size, -1), of_network.T.ravel(), n_words)
        for each, of_network in zip(by_word, numbers, strict=True)
    ]
    slopes, squares = zip(*sums, strict=True)
    return np.stack(slopes), np.stack(squares)


def sums_by_number(by_occurrence: Floats, numbers: NDArray[np.int32], n_words: int) -> tuple[Floats, Floats]:
    """Return the sums over each word's occurrences of the gradient and of its square, (n_words, n_inputs)."""
    from scipy.sparse import csr_matrix

    n = len(numbers)
    occurs = csr_matrix((np.ones(n, dtype=np.float32), (numbers, np.arange(n))), shape=(n_words, n))
    return occurs @ by_occurrence, occurs @ (by_occurrence * by_occurrence)


def adam(
    weights: Sequence[Floats],
    moments: Sequence[tuple[Floats, Floats]],
    slopes: Sequence[tuple[Floats, Floats]],
    step: int,
    *,
    rates: Sequence[float],
) -> None:
    """Move ``weights`` and ``moments`` in place by one step of Adam (Kingma & Ba 2015), as Keras does.

    Parameters
    ----------
    weights : sequence of ndarray of float32
    moments : sequence of pairs of ndarray of float32
    slopes : sequence of pairs of ndarray of float32
        Gradients and their squares; they are overwritten.
    step : int
        1 for the first.
    rates : sequence of float
        Learning rates.
    """
    correction = math.sqrt(1.0 - _BETA_2**step) / (1.0 - _BETA_1**step)
    for array, moment, slope, rate in zip(weights, moments, slopes, rates, strict=True):
        _move(array, moment, slope, np.float32(rate * correction))


def _move(
    array: Floats, moments: tuple[Floats, Floats], slopes: tuple[Floats, Floats], rate: np.float32
) -> None:
    """Take one step of Adam without another array: an embedding is large, and most of the time goes by its size."""
    (first, second), (slope, square) = moments, slopes
    slope -= first
    slope *= np.float32(1.0 - _BETA_1)
    first += slope
    square -= second
    square *= np.float32(1.0 - _BETA_2)
    second += square
    np.sqrt(second, out=square)
    square += np.float32(_EPSILON)
    np.divide(first, square, out=square)
    square *= rate
    array -= square
