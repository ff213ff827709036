"""The network in NumPy: embedding, one or two LSTM directions, pooling, a linear layer, and their gradients.

Weights of one network are a list in the order of ``keras.Model.get_weights()``: embedding; kernel, recurrent kernel and
bias of each direction; kernel and bias of the linear layer. So a plain Keras model takes them as they are.

In training several networks go side by side: at batches of some short texts a step of an LSTM costs little more than
the calls that it is made of, and these serve all networks and both directions at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Pooling = Literal["last", "max", "mean", "max_and_words"]
Tensor = Any  # Keras ships no types

BOTH = 2
BEHIND_TEXT = -1.0e9
"""Added to values behind a text, so that no maximum lies there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """How many directions are read, and how the states of a text become one."""

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Networks:
    """The weights of several networks of one architecture; what is called a run is one direction of one of them."""

    architecture: Architecture
    words: Floats
    """Shape (n_networks, n_words, n_inputs), or (1, n_words, n_inputs) where all share what none of them learns."""
    rest: tuple[Floats, ...]
    """Kernels, recurrent kernels and biases, shape (n_directions * n_networks, ...), directions first; then kernels and
    biases of the linear layers, shape (n_networks, ...)."""

    @classmethod
    def of(
        cls, architecture: Architecture, networks: Sequence[Sequence[Floats]], *, share_words: bool
    ) -> Networks:
        """Return copies of the weights of networks, each in Keras's order."""
        starts = range(1, 1 + 3 * architecture.n_directions, 3)
        of_runs = [[network[start + which] for start in starts for network in networks] for which in range(3)]
        linear = [[network[which] for network in networks] for which in (-2, -1)]
        return cls(
            architecture=architecture,
            words=np.stack([network[0] for network in (networks[:1] if share_words else networks)]),
            rest=tuple(np.stack(each) for each in (*of_runs, *linear)),
        )

    def weights(self) -> list[list[Floats]]:
        """Return the weights of each network in Keras's order, as views."""
        *of_runs, linear, bias = self.rest
        n_networks = len(linear)
        runs = [range(number, len(of_runs[0]), n_networks) for number in range(n_networks)]
        return [
            [
                self.words[number % len(self.words)],
                *(array[run] for run in runs[number] for array in of_runs),
                linear[number],
                bias[number],
            ]
            for number in range(n_networks)
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Some texts for each of several networks, and what is dropped of them: masks of 0 and 1 / (1 - rate)."""

    numbers: NDArray[np.int32]
    """Of the words, shape (n_networks, n_texts, n_steps)."""
    lengths: NDArray[np.int32]
    """Shape (n_networks, n_texts)."""
    columns: Floats
    """Shape (n_networks, 1, n_texts, n_inputs): a text's words lose the same ones."""
    features: Floats
    """Shape (n_networks, n_texts, n_features): what the linear layers see."""
    tops: Floats | None = None
    """The maxima over each text's word vectors, shape (n_networks, n_texts, n_inputs), where these never change."""

    @property
    def is_inside(self) -> NDArray[np.bool_]:
        """Which steps lie inside of their texts, shape (n_networks, n_steps, n_texts)."""
        steps = np.arange(self.numbers.shape[2])
        return np.asarray(steps[:, None] < self.lengths[:, None, :])

    @property
    def turned(self) -> NDArray[np.int64]:
        """The step that stands at each place when texts are read backwards, shape (n_networks, n_steps, n_texts, 1)."""
        steps, lengths = np.arange(self.numbers.shape[2])[:, None], self.lengths[:, None, :]
        return np.asarray(np.where(steps < lengths, lengths - 1 - steps, steps)[..., None])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forward:
    """A batch on its way through networks, and all that the gradients need."""

    networks: Networks
    batch: Batch
    words: Floats
    """Shape (n_networks, n_steps, n_texts, n_inputs), some columns dropped."""
    states: _States
    features: Floats
    """What the linear layers see, shape (n_networks, n_texts, n_features)."""

    @classmethod
    def of(cls, networks: Networks, batch: Batch) -> Forward:
        """Read the texts."""
        n_networks, n_texts = batch.lengths.shape
        tables = np.broadcast_to(np.arange(len(networks.words)), n_networks)[:, None, None]
        words = networks.words[tables, batch.numbers.swapaxes(1, 2)]
        words *= batch.columns
        given = [words]
        if networks.architecture.n_directions == BOTH:
            given.append(np.take_along_axis(words, batch.turned, axis=1))
        states = _States.forward(np.concatenate(given) if len(given) > 1 else words, *networks.rest[:3])
        pooling = networks.architecture.pooling
        pooled = _pool(pooling, states.hidden[:, 1:], _by_run(batch, len(given)))
        blocks = list(pooled.reshape(len(given), n_networks, n_texts, -1))
        if pooling == "max_and_words" and batch.tops is not None:
            blocks.append(batch.tops * batch.columns[:, 0])
        elif pooling == "max_and_words":
            blocks.append(_pool(pooling, words, batch.is_inside))
        features = np.concatenate(blocks, axis=-1) * batch.features
        return cls(networks=networks, batch=batch, words=words, states=states, features=features)

    @property
    def logits(self) -> Floats:
        """Shape (n_networks, n_texts, n_classes)."""
        kernel, bias = self.networks.rest[3:]
        scores: Floats = self.features @ kernel + bias[:, None]
        return scores

    def gradients(self, by_logit: Floats, *, with_words: bool) -> tuple[list[Floats], Floats | None]:
        """Return the gradients by ``networks.rest``, and by each word of the texts, shaped as ``words``, if wanted."""
        kernel = self.networks.rest[3]
        of_linear = [self.features.swapaxes(1, 2) @ by_logit, by_logit.sum(axis=1)]
        by_feature = (by_logit @ kernel.swapaxes(1, 2)) * self.batch.features
        n_runs, units = len(self.networks.rest[0]), self.networks.rest[1].shape[1]
        n_directions = n_runs // len(kernel)
        by_pooled = np.concatenate(
            [by_feature[..., run * units : (run + 1) * units] for run in range(n_directions)]
        )
        pooling, is_inside = self.networks.architecture.pooling, _by_run(self.batch, n_directions)
        by_gate = self.states.backward(_unpool(pooling, self.states.hidden[:, 1:], is_inside, by_pooled))
        gradients = [*self.states.by_weights(by_gate), *of_linear]
        if not with_words:
            return gradients, None
        by_word, *backwards = self.states.by_inputs(by_gate).reshape(n_directions, *self.words.shape)
        for each in backwards:  # a reversal is its own inverse
            by_word = by_word + np.take_along_axis(each, self.batch.turned, axis=1)
        if pooling == "max_and_words":
            by_top = by_feature[..., n_directions * units :]
            by_word = by_word + _unpool(pooling, self.words, self.batch.is_inside, by_top)
        return gradients, by_word * self.batch.columns


def _by_run(batch: Batch, n_directions: int) -> NDArray[np.bool_]:
    """Return which steps lie inside of the texts of each run, shape (n_runs, n_steps, n_texts)."""
    return np.concatenate([batch.is_inside] * n_directions)


def half_and_shift(units: int) -> tuple[Floats, Floats]:
    """Return what makes the four gates' activations of one tanh: it takes half of them, and gives half plus the shift.

    The logistic function is such a tanh of half its argument; the third gate is a tanh as it is.
    """
    half = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], dtype=np.float32), units)
    return half, 1 - half


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _States:
    """LSTMs over a batch, side by side; arrays have shape (n_runs, n_steps, n_texts, ...)."""

    inputs: Floats
    """Shape (n_runs, n_steps * n_texts, n_inputs)."""
    kernel: Floats
    recurrent: Floats
    gates: Floats
    """Behind their activations, shape (n_runs, n_steps, n_texts, 4, units), in Keras's order: input, forget, cell,
    output."""
    cells: Floats
    """One more than steps; the first are zero."""
    shown: Floats
    """tanh of the cells."""
    hidden: Floats
    """One more than steps; the first are zero."""

    @classmethod
    def forward(cls, inputs: Floats, kernel: Floats, recurrent: Floats, bias: Floats) -> _States:
        """Run over ``inputs``, shape (n_runs, n_steps, n_texts, n_inputs), from zero states."""
        n_runs, n_steps, n_texts, n_in = inputs.shape
        units = recurrent.shape[1]
        flat = inputs.reshape(n_runs, n_steps * n_texts, n_in)
        half, shift = half_and_shift(units)
        gates: Floats = flat @ (kernel * half)
        gates += (bias * half)[:, None]
        gates = gates.reshape(n_runs, n_steps, n_texts, 4 * units)
        by_hidden, recurrent_half = np.empty_like(gates[:, 0]), recurrent * half
        cells = np.zeros((n_runs, n_steps + 1, n_texts, units), dtype=np.float32)
        hidden, shown, new = np.zeros_like(cells), np.empty_like(cells[:, 1:]), np.empty_like(cells[:, 0])
        for step in range(n_steps):
            gate, cell = gates[:, step], cells[:, step + 1]
            np.matmul(hidden[:, step], recurrent_half, out=by_hidden)
            gate += by_hidden
            np.tanh(gate, out=gate)
            gate *= half
            gate += shift
            np.multiply(gate[..., units : 2 * units], cells[:, step], out=cell)
            np.multiply(gate[..., :units], gate[..., 2 * units : 3 * units], out=new)
            cell += new
            np.tanh(cell, out=shown[:, step])
            np.multiply(gate[..., 3 * units :], shown[:, step], out=hidden[:, step + 1])
        return cls(
            inputs=flat,
            kernel=kernel,
            recurrent=recurrent,
            gates=gates.reshape(n_runs, n_steps, n_texts, 4, units),
            cells=cells,
            shown=shown,
            hidden=hidden,
        )

    def backward(self, by_hidden: Floats) -> Floats:
        """Return gradients by what goes into the activations, shaped as ``gates``, from those by the hidden states."""
        take, forget, new, show = (self.gates[..., which, :] for which in range(4))
        result = self.gates * (1 - self.gates)
        np.multiply(new, new, out=result[..., 2, :])
        np.subtract(1, result[..., 2, :], out=result[..., 2, :])
        for which, factor in enumerate((new, self.cells[:, :-1], take, self.shown)):
            result[..., which, :] *= factor
        to_cell = show * (1 - self.shown * self.shown)
        backwards = np.ascontiguousarray(self.recurrent.swapaxes(1, 2))
        later, by_cell = np.zeros_like(self.cells[:, 0]), np.zeros_like(self.cells[:, 0])
        for step in range(by_hidden.shape[1] - 1, -1, -1):
            to = result[:, step]
            later += by_hidden[:, step]
            by_cell += later * to_cell[:, step]
            to[..., :3, :] *= by_cell[..., None, :]
            to[..., 3, :] *= later
            by_cell *= forget[:, step]
            np.matmul(to.reshape(*later.shape[:2], -1), backwards, out=later)
        return result

    def by_weights(self, by_gate: Floats) -> tuple[Floats, Floats, Floats]:
        """Return gradients by kernels, recurrent kernels and biases."""
        flat, earlier = self._flat(by_gate), self._flat(self.hidden[:, :-1])
        return self.inputs.swapaxes(1, 2) @ flat, earlier.swapaxes(1, 2) @ flat, flat.sum(axis=1)

    def by_inputs(self, by_gate: Floats) -> Floats:
        """Return gradients by the inputs, shape (n_runs, n_steps * n_texts, n_inputs)."""
        by_input: Floats = self._flat(by_gate) @ self.kernel.swapaxes(1, 2)
        return by_input

    def _flat(self, by_step: Floats) -> Floats:
        """Return one row of numbers for each step and text, shape (n_runs, n_steps * n_texts, n)."""
        n_runs, n_steps, n_texts = by_step.shape[:3]
        return by_step.reshape(n_runs, n_steps * n_texts, -1)


def word_tops(words: Floats, numbers: NDArray[np.int32]) -> Floats:
    """Return the maxima over the word vectors of each text, shape (n_texts, n_inputs); number 0 is padding."""
    return np.stack([words[row[row > 0]].max(axis=0) for row in numbers])


def _pool(pooling: Pooling, values: Floats, is_inside: NDArray[np.bool_]) -> Floats:
    """Return one row of each text, shape (n_runs, n_texts, n), from its steps, (n_runs, n_steps, n_texts, n)."""
    pooled: Floats
    if pooling in _BY_SHARES:
        pooled = (values * _BY_SHARES[pooling](is_inside)).sum(axis=1)
    else:
        pooled = _without_padding(values, is_inside).max(axis=1)
    return pooled


def _unpool(pooling: Pooling, values: Floats, is_inside: NDArray[np.bool_], by_pooled: Floats) -> Floats:
    """Return the gradient by ``values``, from that by their pool; steps that share a maximum share its gradient."""
    by_value: Floats
    if pooling in _BY_SHARES:
        by_value = by_pooled[:, None] * _BY_SHARES[pooling](is_inside)
    else:
        inside = _without_padding(values, is_inside)
        is_top = inside == inside.max(axis=1, keepdims=True)
        by_value = is_top * (by_pooled / is_top.sum(axis=1, dtype=np.float32))[:, None]
    return by_value


def _without_padding(values: Floats, is_inside: NDArray[np.bool_]) -> Floats:
    behind: Floats = values + np.where(is_inside, np.float32(0), np.float32(BEHIND_TEXT))[..., None]
    return behind


def _mean_shares(is_inside: NDArray[np.bool_]) -> Floats:
    shares: Floats = (is_inside / is_inside.sum(axis=1, keepdims=True)).astype(np.float32)[..., None]
    return shares


def _last_shares(is_inside: NDArray[np.bool_]) -> Floats:
    is_last = is_inside.copy()
    is_last[:, :-1] &= ~is_inside[:, 1:]
    return is_last.astype(np.float32)[..., None]


_BY_SHARES: Mapping[Pooling, Callable[[NDArray[np.bool_]], Floats]] = {
    "mean": _mean_shares,
    "last": _last_shares,
}
"""How much each step of a text counts, where its row is a sum of them: shape (n_runs, n_steps, n_texts, 1)."""
