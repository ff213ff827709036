"""Multinomial logistic regression on partly dense features finds scikit-learn's minimum."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack, random
from sklearn.linear_model import LogisticRegression

from automl_text.families import linear_model, logreg
from automl_text.families.imbalance import Balance
from automl_text.families.logreg import FAMILY
from automl_text.families.newton import is_mostly_full, multinomial
from automl_text.tuning.space import load_space, settings_of


def _problem(n_rows=300, n_full=6, n_rest=40, n_classes=4):
    draw = np.random.default_rng(0)
    full = draw.normal(size=(n_rows, n_full)).astype(np.float32)
    rest = random(n_rows, n_rest, density=0.05, random_state=0, dtype=np.float32)
    codes = (full[:, :n_classes] + draw.normal(size=(n_rows, n_classes))).argmax(axis=1)
    return hstack([rest, csr_matrix(full)], format="csr"), codes, draw.uniform(0.3, 2, n_rows)


@pytest.mark.parametrize("C", [0.1, 3.0, 100.0])
@pytest.mark.parametrize("is_dense", [False, True])
def test_the_minimum_is_that_of_scikit_learn(C, is_dense):
    features, codes, weights = _problem()
    given = features.toarray() if is_dense else features
    coef, intercept, has_converged = multinomial(
        given, codes, weights, C=C, tolerance=1e-6, max_iterations=100
    )
    oracle = LogisticRegression(C=C, tol=1e-9, max_iter=10_000, solver="newton-cg")
    oracle.fit(features.astype(np.float64), codes, sample_weight=weights)
    assert has_converged
    np.testing.assert_allclose(coef, oracle.coef_, atol=2e-3 * np.abs(oracle.coef_).max())
    np.testing.assert_allclose(
        intercept - intercept.mean(), oracle.intercept_ - oracle.intercept_.mean(), atol=5e-3
    )


def test_a_fit_that_is_not_done_says_so():
    features, codes, weights = _problem()
    assert not multinomial(features, codes, weights, C=100.0, tolerance=1e-6, max_iterations=2)[2]


def test_where_most_numbers_stand_in_full_columns_is_told_from_the_numbers():
    features, *_ = _problem()
    assert is_mostly_full(features)
    assert not is_mostly_full(features[:, :40])


def test_logistic_regression_takes_this_way_on_many_rows_of_mostly_full_columns(monkeypatch):
    features, codes, weights = _problem()
    monkeypatch.setattr(linear_model, "MAX_ROWS", 0)
    problem = linear_model.Problem(
        features=features,
        key=None,
        codes=codes,
        balance=Balance(weights=weights, offset=np.zeros(4)),
        seed=0,
    )
    settings = settings_of(FAMILY, {**load_space("logreg").default_params, "C": 3.0})
    found, notes = FAMILY.solve(problem, settings)
    oracle = LogisticRegression(C=3.0, tol=1e-7, solver="newton-cg").fit(
        features, codes, sample_weight=weights
    )
    assert notes == ()
    np.testing.assert_allclose(found.coef, oracle.coef_, atol=0.02)
    monkeypatch.setattr(logreg, "_MAX_ITERATIONS", 1)
    assert FAMILY.solve(problem, settings)[1] == ("Logistic regression stopped before it converged.",)
