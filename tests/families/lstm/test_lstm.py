import dataclasses
import runpy

import numpy as np
import pytest
from lstm_sample import SETTINGS, sample, texts_of

from automl_text.families.contract import ABSENT_LOGIT, RefitPlan
from automl_text.families.lstm.family import _STEPS, FAMILY
from automl_text.families.lstm.plain_keras import as_code


def test_it_learns_what_separates_the_categories():
    scores = FAMILY.score(sample(with_training_curve=True), SETTINGS, seed=0)
    truth = np.unique(texts_of(40, seed=1)[1], return_inverse=True)[1]
    assert (scores.logits[-1].argmax(axis=1) == truth).mean() > 0.95
    assert scores.training["macro_f1"][-1] > 0.95
    assert scores.training["loss"][-1] < scores.training["loss"][0]


def test_the_exported_model_is_the_one_that_was_scored():
    plain = sample()
    scores = FAMILY.score(plain, SETTINGS, seed=11)
    labels = np.array(["a", "b", "c"])[plain.train_codes]
    plan = RefitPlan(
        texts=plain.train_texts,
        labels=labels,
        groups=plain.train_groups,
        seed=11,
        steps=_STEPS[2],
        temperature=2.0,
    )
    model = FAMILY.refit(plan, SETTINGS)
    np.testing.assert_allclose(model.decision_function(plain.test_texts), scores.logits[2], atol=1e-6)
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert model.temperature == 2.0
    assert scores.n_parameters == sum(array.size for network in model.networks for array in network)


def test_absent_categories_are_impossible():
    codes = sample().train_codes
    scores = FAMILY.score(sample(train_codes=codes + (codes > 0), n_classes=5), SETTINGS, seed=0)
    assert (scores.logits[:, :, [1, 4]] == ABSENT_LOGIT).all()
    assert (np.abs(scores.logits[:, :, [0, 2, 3]]) < 100).all()


def test_test_texts_do_not_reach_the_fit():
    alone = FAMILY.score(sample(test_texts=["play jazz"]), SETTINGS, seed=0)
    beside = FAMILY.score(sample(test_texts=["play jazz", "unheard words " * 40]), SETTINGS, seed=0)
    np.testing.assert_allclose(beside.logits[:, :1], alone.logits, atol=1e-6)


def test_texts_without_a_known_word_get_a_finite_prediction():
    scores = FAMILY.score(sample(test_texts=["", "?!", "unheard"]), SETTINGS, seed=0)
    assert np.isfinite(scores.logits).all()
    np.testing.assert_allclose(scores.logits[:, 0], scores.logits[:, 2], atol=1e-6)


def test_cut_texts_are_said():
    assert FAMILY.score(sample(), SETTINGS, seed=0).notes == ()
    short = dataclasses.replace(SETTINGS, max_tokens=3)
    assert FAMILY.score(sample(), short, seed=0).notes == ("Texts cut at 3 tokens.",)


def test_a_single_row_can_be_fitted():
    one = sample(train_texts=["?"], train_codes=np.array([1]), train_groups=np.array([0]))
    assert FAMILY.score(one, SETTINGS, seed=0).logits[:, :, 1].max() > ABSENT_LOGIT


@pytest.mark.parametrize("strategy", ["none", "balanced", "tempered", "logit_adjustment", "focal"])
def test_every_imbalance_strategy_trains(strategy):
    settings = dataclasses.replace(SETTINGS, imbalance=strategy, n_seeds=1)
    assert np.isfinite(FAMILY.score(sample(), settings, seed=0).logits).all()


def test_strategies_that_favour_rare_categories_weigh_or_shift():
    codes = np.array([0] * 9 + [1])
    rows = SETTINGS.vocabulary(["a"]).encode(["a"] * 10)

    def of(strategy):
        return dataclasses.replace(SETTINGS, imbalance=strategy).training_rows(rows, codes)

    assert of("none").row_weights.tolist() == [1.0] * 10
    assert of("balanced").row_weights[[0, 9]] == pytest.approx([10 / 18, 5.0])
    tempered = of("tempered").row_weights
    assert tempered[9] / tempered[0] == pytest.approx(3.0)
    assert tempered.mean() == pytest.approx(1.0)
    assert of("logit_adjustment").logit_shift == pytest.approx(0.5 * np.log([0.9, 0.1]))
    assert of("focal").logit_shift.tolist() == [0.0, 0.0]
    assert dataclasses.replace(SETTINGS, imbalance="focal").recipe.focus == 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"pooling": "last", "n_directions": 2, "imbalance": "focal", "weight_average": 0.0},
        {"pooling": "max_and_words", "imbalance": "logit_adjustment"},
    ],
)
def test_the_plain_script_runs_and_learns(changes, tmp_path, monkeypatch):
    code = as_code(dataclasses.replace(SETTINGS, n_seeds=1, **changes), 10, 1.5)
    assert code.count("\n") <= 45
    assert "automl_text" not in code
    texts, labels = texts_of(60, seed=0)
    rows = "\n".join(f"{text},{label}" for text, label in zip(texts, labels, strict=True))
    (tmp_path / "data.csv").write_text(f"text,label\n{rows}\n")
    (tmp_path / "script.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    result = runpy.run_path("script.py")
    shares = np.asarray(result["probabilities"])
    assert (result["classes"][shares.argmax(axis=1)] == labels).mean() > 0.9
