"""Training of the question's network in NumPy: its recurrent dropout fits no fused kernel.

At batches of ten short texts a framework spends its time between operations; here a step of the LSTM costs little
more than its one matrix product. Without dropout the weights are those of Keras, which a test holds against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.lstm.network import Architecture, Sizes, initial_weights
from automl_text.families.lstm.training import adam, sums_by_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

ARCHITECTURE = Architecture(n_directions=1, pooling="last")
_BATCH_SIZE = 10
_RATE = 0.001
_INPUT, _FORGET, _NEW, _OUTPUT = range(4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PostedRows:
    """What the network learns from."""

    numbers: NDArray[np.int32]
    """Int32, shape (n_rows, n_steps)."""
    targets: Floats
    """Float32, shape (n_rows, n_classes). One-hot."""
    row_weights: Floats
    """Float32, shape (n_rows,)."""

    def subset(self, chosen: NDArray[np.int64]) -> PostedRows:
        """Return some of the rows."""
        return PostedRows(
            numbers=self.numbers[chosen], targets=self.targets[chosen], row_weights=self.row_weights[chosen]
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Masks:
    """What is dropped in one batch; 0 or 1 / (1 - rate)."""

    spatial: Floats
    """Float32, shape (n_texts, n_inputs). SpatialDropout1D: the same columns of every word of a text."""
    inputs: Floats
    """Float32, shape (4, 1, n_texts, n_inputs)."""
    recurrent: Floats
    """Float32, shape (4, n_texts, units). Keras 3 draws one mask per gate, the same at every step."""

    @classmethod
    def draw(cls, sizes: Sizes, n_texts: int, rate: float, rng: np.random.Generator) -> Masks:
        """Return masks that drop a share ``rate`` of each kind."""

        def mask(*shape: int) -> Floats:
            kept = rng.random(shape, dtype=np.float32) >= rate
            return kept.astype(np.float32) / np.float32(1.0 - rate)

        return cls(
            spatial=mask(n_texts, sizes.embedding),
            inputs=mask(4, 1, n_texts, sizes.embedding),
            recurrent=mask(4, n_texts, sizes.units),
        )


def train(sizes: Sizes, rows: PostedRows, *, dropout: float, seed: int) -> Iterator[list[Floats]]:
    """Yield the weights, in Keras's order, after each epoch, without end.

    Parameters
    ----------
    dropout : float in [0, 1)
        Rate of all three dropouts.
    """
    rng = np.random.default_rng(seed)
    weights = initial_weights(ARCHITECTURE, sizes, rng)
    moments = [(np.zeros_like(array), np.zeros_like(array)) for array in weights]
    step = 0
    while True:
        order = rng.permutation(len(rows.numbers))
        for start in range(0, len(order), _BATCH_SIZE):
            batch = rows.subset(order[start : start + _BATCH_SIZE])
            masks = Masks.draw(sizes, len(batch.numbers), dropout, rng)
            step += 1
            adam(weights, moments, _gradients(weights, batch, masks), step, rates=[_RATE] * len(weights))
        yield [array.copy() for array in weights]


def _gradients(weights: Sequence[Floats], rows: PostedRows, masks: Masks) -> list[tuple[Floats, Floats]]:
    """Return the gradient of the weighted mean cross-entropy of some rows by each weight, in Keras's order.

    Beside each stands its square. For the embedding that is, as in Keras, the sum of the squares over a word's
    occurrences, not the square of their sum: so words that recur in a batch, the padding first of all, learn
    faster than under Adam as published.
    """
    embedding, kernel, recurrent, bias, out_kernel, _ = weights
    by_gate = [_split_gates(kernel), _split_gates(recurrent), _split_gates(bias[None])]
    words = embedding[rows.numbers.T]
    run = _Run.forward(words * masks.spatial, by_gate, masks)
    scores = run.states[-1] @ out_kernel + weights[-1]
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    by_score = (shares - rows.targets) * (rows.row_weights / len(shares))[:, None]
    by_word, by_kernel, by_recurrent, by_bias = run.backward(by_score @ out_kernel.T)
    dense = [
        _join_gates(by_kernel),
        _join_gates(by_recurrent),
        _join_gates(by_bias)[0],
        run.states[-1].T @ by_score,
        by_score.sum(axis=0),
    ]
    by_occurrence = (by_word * masks.spatial).reshape(rows.numbers.size, -1)
    by_row = sums_by_number(by_occurrence, rows.numbers.T.ravel(), len(embedding))
    return [by_row, *((slope, slope * slope) for slope in dense)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """An LSTM over a batch and all that its gradient needs; arrays by gate have that axis first or second."""

    inputs: Floats  # (4, n_steps, n_texts, n_inputs), masked
    kernel: Floats  # (4, n_inputs, units)
    recurrent: Floats  # (4, units, units)
    masks: Masks
    gates: Floats  # (n_steps, 4, n_texts, units), behind their activations
    cells: Floats  # (n_steps + 1, n_texts, units), the first is zero
    states: Floats  # (n_steps + 1, n_texts, units), the first is zero

    @classmethod
    def forward(cls, words: Floats, by_gate: Sequence[Floats], masks: Masks) -> _Run:
        """Run over ``words``, shape (n_steps, n_texts, n_inputs)."""
        kernel, recurrent, bias = by_gate
        n_steps, n_texts, n_in = words.shape
        inputs = words * masks.inputs
        flat = inputs.reshape(4, n_steps * n_texts, n_in) @ kernel + bias
        gates: Floats = np.ascontiguousarray(flat.reshape(4, n_steps, n_texts, -1).swapaxes(0, 1))
        cells = np.zeros((n_steps + 1, n_texts, recurrent.shape[1]), dtype=np.float32)
        states = np.zeros_like(cells)
        for step in range(n_steps):
            gate = gates[step]
            gate += (states[step] * masks.recurrent) @ recurrent
            new = np.tanh(gate[_NEW])
            np.divide(1.0, 1.0 + np.exp(-gate), out=gate)
            gate[_NEW] = new
            cells[step + 1] = gate[_FORGET] * cells[step] + gate[_INPUT] * new
            states[step + 1] = gate[_OUTPUT] * np.tanh(cells[step + 1])
        return cls(
            inputs=inputs,
            kernel=kernel,
            recurrent=recurrent,
            masks=masks,
            gates=gates,
            cells=cells,
            states=states,
        )

    def backward(self, by_state: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return gradients by words, kernel, recurrent kernel and bias from that by the last state."""
        before_gates = self._before_gates(by_state)
        n_steps, _, n_texts, units = before_gates.shape
        flat = before_gates.swapaxes(0, 1).reshape(4, n_steps * n_texts, units)
        inputs = self.inputs.reshape(4, n_steps * n_texts, -1)
        by_input: Floats = (flat @ self.kernel.swapaxes(1, 2)).reshape(self.inputs.shape)
        by_input *= self.masks.inputs
        earlier: Floats = self.states[:-1] * self.masks.recurrent[:, None]
        by_recurrent: Floats = earlier.reshape(4, n_steps * n_texts, units).swapaxes(1, 2) @ flat
        by_kernel: Floats = inputs.swapaxes(1, 2) @ flat
        by_bias: Floats = flat.sum(axis=1, keepdims=True)
        return by_input.sum(axis=0), by_kernel, by_recurrent, by_bias

    def _before_gates(self, by_state: Floats) -> Floats:
        """Return gradients by what goes into the gates' activations, shape (n_steps, 4, n_texts, units)."""
        activated = self.gates * (1.0 - self.gates)
        activated[:, _NEW] = 1.0 - self.gates[:, _NEW] ** 2
        shown = np.tanh(self.cells[1:])
        backwards = self.recurrent.swapaxes(1, 2)
        result = np.empty_like(self.gates)
        by_cell = np.zeros_like(by_state)
        for step in range(len(self.gates) - 1, -1, -1):
            gate, to = self.gates[step], result[step]
            by_cell = by_cell + by_state * gate[_OUTPUT] * (1.0 - shown[step] ** 2)
            to[_INPUT] = by_cell * gate[_NEW]
            to[_FORGET] = by_cell * self.cells[step]
            to[_NEW] = by_cell * gate[_INPUT]
            to[_OUTPUT] = by_state * shown[step]
            to *= activated[step]
            by_cell = by_cell * gate[_FORGET]
            by_state = ((to @ backwards) * self.masks.recurrent).sum(axis=0)
        return result


def _split_gates(kernel: Floats) -> Floats:
    """Turn (n_inputs, 4 * units) into (4, n_inputs, units)."""
    return np.ascontiguousarray(kernel.reshape(len(kernel), 4, -1).swapaxes(0, 1))


def _join_gates(by_gate: Floats) -> Floats:
    """Turn (4, n_inputs, units) into (n_inputs, 4 * units)."""
    return by_gate.swapaxes(0, 1).reshape(by_gate.shape[1], -1)
