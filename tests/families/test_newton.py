"""Multinomial logistic regression on matrices side by side finds scikit-learn's minimum."""

import numpy as np
import pytest
from scipy.sparse import random
from sklearn.linear_model import LogisticRegression

from automl_text.families import linear_model, logreg
from automl_text.families.imbalance import Balance
from automl_text.families.logreg import FAMILY
from automl_text.families.newton import multinomial
from automl_text.families.side_by_side import SideBySide
from automl_text.tuning.space import load_space, settings_of


def _problem(n_rows=300, n_full=6, n_rest=40, n_classes=4):
    draw = np.random.default_rng(0)
    full = draw.normal(size=(n_rows, n_full)).astype(np.float32)
    rest = random(n_rows, n_rest, density=0.05, random_state=0, dtype=np.float32)
    codes = (full[:, :n_classes] + draw.normal(size=(n_rows, n_classes))).argmax(axis=1)
    return SideBySide.of(rest.tocsr(), full), codes, draw.uniform(0.3, 2, n_rows)


@pytest.mark.parametrize("C", [0.1, 3.0, 100.0])
@pytest.mark.parametrize("is_dense", [False, True])
def test_the_minimum_is_that_of_scikit_learn(C, is_dense):
    features, codes, weights = _problem()
    as_one = np.hstack([features.matrices[0].toarray(), features.matrices[1]])
    given = SideBySide.of(as_one) if is_dense else features
    coef, intercept, has_converged = multinomial(
        given, codes, weights, C=C, tolerance=1e-6, max_iterations=100
    )
    oracle = LogisticRegression(C=C, tol=1e-9, max_iter=10_000, solver="newton-cg")
    oracle.fit(as_one.astype(np.float64), codes, sample_weight=weights)
    assert has_converged
    np.testing.assert_allclose(coef, oracle.coef_, atol=2e-3 * np.abs(oracle.coef_).max())
    np.testing.assert_allclose(
        intercept - intercept.mean(), oracle.intercept_ - oracle.intercept_.mean(), atol=5e-3
    )


def test_a_fit_that_is_not_done_says_so():
    features, codes, weights = _problem()
    assert not multinomial(features, codes, weights, C=100.0, tolerance=1e-6, max_iterations=2)[2]


@pytest.mark.parametrize("n_classes", [2, 4])
def test_logistic_regression_takes_this_way_on_many_rows_side_by_side(monkeypatch, n_classes):
    features, codes, weights = _problem()
    codes = codes % n_classes
    monkeypatch.setattr(linear_model, "MAX_ROWS", 0)
    problem = linear_model.Problem(
        features=features,
        key=None,
        codes=codes,
        balance=Balance(weights=weights, offset=np.zeros(n_classes)),
        seed=0,
    )
    settings = settings_of(FAMILY, {**load_space("logreg").default_params, "C": 3.0})
    found, notes = FAMILY.solve(problem, settings)
    as_one = np.hstack([features.matrices[0].toarray(), features.matrices[1]])
    oracle = LogisticRegression(C=3.0, tol=1e-7, solver="newton-cg").fit(as_one, codes, sample_weight=weights)
    coef, _ = linear_model.two_columns(oracle.coef_, oracle.intercept_)
    assert notes == ()
    np.testing.assert_allclose(found.coef, coef, atol=0.02)
    monkeypatch.setattr(logreg, "_MAX_ITERATIONS", 1)
    assert FAMILY.solve(problem, settings)[1] == ("Logistic regression stopped before it converged.",)
