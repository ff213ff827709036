"""Matrices side by side give what one matrix of all their columns gives."""

import numpy as np
import pytest
from scipy.sparse import random

from automl_text.families.beside import _after
from automl_text.families.linear_model import row_products
from automl_text.families.side_by_side import SideBySide

_DRAW = np.random.default_rng(0)
_SPARSE = random(9, 5, density=0.4, random_state=0, dtype=np.float32).tocsr()
_DENSE = _DRAW.normal(size=(9, 3)).astype(np.float32)
_BESIDE = random(9, 2, density=0.5, random_state=1, dtype=np.float32).tocsr()
_AS_ONE = np.hstack([_SPARSE.toarray(), _DENSE, _BESIDE.toarray()])


@pytest.fixture
def features():
    return _after(SideBySide.of(_SPARSE, _DENSE), _BESIDE)


def test_the_shape_is_that_of_one_matrix_and_numbers_that_are_0_are_not_counted(features):
    assert features.shape == _AS_ONE.shape
    assert features.n_numbers == np.count_nonzero(_AS_ONE)


def test_products_are_those_of_one_matrix(features):
    weights, rows = _DRAW.normal(size=(10, 4)), _DRAW.normal(size=(9, 4))
    np.testing.assert_allclose(features @ weights, _AS_ONE @ weights, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(features.transposed_times(rows), _AS_ONE.T @ rows, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(row_products(features), _AS_ONE @ _AS_ONE.T, rtol=1e-5, atol=1e-6)


def test_a_row_is_as_long_as_that_of_one_matrix(features):
    np.testing.assert_allclose(features.lengths(), np.linalg.norm(_AS_ONE, axis=1), rtol=1e-6)


def test_a_sparse_text_and_what_stands_beside_it_stay_one_sparse_matrix():
    np.testing.assert_array_equal(
        _after(_SPARSE, _BESIDE).toarray(), np.hstack([_SPARSE.toarray(), _BESIDE.toarray()])
    )
