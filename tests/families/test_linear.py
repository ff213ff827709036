from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import random as sparse_random
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_sample_weight

from automl_text.families.contract import RefitPlan, Sample
from automl_text.families.imbalance import Balance
from automl_text.families.linear import _solve_svm
from automl_text.families.linear_model import Problem
from automl_text.families.registry import load_family
from automl_text.families.tfidf import sample_features, tfidf_settings_of
from automl_text.tuning.space import load_space, settings_of

PEERS = {
    "svm": lambda C: LinearSVC(C=C, random_state=0, tol=1e-8, max_iter=100_000),
    "ridge": lambda C: RidgeClassifier(alpha=1 / C),
    "": lambda C: LogisticRegression(C=C, tol=1e-8, max_iter=5000),
}


def _settings(classifier: str, **changes: Any) -> tuple[Any, Any]:
    name = "linear" if classifier else "logreg"
    extra = {"classifier": classifier} if classifier else {}
    return load_family(name), settings_of(
        load_family(name), {**load_space(name).default_params, **extra, **changes}
    )


@pytest.mark.parametrize("classifier", PEERS)
def test_logits_are_the_decision_values_of_scikit_learn(classifier: str, sample: Sample):
    family, settings = _settings(classifier, C=2.0)
    features = sample_features(sample, tfidf_settings_of(settings))
    weights = compute_sample_weight("balanced", sample.train_codes)
    peer = PEERS[classifier](2.0).fit(features.train.astype(float), sample.train_codes, sample_weight=weights)
    logits = family.score(sample, settings, seed=0).logits[0]
    np.testing.assert_allclose(logits, peer.decision_function(features.test.astype(float)), atol=3e-3)


@pytest.mark.parametrize("classifier", PEERS)
def test_two_categories_keep_the_decision_value_as_the_difference(classifier: str, make_sample):
    sample = make_sample(2)
    family, settings = _settings(classifier, C=2.0, imbalance="none")
    features = sample_features(sample, tfidf_settings_of(settings))
    peer = PEERS[classifier](2.0).fit(features.train.astype(float), sample.train_codes)
    logits = family.score(sample, settings, seed=0).logits[0]
    expected = peer.decision_function(features.test.astype(float))
    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], expected, atol=3e-3)


def test_a_support_vector_machine_is_fitted_in_the_dual_where_rows_outnumber_features(monkeypatch):
    features = sparse_random(2000, 30, density=0.3, random_state=0, dtype=np.float32).tocsr()
    codes, made = np.arange(2000) % 3, []
    monkeypatch.setattr("sklearn.svm.LinearSVC", lambda **given: made.append(LinearSVC(**given)) or made[-1])
    even = Balance(weights=np.ones(2000), offset=np.zeros(3))
    problem = Problem(features=features, key=None, codes=codes, balance=even, seed=0)
    found, notes = _solve_svm(problem, 1.0)
    peer = LinearSVC(dual=False, tol=1e-8).fit(features, codes)
    np.testing.assert_allclose(found.coef, peer.coef_, atol=3e-3)
    assert notes == ()
    assert made[0].dual is True


@pytest.mark.parametrize("classifier", PEERS)
def test_the_export_holds_types_of_scikit_learn_alone(classifier: str, sample: Sample):
    family, settings = _settings(classifier)
    plan = RefitPlan(
        texts=sample.train_texts,
        labels=[str(code) for code in sample.train_codes],
        groups=sample.train_groups,
        seed=0,
    )
    pipeline = family.refit(plan, settings)
    blocks = [block for _, block in pipeline.named_steps["features"].transformer_list]
    modules = {
        type(each).__module__.split(".")[0] for each in (pipeline, *pipeline.named_steps.values(), *blocks)
    }
    assert modules == {"sklearn"}


@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_a_temperature_changes_confidence_and_never_the_label(temperature: float, sample: Sample):
    family, settings = _settings("svm")
    labels = [str(code) for code in sample.train_codes]
    plain, cooled = (
        family.refit(
            RefitPlan(
                texts=sample.train_texts, labels=labels, groups=sample.train_groups, seed=0, temperature=each
            ),
            settings,
        )
        for each in (1.0, temperature)
    )
    np.testing.assert_array_equal(plain.predict(sample.test_texts), cooled.predict(sample.test_texts))
    means = [each.predict_proba(sample.test_texts).max(axis=1).mean() for each in (plain, cooled)]
    assert (means[1] > means[0]) == (temperature < 1)
