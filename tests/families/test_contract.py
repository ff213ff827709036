"""What holds for every family, whoever wrote it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, get_args, get_type_hints

import joblib
import numpy as np
import pytest
from pandas import DataFrame, Series
from scipy.special import softmax

from automl_text.errors import InputError
from automl_text.families.contract import ABSENT_LOGIT, ModelFamily, RefitPlan, Sample
from automl_text.families.registry import available, family_names, load_family
from automl_text.tuning.space import load_space, settings_of

MakeSample = Callable[..., Sample]
TEMPERATURE = 1.7
SMALL = {"rounds": 8, "epochs": 2, "embedding": "learned", "embedding_size": 64, "units": 32}
"""Fewer steps than a real fit, and no encoder needed, where a family has such a setting."""
EMPTY = ["", " ", "?!", "\n"]


def _families() -> list[Any]:
    """Return a parameter for every family whose module exists and whose libraries are here."""
    found = []
    for name in family_names():
        try:
            family = load_family(name)
        except ModuleNotFoundError as error:
            if not str(error.name).startswith("automl_text.families"):
                raise
            continue
        if name == "encoder" or not available(family):
            marks = [pytest.mark.slow] if name.startswith("lstm") else []
            found.append(pytest.param(family, id=name, marks=marks))
    return found


@pytest.fixture(autouse=True)
def _encoder(request: pytest.FixtureRequest) -> None:
    """Give the encoder its folder, or skip."""
    if request.node.callspec.params["family"].name == "encoder":
        request.getfixturevalue("encoder_folder")


every_family = pytest.mark.parametrize("family", _families())


def _settings(family: ModelFamily, **changes: object) -> Any:
    params = load_space(family.name).default_params
    small = {name: value for name, value in SMALL.items() if name in params}
    return settings_of(family, {**params, **small, **changes})


def _strategies(family: ModelFamily) -> tuple[str, ...]:
    return get_args(get_type_hints(family.settings).get("imbalance", None)) or ("",)


def _plan(sample: Sample, *, steps: int = 2) -> RefitPlan:
    return RefitPlan(
        texts=sample.train_texts,
        labels=[f"label {code}" for code in sample.train_codes],
        groups=sample.train_groups,
        seed=5,
        steps=steps,
        temperature=TEMPERATURE,
    )


@every_family
def test_settings_are_the_parameters_of_the_search_space(family: ModelFamily):
    space = load_space(family.name)
    assert {
        field.name for field in fields(family.settings)
    } == space.distributions.keys() | space.fixed.keys()


@every_family
def test_equal_seeds_give_equal_scores_whatever_ran_between(
    family: ModelFamily, sample: Sample, make_sample: MakeSample
):
    settings = _settings(family)
    first = family.score(sample, settings, seed=3)
    family.score(make_sample(2), settings, seed=4)
    np.testing.assert_array_equal(first.logits, family.score(sample, settings, seed=3).logits)


@every_family
@pytest.mark.parametrize("n_classes", [2, 3])
def test_refitting_on_the_training_rows_gives_the_scored_probabilities(
    family: ModelFamily, n_classes: int, make_sample: MakeSample
):
    sample = make_sample(n_classes)
    for strategy in _strategies(family):
        settings = _settings(family, **({"imbalance": strategy} if strategy else {}))
        scores = family.score(sample, settings, seed=5)
        middle = len(scores.steps) // 2
        estimator = family.refit(_plan(sample, steps=scores.steps[middle]), settings)
        np.testing.assert_allclose(
            estimator.predict_proba(sample.test_texts),
            softmax(scores.logits[middle].astype(float) / TEMPERATURE, axis=1),
            atol=1e-5,
            err_msg=strategy,
        )


def _beside(texts: Sequence[str], codes: Sequence[int]) -> DataFrame:
    """Return texts with a category, a few whole numbers and a number beside them, some cells missing."""
    places = np.arange(len(texts))
    columns = {
        "channel": np.array(
            [["web", "mail", "shop", ""][(code + (place % 5 == 0)) % 4] for place, code in enumerate(codes)]
        ),
        "grade": np.where(places % 4 == 0, np.nan, places % 3),
        "amount": np.where(places % 3 == 0, np.nan, np.exp(np.asarray(codes) + places / 7)),
    }
    return DataFrame({"text": Series(list(texts), dtype=object), **columns}).astype({"channel": object})


@every_family
@pytest.mark.parametrize("changes", [{}, {"n_svd": 3}, {"columns": "vectors"}], ids=str)
def test_refitting_with_columns_beside_the_text_gives_the_scored_probabilities(
    family: ModelFamily, changes: dict[str, Any], sample: Sample
):
    if not family.reads_beside or not changes.keys() <= load_space(family.name).default_params.keys():
        pytest.skip("it reads texts alone, or has no such setting")
    test_codes = [place % sample.n_classes for place in range(len(sample.test_texts))]
    train, test = _beside(sample.train_texts, sample.train_codes), _beside(sample.test_texts, test_codes)
    both = replace(sample, train_frame=train, test_frame=test, key=f"{sample.key} with columns")
    scores = family.score(both, _settings(family, **changes), seed=5)
    plan = replace(_plan(both, steps=scores.steps[-1]), frame=train)
    estimator: Any = family.refit(plan, _settings(family, **changes))
    given = estimator.predict_proba(test[["amount", "text", "grade", "channel"]])
    np.testing.assert_allclose(
        given, softmax(scores.logits[-1].astype(float) / TEMPERATURE, axis=1), atol=2e-5
    )
    alone = family.score(sample, _settings(family, **changes), seed=5)
    assert np.abs(alone.logits - scores.logits).max() > 0.01


@every_family
def test_scores_have_the_promised_shapes_and_sizes(family: ModelFamily, sample: Sample):
    scores = family.score(replace(sample, with_training_curve=True), _settings(family), seed=0)
    assert scores.logits.shape == (len(scores.steps), len(sample.test_texts), sample.n_classes)
    assert scores.logits.dtype == np.float32
    assert np.isfinite(scores.logits).all()
    assert list(scores.steps) == sorted(set(scores.steps))
    assert scores.n_parameters > 0
    assert scores.fit_seconds > 0
    assert scores.predict_seconds >= 0
    assert all(len(curve) == len(scores.steps) for curve in scores.training.values())


@every_family
@pytest.mark.parametrize("n_classes", [2, 12])
def test_two_and_twelve_categories_are_told_apart(
    family: ModelFamily, n_classes: int, make_sample: MakeSample
):
    sample = make_sample(n_classes)
    estimator = family.refit(_plan(sample), _settings(family))
    probabilities = estimator.predict_proba(sample.test_texts)
    assert list(estimator.classes_) == sorted({f"label {code}" for code in sample.train_codes})
    assert all(isinstance(label, str) for label in estimator.predict(sample.test_texts))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    chosen = np.asarray(estimator.classes_)[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(estimator.predict(sample.test_texts), chosen)


@every_family
def test_a_category_without_training_rows_gets_no_probability(family: ModelFamily, make_sample: MakeSample):
    sample = make_sample(2, n_classes=3)
    sample.train_codes[sample.train_codes == 1] = 2
    logits = family.score(sample, _settings(family), seed=0).logits
    assert (logits[..., 1] == ABSENT_LOGIT).all()
    assert (logits[..., [0, 2]] > ABSENT_LOGIT).all()


@every_family
def test_a_single_category_is_predicted_for_everything(family: ModelFamily, make_sample: MakeSample):
    sample = make_sample(1, n_classes=3)
    assert (family.score(sample, _settings(family), seed=0).logits.argmax(axis=-1) == 0).all()


@every_family
def test_unseen_words_and_empty_texts_are_predicted(family: ModelFamily, make_sample: MakeSample):
    sample = make_sample(test_texts=[*EMPTY, "zyx", "привет мир", "你好世界", "word " * 300])
    settings = _settings(family)
    assert np.isfinite(family.score(sample, settings, seed=0).logits).all()
    estimator = family.refit(_plan(sample), settings)
    assert np.isfinite(estimator.predict_proba(sample.test_texts)).all()


@every_family
@pytest.mark.parametrize(
    "texts", [["yes", "no", "maybe"], ["a", "b", "c"], ["", "!", " "], ["你好世界", "早上好", "谢谢你"]]
)
def test_texts_of_one_word_or_none_can_be_learned_from(
    family: ModelFamily, texts: list[str], make_sample: MakeSample
):
    codes = np.arange(12) % 3
    sample = make_sample(
        train_texts=[texts[code] for code in codes],
        train_codes=codes,
        train_groups=np.arange(12),
        test_texts=texts,
    )
    settings = _settings(family)
    scores = family.score(sample, settings, seed=5)
    assert np.isfinite(scores.logits).all()
    estimator = family.refit(_plan(sample, steps=scores.steps[-1]), settings)
    expected = softmax(scores.logits[-1].astype(float) / TEMPERATURE, axis=1)
    np.testing.assert_allclose(estimator.predict_proba(texts), expected, atol=1e-5)


@every_family
def test_saved_and_loaded_models_predict_alike(family: ModelFamily, sample: Sample):
    estimator = family.refit(_plan(sample), _settings(family))
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    loaded = joblib.load(file)
    np.testing.assert_array_equal(
        estimator.predict_proba(sample.test_texts), loaded.predict_proba(sample.test_texts)
    )


@every_family
def test_a_single_text_is_refused(family: ModelFamily, sample: Sample):
    estimator = family.refit(_plan(sample), _settings(family))
    with pytest.raises((ValueError, TypeError, InputError), match=r"(?i)string"):
        estimator.predict("one text alone")
