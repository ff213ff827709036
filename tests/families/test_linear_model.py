from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import normalize

from automl_text.families import linear_model as module
from automl_text.families.linear_model import _row_space
from automl_text.families.registry import load_family
from automl_text.tuning.space import load_space, settings_of

if TYPE_CHECKING:
    from automl_text.families.contract import Sample


def _features(n_rows: int, n_features: int) -> sp.csr_matrix:
    rng = np.random.default_rng(0)
    return sp.random(n_rows, n_features, 0.2, format="csr", dtype=np.float32, random_state=rng)


def test_logistic_regression_in_the_space_of_rows_is_the_one_on_features():
    features, codes = _features(30, 200), np.arange(30) % 3
    space = _row_space(features)
    assert space.matrix.shape == (30, 30)
    small = LogisticRegression(C=10, tol=1e-8, max_iter=2000).fit(space.matrix, codes)
    large = LogisticRegression(C=10, tol=1e-8, max_iter=2000).fit(features.astype(float), codes)
    np.testing.assert_allclose(space.coef(small.coef_), large.coef_, atol=1e-4)
    np.testing.assert_allclose(small.intercept_, large.intercept_, atol=1e-4)


def test_repeated_and_empty_rows_do_no_harm():
    features = sp.vstack([_features(10, 50)] * 2 + [sp.csr_matrix((2, 50))], format="csr", dtype=np.float32)
    target = np.arange(22.0)
    space = _row_space(features)
    small = Ridge(alpha=0.5).fit(space.matrix, target)
    large = Ridge(alpha=0.5).fit(features.toarray().astype(float), target)
    np.testing.assert_allclose(space.coef(small.coef_[np.newaxis])[0], large.coef_, atol=1e-4)


def test_many_copies_of_a_row_can_be_factorised():
    features = sp.vstack([normalize(_features(20, 4000))] * 20, format="csr", dtype=np.float32)
    assert np.isfinite(_row_space(features).matrix).all()


@pytest.mark.parametrize(("n_rows", "n_features"), [(30, 10), (module.MAX_ROWS + 1, module.MAX_ROWS + 2)])
def test_few_columns_or_many_rows_are_left_as_they_are(n_rows: int, n_features: int):
    features = sp.csr_matrix((n_rows, n_features), dtype=np.float32)
    space = _row_space(features)
    assert space.matrix is features
    np.testing.assert_array_equal(space.coef(np.ones((2, n_features))), np.ones((2, n_features)))


@pytest.mark.usefixtures("tiny_encoder")
@pytest.mark.parametrize(("name", "atol"), [("linear", 3e-3), ("encoder", 3e-2)])
def test_the_space_of_rows_gives_the_logits_of_the_features(
    name: str, atol: float, sample: Sample, monkeypatch: pytest.MonkeyPatch
):
    family = load_family(name)
    settings = settings_of(family, load_space(name).default_params)
    of_rows = family.score(sample, settings, seed=0).logits
    monkeypatch.setattr(module, "MAX_ROWS", 0)
    of_features = family.score(sample, settings, seed=0).logits
    np.testing.assert_allclose(of_rows, of_features, atol=atol)


def test_coordinates_are_remembered_by_key():
    features = _features(5, 20)
    assert _row_space(features, key="one").lower is _row_space(features, key="one").lower
    assert _row_space(features, key="one").lower is not _row_space(features, key="two").lower


@pytest.mark.parametrize("shape", [(5, 20), (30, 10)])
def test_no_features_are_held_by_what_is_remembered(shape: tuple[int, int]):
    features = _features(*shape)
    _row_space(features, key=f"let go {shape}")
    watched = weakref.ref(features)
    del features
    gc.collect()
    assert watched() is None
