from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

from automl_text.families.imbalance import ImbalanceSettings, _oversampled_copies, balance, class_weights

CODES = np.array([0] * 8 + [1] * 4 + [2] * 2)
ALONE = np.arange(len(CODES))


def _asked(strategy: str, strength: float = 0.5, seed: int = 0):
    return balance(
        CODES, ALONE, ImbalanceSettings(imbalance=strategy, imbalance_strength=strength), seed=seed
    )


def test_none_asks_for_nothing():
    assert (_asked("none").weights == 1).all()
    assert (_asked("none").offset == 0).all()


def test_balanced_weights_are_those_of_scikit_learn():
    np.testing.assert_allclose(_asked("balanced").weights, compute_sample_weight("balanced", CODES))


def test_tempered_weights_by_hand():
    # shares 4/7, 2/7, 1/7: weights go with their inverse square roots, 1 : sqrt(2) : 2
    weights = _asked("tempered").weights
    assert weights[8] / weights[0] == pytest.approx(2**0.5)
    assert weights[12] / weights[0] == pytest.approx(2)
    assert weights.mean() == pytest.approx(1)


@given(st.lists(st.integers(1, 50), min_size=2, max_size=9), st.floats(0, 1))
def test_tempering_lies_between_none_and_balanced(sizes: list[int], exponent: float):
    shares = np.array(sizes) / sum(sizes)
    tempered, balanced = class_weights(shares, exponent=exponent), class_weights(shares, exponent=1)
    assert shares @ tempered == pytest.approx(1)
    assert np.ptp(tempered) <= np.ptp(balanced) + 1e-9


def test_logit_adjustment_takes_the_shares_back():
    # Bayes: posterior odds divided by prior odds are what equal shares would give
    offset = _asked("logit_adjustment", strength=1.0).offset
    np.testing.assert_allclose(offset, -np.log(np.array([8, 4, 2]) / 14))
    assert (_asked("logit_adjustment").weights == 1).all()


def test_oversampling_levels_the_rows_of_all_categories():
    copies = _asked("oversample").weights
    np.testing.assert_array_equal(np.bincount(CODES, weights=copies), [8, 8, 8])
    assert copies.min() == 1
    assert (copies[:8] == 1).all()


def test_oversampling_copies_whole_groups():
    groups = np.array([*range(8), 8, 8, 8, 9, 10, 10])
    copies = _oversampled_copies(CODES, groups, seed=1)
    assert len(set(copies[groups == 8])) == 1
    assert len(set(copies[groups == 10])) == 1
    drawn = [sum(copies[np.flatnonzero(groups == group)[0]] for group in found) for found in ([8, 9], [10])]
    assert drawn == [8, 8]


def test_oversampling_depends_on_its_seed_alone():
    assert (_asked("oversample", seed=3).weights == _asked("oversample", seed=3).weights).all()
    assert (_asked("oversample", seed=3).weights != _asked("oversample", seed=4).weights).any()


def test_one_category_needs_no_copies():
    assert (_oversampled_copies(np.zeros(3, dtype=int), np.arange(3), seed=0) == 1).all()


def test_many_small_classes_are_oversampled_without_a_warning():
    codes = np.repeat(np.arange(18), [1] * 14 + [2] * 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        copies = _oversampled_copies(codes, np.arange(len(codes)), seed=0)
    assert np.bincount(codes, copies).tolist() == [2] * 18
