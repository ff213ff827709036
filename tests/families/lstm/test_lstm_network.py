"""The network and its gradients against finite differences and against plain Keras."""

import numpy as np
import pytest

from automl_text.families.lstm.model import keras_model, network_logits
from automl_text.families.lstm.network import (
    Architecture,
    Batch,
    Forward,
    Networks,
    Sizes,
    initial_weights,
    word_tops,
)
from automl_text.families.lstm.vocabulary import TokenRows

SIZES = Sizes(n_words=15, embedding=6, units=4, n_classes=3)
EVERY = [
    Architecture(n_directions=n, pooling=p) for n in (1, 2) for p in ("last", "max", "mean", "max_and_words")
]
every_architecture = pytest.mark.parametrize(
    "architecture", EVERY, ids=lambda each: f"{each.n_directions}-{each.pooling}"
)


def token_rows(n_rows=5, longest=7, *, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, longest + 1, n_rows).astype(np.int32)
    lengths[0] = longest
    numbers = rng.integers(1, SIZES.n_words, (n_rows, longest)).astype(np.int32)
    numbers[np.arange(longest) >= lengths[:, None]] = 0
    return TokenRows(numbers=numbers, lengths=lengths)


def weights_of(architecture, *, seed=1):
    return [3 * array for array in initial_weights(architecture, SIZES, np.random.default_rng(seed))]


def batch_of(architecture, *of_networks, columns=1.0, **more):
    """Return a batch of which nothing is dropped, unless it is said otherwise."""
    n_features = weights_of(architecture)[-2].shape[0]
    shape = (len(of_networks), *of_networks[0].lengths.shape)
    return Batch(
        numbers=np.stack([rows.numbers for rows in of_networks]),
        lengths=np.stack([rows.lengths for rows in of_networks]),
        columns=np.full((shape[0], 1, shape[1], SIZES.embedding), columns, dtype=np.float32),
        features=np.ones((*shape, n_features), dtype=np.float32),
        **more,
    )


@every_architecture
def test_training_and_predicting_and_plain_keras_agree(architecture):
    rows, weights = token_rows(), weights_of(architecture)
    networks = Networks.of(architecture, [weights], share_words=False)
    trained = Forward.of(networks, batch_of(architecture, rows)).logits[0]
    applied = network_logits(architecture, weights, rows)
    np.testing.assert_allclose(applied, trained, atol=1e-5)
    plain = np.asarray(keras_model(architecture, [weights, weights], 2.0)(rows.numbers))
    shares = np.exp(applied / 2.0) / np.exp(applied / 2.0).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(plain, shares, atol=1e-5)


@every_architecture
def test_networks_side_by_side_are_those_alone(architecture):
    many, rows = [weights_of(architecture, seed=seed) for seed in (1, 2)], [token_rows(), token_rows(seed=5)]
    together = Forward.of(Networks.of(architecture, many, share_words=False), batch_of(architecture, *rows))
    for logits, weights, own in zip(together.logits, many, rows, strict=True):
        np.testing.assert_allclose(logits, network_logits(architecture, weights, own), atol=1e-5)
    for mine, theirs in zip(together.networks.weights(), many, strict=True):
        for one, other in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@every_architecture
def test_gradients_are_those_of_finite_differences(architecture):
    rng, batch = np.random.default_rng(0), batch_of(architecture, token_rows(), columns=1.25)
    networks = Networks.of(architecture, [weights_of(architecture)], share_words=False)
    direction = rng.normal(size=(1, 5, SIZES.n_classes)).astype(np.float32)

    def total():
        return float(np.sum(Forward.of(networks, batch).logits * direction, dtype=np.float64))

    slopes, by_word = Forward.of(networks, batch).gradients(direction, with_words=True)
    by_row = np.zeros_like(networks.words)
    np.add.at(by_row[0], batch.numbers[0].T, by_word[0])
    for array, slope in zip((*networks.rest, networks.words), (*slopes, by_row), strict=True):
        step = rng.choice([-1.0, 1.0], array.shape).astype(np.float32) * np.float32(1e-3)
        totals = []
        for moved in (step, -2 * step, step):
            array[...] += moved
            totals.append(total())
        assert (slope * step).sum() * 2 == pytest.approx(totals[0] - totals[1], rel=2e-2, abs=1e-4)


def test_maxima_of_words_that_never_change_are_those_of_the_texts():
    architecture, rows = EVERY[-1], token_rows()
    networks = Networks.of(architecture, [weights_of(architecture)] * 2, share_words=True)
    tops = np.stack([word_tops(networks.words[0], rows.numbers)] * 2)
    read, known = (
        Forward.of(networks, batch_of(architecture, rows, rows, columns=1.25, **more)).logits
        for more in ({}, {"tops": tops})
    )
    np.testing.assert_array_equal(read, known)


@every_architecture
def test_padding_changes_nothing(architecture):
    rows, weights = token_rows(), weights_of(architecture)
    padded = TokenRows(numbers=np.pad(rows.numbers, [(0, 0), (0, 4)]), lengths=rows.lengths)
    np.testing.assert_array_equal(
        network_logits(architecture, weights, padded), network_logits(architecture, weights, rows)
    )
