import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.errors import RunError
from automl_text.families.lstm.model import keras_model
from automl_text.families.lstm.network import Architecture, Sizes, initial_weights
from automl_text.families.lstm.training import Recipe, TrainingRows, _batches, _focal_loss, _kept, train
from automl_text.families.lstm.vocabulary import TokenRows

BOTH_WAYS = Architecture(n_directions=2, pooling="max_and_words")
SIZES = Sizes(n_words=15, embedding=6, units=4, n_classes=3)


def recipe(**changes):
    fields = {
        "learning_rate": 0.01,
        "batch_size": 8,
        "word_dropout": 0.1,
        "spatial_dropout": 0.2,
        "dropout": 0.3,
        "label_smoothing": 0.1,
        "focus": 0.5,
        "weight_average": 0.5,
    }
    return Recipe(**fields | changes)


def rows_of(n_rows=20, longest=6, *, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, longest + 1, n_rows).astype(np.int32)
    numbers = rng.integers(1, SIZES.n_words, (n_rows, longest)).astype(np.int32)
    numbers[np.arange(longest) >= lengths[:, None]] = 0
    return TrainingRows(
        tokens=TokenRows(numbers=numbers, lengths=lengths),
        codes=rng.integers(0, SIZES.n_classes, n_rows),
        row_weights=rng.uniform(0.5, 2.0, n_rows).astype(np.float32),
        logit_shift=np.zeros(SIZES.n_classes, dtype=np.float32),
    )


def after(epochs, *, rows=None, recipe_=None, sizes=SIZES, seed=3):
    trained = train(BOTH_WAYS, sizes, rows or rows_of(), recipe_ or recipe(), seeds=[seed])
    for _ in range(epochs):
        (weights,) = next(trained)
    return weights


@given(st.lists(st.integers(1, 50), min_size=1, max_size=300), st.integers(1, 40), st.integers(0, 99))
def test_every_row_is_in_one_batch(lengths, batch_size, seed):
    (order,), bounds = _batches(np.array(lengths, dtype=np.int32), batch_size, [np.random.default_rng(seed)])
    seen = np.concatenate([order[start:end] for start, end in bounds])
    assert sorted(seen.tolist()) == list(range(len(lengths)))
    assert max(end - start for start, end in bounds) <= batch_size


def test_batches_hold_texts_of_like_length():
    lengths = np.random.default_rng(0).integers(1, 100, 1000).astype(np.int32)
    (order,), bounds = _batches(lengths, 10, [np.random.default_rng(1)])
    computed = sum((end - start) * lengths[order[start:end]].max() for start, end in bounds)
    assert computed < 1.35 * lengths.sum()


@pytest.mark.parametrize(
    ("n_directions", "pooling", "clipped"),
    [(1, "last", False), (2, "max", True), (1, "mean", True), (2, "max_and_words", False)],
)
def test_weights_are_those_of_keras_after_some_steps_without_dropout(n_directions, pooling, clipped):
    import keras  # noqa: PLC0415  (TensorFlow takes seconds)

    architecture = Architecture(n_directions=n_directions, pooling=pooling)
    rows = rows_of()
    if clipped:
        rows.row_weights[:] *= 40
    plain = recipe(batch_size=20, word_dropout=0, spatial_dropout=0, dropout=0, focus=0, weight_average=0)
    model = keras_model(architecture, [initial_weights(architecture, SIZES, np.random.default_rng(3))], 1.0)
    model.compile(
        optimizer=keras.optimizers.Adam(0.01, clipnorm=1.0),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        run_eagerly=True,
    )
    trained = train(architecture, SIZES, rows, plain, seeds=[8, 3])
    for _ in range(3):
        _, weights = next(trained)
        one_hot = np.eye(SIZES.n_classes)[rows.codes]
        model.train_on_batch(rows.tokens.numbers, one_hot, sample_weight=rows.row_weights)
    for mine, theirs in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_what_is_dropped_keeps_the_mean():
    kept = _kept((400, 50), 0.3, np.random.default_rng(0))
    assert set(np.unique(kept)) == {0.0, np.float32(1 / 0.7)}
    assert kept.mean() == pytest.approx(1.0, abs=0.02)


def test_words_that_never_change_stay_as_they_are():
    words = np.random.default_rng(0).normal(size=(15, 6)).astype(np.float32)
    weights = after(2, rows=replace(rows_of(), words=words), recipe_=recipe(word_rate=0.0))
    np.testing.assert_array_equal(weights[0], words)


def test_a_fit_does_not_depend_on_what_ran_before():
    first = after(3)
    after(2, rows=rows_of(33, 9, seed=4), sizes=Sizes(n_words=15, embedding=9, units=7, n_classes=3), seed=8)
    for one, other in zip(first, after(3), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_fit_in_a_fresh_process_is_the_same(tmp_path):
    after(1, seed=99)
    np.savez(tmp_path / "here.npz", *after(3))
    script = (
        "import sys, numpy; sys.path.insert(0, sys.argv[1]); import test_lstm_training as t;"
        "numpy.savez(sys.argv[2], *t.after(3))"
    )
    folder = __file__.rpartition("/")[0]
    subprocess.run([sys.executable, "-c", script, folder, tmp_path / "fresh.npz"], check=True)  # noqa: S603
    here, fresh = np.load(tmp_path / "here.npz"), np.load(tmp_path / "fresh.npz")
    for name in here.files:
        np.testing.assert_array_equal(here[name], fresh[name])


def test_the_average_weighs_epochs_by_a_falling_power():
    last = recipe(weight_average=0.0)
    one, two, three = (after(epoch, recipe_=last) for epoch in (1, 2, 3))
    expected = [(0.25 * a + 0.5 * b + c) / 1.75 for a, b, c in zip(one, two, three, strict=True)]
    for mine, theirs in zip(after(3), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_a_loss_that_is_no_number_ends_the_fit_with_a_remedy():
    rows = rows_of()
    rows.row_weights[0] = np.inf
    with pytest.raises(RunError, match=r"loss became .* in epoch 1; lower learning_rate"):
        after(1, rows=rows)


@pytest.mark.parametrize("focus", [0.0, 0.7, 2.0])
def test_focal_loss_and_its_gradient_follow_its_formula(focus):
    scores, targets = np.array([2.0, 0.0, -1.0]), np.array([0.8, 0.1, 0.1])

    def formula(scores):
        shares = np.exp(scores) / np.exp(scores).sum()
        return -((1 - targets @ shares) ** focus) * (targets @ np.log(shares))

    losses, slopes = _focal_loss(targets[None].astype(np.float32), scores[None].astype(np.float32), focus)
    assert float(losses[0]) == pytest.approx(formula(scores), rel=1e-4)
    steps = 1e-5 * np.eye(3)
    expected = [(formula(scores + step) - formula(scores - step)) / 2e-5 for step in steps]
    np.testing.assert_allclose(slopes[0], expected, atol=1e-4)
