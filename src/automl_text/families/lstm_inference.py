"""A trained network applied to texts with NumPy alone: who only predicts need not wait for TensorFlow to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.lstm_network import BEHIND_TEXT, BOTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.families.lstm_network import Architecture
    from automl_text.families.lstm_tokens import TokenRows

    Floats = NDArray[np.float32]

_TEXTS_AT_A_TIME = 256


def network_logits(architecture: Architecture, weights: Sequence[Floats], rows: TokenRows) -> Floats:
    """Return the logits of texts, shape (n_texts, n_classes); ``weights`` in Keras's order.

    Texts of like length are computed together, so that little padding is.
    """
    result = np.empty((len(rows.lengths), weights[-1].shape[0]), dtype=np.float32)
    order = np.argsort(rows.lengths, kind="stable")
    for start in range(0, len(order), _TEXTS_AT_A_TIME):
        chosen = order[start : start + _TEXTS_AT_A_TIME]
        lengths = rows.lengths[chosen]
        features = _features(architecture, weights, rows.numbers[chosen, : lengths.max()], lengths)
        result[chosen] = features @ weights[-2] + weights[-1]
    return result


def _features(
    architecture: Architecture,
    weights: Sequence[Floats],
    numbers: NDArray[np.int32],
    lengths: NDArray[np.int32],
) -> Floats:
    """Return what the linear layer sees; inside, arrays have shape (n_steps, n_texts, ...)."""
    words = weights[0][numbers.T]
    step = np.arange(len(words))[:, None]
    states = [_states(words, *weights[1:4])]
    if architecture.n_directions == BOTH:
        turned = np.where(step < lengths, lengths - 1 - step, step)
        states.append(_states(np.take_along_axis(words, turned[:, :, None], axis=0), *weights[4:7]))
    if architecture.pooling == "last":
        return np.concatenate([each[lengths - 1, np.arange(len(lengths))] for each in states], axis=1)
    is_inside = (step < lengths)[:, :, None].astype(np.float32)
    if architecture.pooling == "mean":
        sums: Floats = np.concatenate([(each * is_inside).sum(axis=0) for each in states], axis=1)
        return np.divide(sums, lengths[:, None], dtype=np.float32)
    pooled = [*states, words] if architecture.pooling == "max_and_words" else states
    behind = (1 - is_inside) * np.float32(BEHIND_TEXT)
    return np.concatenate([(each + behind).max(axis=0) for each in pooled], axis=1)


def _states(words: Floats, kernel: Floats, recurrent: Floats, bias: Floats) -> Floats:
    """Return the hidden states of one direction, shape (n_steps, n_texts, units), from zero states."""
    n_steps, n_texts = words.shape[:2]
    units = len(recurrent)
    inputs = words @ kernel + bias
    hidden = cell = np.zeros((n_texts, units), dtype=np.float32)
    states = np.empty((n_steps, n_texts, units), dtype=np.float32)
    for step in range(n_steps):
        gates = inputs[step] + hidden @ recurrent
        take, forget, new, show = np.split(gates, 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(take) * np.tanh(new)
        hidden = _sigmoid(show) * np.tanh(cell)
        states[step] = hidden
    return states


def _sigmoid(values: Floats) -> Floats:
    """Return the logistic function, without overflow."""
    result: Floats = np.float32(0.5) * (np.float32(1) + np.tanh(np.float32(0.5) * values))
    return result
