import numpy as np
import pytest

from automl_text.families.contract import ABSENT_LOGIT, RefitPlan, Sample
from automl_text.families.lstm.as_posted import _EPOCHS, FAMILY, PostedSettings
from automl_text.families.lstm.as_posted_training import (
    ARCHITECTURE,
    Masks,
    PostedRows,
    _gradients,
    train,
)
from automl_text.families.lstm.network import Sizes, initial_weights
from automl_text.families.lstm.vocabulary import PostedVocabulary

TEXTS = ["Play some jazz, please!", "stop", "Will it rain (tomorrow)?", "rain or snow?", "play it again"] * 4
CODES = np.array([0, 0, 1, 1, 0] * 4)
SIZES = Sizes(n_words=12, embedding=6, units=5, n_classes=3)


def rows_of(n_rows, n_steps, *, seed=0):
    rng = np.random.default_rng(seed)
    return PostedRows(
        numbers=rng.integers(1, SIZES.n_words, (n_rows, n_steps)).astype(np.int32),
        targets=np.eye(SIZES.n_classes, dtype=np.float32)[rng.integers(0, SIZES.n_classes, n_rows)],
        row_weights=rng.uniform(0.5, 2.0, n_rows).astype(np.float32),
    )


def no_masks(n_texts):
    return Masks.draw(SIZES, n_texts, 0.0, np.random.default_rng(0))


def test_tokens_are_those_of_keras():
    from keras.src.legacy.preprocessing.text import Tokenizer  # noqa: PLC0415  (TensorFlow takes seconds)
    from keras.utils import pad_sequences  # noqa: PLC0415

    texts = [*TEXTS, "  Tab\there & (there); new\nline  ", "a a a b"]
    tokenizer = Tokenizer(num_words=50_000)
    tokenizer.fit_on_texts(texts)
    vocabulary = PostedVocabulary.learn(texts, max_words=49_999, longest=250)
    seen = [*texts, "never seen jazz", "", "play " * 30]
    expected = pad_sequences(tokenizer.texts_to_sequences(seen), maxlen=vocabulary.max_tokens)
    np.testing.assert_array_equal(vocabulary.encode(seen).numbers, expected + 1)


def test_weights_are_those_of_keras_after_some_steps_without_dropout():
    import keras  # noqa: PLC0415

    rows = rows_of(10, 4)
    weights = initial_weights(ARCHITECTURE, SIZES, np.random.default_rng(7))
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Embedding(SIZES.n_words, SIZES.embedding),
            layers.LSTM(SIZES.units),
            layers.Dense(SIZES.n_classes, activation="softmax"),
        ]
    )
    model.build((None, 4))
    model.set_weights(weights)
    model.compile(optimizer="adam", loss="categorical_crossentropy", run_eagerly=True)
    epochs = train(SIZES, rows, dropout=0.0, seed=7)
    for _ in range(4):
        ours = next(epochs)
        model.train_on_batch(rows.numbers, rows.targets, sample_weight=rows.row_weights)
    for mine, theirs in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-5)
    assert np.abs(ours[0] - weights[0]).max() > 1e-3


def test_rows_of_unused_words_keep_their_first_values():
    rows = rows_of(10, 4)
    epochs = train(SIZES, rows, dropout=0.2, seed=7)
    unused = np.setdiff1d(np.arange(SIZES.n_words), rows.numbers)
    first = initial_weights(ARCHITECTURE, SIZES, np.random.default_rng(7))[0]
    np.testing.assert_array_equal(next(epochs)[0][unused], first[unused])


@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_gradients_agree_with_finite_differences_under_the_same_masks(rate):
    rng = np.random.default_rng(3)
    rows = rows_of(3, 4)
    weights = [w.astype(np.float64) for w in initial_weights(ARCHITECTURE, SIZES, rng)]
    masks = Masks.draw(SIZES, 3, rate, rng)
    slopes = _gradients(weights, rows, masks)

    def loss():
        return plain_loss(weights, rows, masks)

    for weight, (slope, _) in zip(weights, slopes, strict=True):
        for index in rng.integers(0, weight.size, 6):
            at = np.unravel_index(index, weight.shape)
            assert slope[at] == pytest.approx(numeric_slope(loss, weight, at), abs=2e-5)


def numeric_slope(loss, weight, at):
    step = 1e-3
    middle = weight[at]
    losses = []
    for moved in (middle + step, middle - step):
        weight[at] = moved
        losses.append(loss())
    weight[at] = middle
    return (losses[0] - losses[1]) / (2 * step)


def plain_loss(weights, rows, masks):
    """An LSTM written again, gate by gate and text by text."""
    embedding, kernel, recurrent, bias, out_kernel, out_bias = weights
    units, total = recurrent.shape[0], 0.0
    for text, (numbers, target, weight) in enumerate(
        zip(rows.numbers, rows.targets, rows.row_weights, strict=True)
    ):
        state = cell = np.zeros(units)
        for number in numbers:
            word = embedding[number] * masks.spatial[text]
            gates = []
            for gate in range(4):
                cut = slice(gate * units, (gate + 1) * units)
                seen = (word * masks.inputs[gate, 0, text]) @ kernel[:, cut]
                remembered = (state * masks.recurrent[gate, text]) @ recurrent[:, cut]
                gates.append(seen + remembered + bias[cut])
            take, forget, show = (1 / (1 + np.exp(-gates[index])) for index in (0, 1, 3))
            cell = forget * cell + take * np.tanh(gates[2])
            state = show * np.tanh(cell)
        scores = state @ out_kernel + out_bias
        total -= weight * (scores[target.argmax()] - np.log(np.exp(scores).sum()))
    return total / len(rows.numbers)


def sample(**changes):
    fields = {
        "train_texts": TEXTS,
        "train_codes": CODES * 2,
        "train_groups": np.arange(len(TEXTS)),
        "test_texts": ["play jazz", "snow", "?"],
        "n_classes": 3,
        "key": "a",
    }
    return Sample(**fields | changes)


def test_every_epoch_is_scored_and_absent_classes_are_impossible():
    scores = FAMILY.score(sample(with_training_curve=True), PostedSettings(), seed=1)
    assert scores.steps == tuple(range(1, _EPOCHS + 1))
    assert scores.logits.shape == (_EPOCHS, 3, 3)
    assert (scores.logits[:, :, 1] == ABSENT_LOGIT).all()
    assert {name: len(curve) for name, curve in scores.training.items()} == dict.fromkeys(
        ("macro_f1", "pr_auc", "loss"), _EPOCHS
    )
    assert scores.n_parameters == 50_000 * 100 + 4 * 100 * (100 + 100 + 1) + 101 * 2


def test_the_exported_model_is_that_of_the_scores_and_of_plain_keras():
    scores = FAMILY.score(sample(train_codes=CODES, n_classes=2), PostedSettings(), seed=5)
    plan = RefitPlan(
        texts=TEXTS, labels=["ab"[code] for code in CODES], groups=np.arange(len(TEXTS)), seed=5, steps=3
    )
    model = FAMILY.refit(plan, PostedSettings())
    texts = sample().test_texts
    np.testing.assert_allclose(model.decision_function(texts), scores.logits[2], atol=1e-6)
    plain = np.asarray(model.keras_model()(model.vocabulary.encode(texts).numbers))
    np.testing.assert_allclose(plain, model.predict_proba(texts), atol=1e-5)


def test_long_texts_are_cut_and_the_row_says_so():
    texts = ["long " * 300, *TEXTS]
    codes = np.append(CODES, 1)
    vocabulary = PostedVocabulary.learn(texts, max_words=100, longest=100)
    assert vocabulary.encode(texts).numbers.shape == (21, 100)
    short = sample(train_texts=texts[:2], train_codes=codes[:2], train_groups=np.arange(2))
    assert FAMILY.score(short, PostedSettings(), seed=0).notes == ("Texts cut at 60 tokens.",)
