"""The fused kernel and the whole network against finite differences and against plain Keras."""

import numpy as np
import pytest

from automl_text.families.lstm.model import keras_model, network_logits
from automl_text.families.lstm.network import (
    Architecture,
    Noise,
    Sizes,
    _lstm_states,
    initial_weights,
    training_logits,
)
from automl_text.families.lstm.vocabulary import TokenRows

SIZES = Sizes(n_words=15, embedding=6, units=4, n_classes=3)
EVERY = [
    Architecture(n_directions=n, pooling=p) for n in (1, 2) for p in ("last", "max", "mean", "max_and_words")
]


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow")


def token_rows(n_rows=5, longest=7, *, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, longest + 1, n_rows).astype(np.int32)
    lengths[0] = longest
    numbers = rng.integers(1, SIZES.n_words, (n_rows, longest)).astype(np.int32)
    numbers[np.arange(longest) >= lengths[:, None]] = 0
    return TokenRows(numbers=numbers, lengths=lengths)


def weights_of(architecture, *, scale=3.0):
    return [scale * array for array in initial_weights(architecture, SIZES, np.random.default_rng(1))]


def silence(tf, *, words=0.0, spatial=0.0, features=0.0):
    return Noise(words=words, spatial=spatial, features=features, seed=tf.constant([1, 2]))


def states_and_slopes(tf, arrays, direction):
    tensors = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        states = _lstm_states(*tensors)
        total = tf.reduce_sum(states * direction)
    return states.numpy(), [slope.numpy() for slope in tape.gradient(total, tensors)]


@pytest.fixture
def lstm_case():
    rng = np.random.default_rng(5)
    shapes = [(6, 3, 4), (4, 20), (5, 20), (20,)]
    arrays = [rng.normal(0, 0.6, shape).astype(np.float32) for shape in shapes]
    return arrays, rng.normal(size=(6, 3, 5)).astype(np.float32)


def test_states_and_gradients_are_those_of_the_keras_layer(tf, lstm_case):
    import keras  # noqa: PLC0415  (TensorFlow takes seconds)

    arrays, direction = lstm_case
    states, slopes = states_and_slopes(tf, arrays, direction)
    layer = keras.layers.LSTM(5, return_sequences=True)
    texts_first = tf.constant(arrays[0].swapaxes(0, 1))
    layer.build(texts_first.shape)
    layer.set_weights(arrays[1:])
    with tf.GradientTape() as tape:
        tape.watch(texts_first)
        plain = layer(texts_first)
        total = tf.reduce_sum(plain * direction.swapaxes(0, 1))
    by_input, *by_weight = tape.gradient(total, [texts_first, *layer.trainable_weights])
    np.testing.assert_allclose(states, plain.numpy().swapaxes(0, 1), atol=1e-6)
    np.testing.assert_allclose(slopes[0], by_input.numpy().swapaxes(0, 1), atol=2e-5)
    for mine, theirs in zip(slopes[1:], by_weight, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), atol=2e-5)


def test_gradients_are_those_of_finite_differences(tf, lstm_case):
    arrays, direction = lstm_case
    _, slopes = states_and_slopes(tf, arrays, direction)
    rng = np.random.default_rng(0)
    for array, slope in zip(arrays, slopes, strict=True):
        step = rng.choice([-1.0, 1.0], array.shape).astype(np.float32) * np.float32(1e-3)
        totals = []
        for sign in (1, -1):
            moved = [each + sign * step if each is array else each for each in arrays]
            totals.append(
                float(np.sum(_lstm_states(*map(tf.constant, moved)).numpy() * direction, dtype=np.float64))
            )
        assert (slope * step).sum() * 2 == pytest.approx(totals[0] - totals[1], rel=5e-3, abs=2e-5)


def test_the_gradient_that_tensorflow_registers_is_still_wrong(tf, lstm_case):
    """Once this fails, the registered gradient is right and `_lstm_states` can lose its own."""
    (inputs, kernel, recurrent, bias), direction = lstm_case
    _, slopes = states_and_slopes(tf, lstm_case[0], direction)
    weight, zeros, peephole = tf.constant(np.concatenate([kernel, recurrent])), tf.zeros((3, 5)), tf.zeros(5)
    with tf.GradientTape() as tape:
        tape.watch(weight)
        gates = tf.raw_ops.BlockLSTMV2(
            seq_len_max=tf.constant(6, tf.int64), x=inputs, cs_prev=zeros, h_prev=zeros, w=weight,
            wci=peephole, wcf=peephole, wco=peephole, b=bias, cell_clip=0.0, use_peephole=False,
        )  # fmt: skip
        total = tf.reduce_sum(gates.h * direction)
    registered = tape.gradient(total, weight).numpy()
    assert np.abs(registered - np.concatenate(slopes[1:3])).max() > 0.1


@pytest.mark.parametrize("architecture", EVERY, ids=lambda a: f"{a.n_directions}-{a.pooling}")
def test_tensorflow_numpy_and_plain_keras_agree(tf, architecture):
    rows, weights = token_rows(), weights_of(architecture)
    trained = training_logits(architecture, weights, rows.numbers, rows.lengths, silence(tf)).numpy()
    applied = network_logits(architecture, weights, rows)
    np.testing.assert_allclose(applied, trained, atol=1e-5)
    plain = np.asarray(keras_model(architecture, [weights, weights], 2.0)(rows.numbers))
    shares = np.exp(applied / 2.0) / np.exp(applied / 2.0).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(plain, shares, atol=1e-5)


@pytest.mark.parametrize("architecture", EVERY, ids=lambda a: f"{a.n_directions}-{a.pooling}")
def test_padding_changes_nothing(architecture):
    rows, weights = token_rows(), weights_of(architecture)
    padded = TokenRows(numbers=np.pad(rows.numbers, [(0, 0), (0, 4)]), lengths=rows.lengths)
    np.testing.assert_array_equal(
        network_logits(architecture, weights, padded), network_logits(architecture, weights, rows)
    )


def test_what_is_dropped_follows_from_the_seed_alone(tf):
    rows, weights = token_rows(), weights_of(EVERY[-1])

    def noisy(seed):
        noise = Noise(words=0.3, spatial=0.3, features=0.3, seed=tf.constant(seed))
        return training_logits(EVERY[-1], weights, rows.numbers, rows.lengths, noise).numpy()

    np.testing.assert_array_equal(noisy([1, 2]), noisy([1, 2]))
    assert np.abs(noisy([1, 2]) - noisy([1, 3])).max() > 0.1
    assert np.abs(noisy([1, 2]) - noisy([2, 2])).max() > 0.1


def test_dropout_keeps_the_mean(tf):
    noise = silence(tf)
    kept = noise.drop(tf.ones([400, 50]), [400, 50], tf.constant(0.3), 1).numpy()
    assert set(np.unique(kept)) == {0.0, np.float32(1 / 0.7)}
    assert kept.mean() == pytest.approx(1.0, abs=0.02)


def test_all_words_dropped_leave_the_text_unknown(tf):
    rows, weights = token_rows(), weights_of(EVERY[0])
    unknown = TokenRows(numbers=np.where(rows.numbers > 0, 1, 0), lengths=rows.lengths)
    hidden = training_logits(EVERY[0], weights, rows.numbers, rows.lengths, silence(tf, words=1.0)).numpy()
    np.testing.assert_allclose(hidden, network_logits(EVERY[0], weights, unknown), atol=1e-5)
