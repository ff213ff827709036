"""Shares of categories in texts without labels, held against counts and against a confusion that is known."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_text.loop.shares import _corrected_shares, class_shares, expected_under

SHARES = st.lists(st.integers(1, 20), min_size=2, max_size=5).map(lambda each: np.array(each) / sum(each))


def certain(codes, n_classes):
    return np.eye(n_classes)[codes]


def rows_of(codes, predicted, n_classes, groups=None):
    return SimpleNamespace(
        classes=tuple("abcde"[:n_classes]),
        codes=codes,
        n_rows=len(codes),
        groups=np.arange(len(codes)) if groups is None else groups,
        measurable=np.ones(n_classes, dtype=bool),
        families=("logreg",),
        of_search=lambda _: (predicted[None, :], None),
    )


def result_of(macro_f1, expected):
    procedure = SimpleNamespace(macro_f1=macro_f1, expected_macro_f1=expected)
    return SimpleNamespace(procedure=procedure, recommended="logreg")


@settings(max_examples=15, deadline=None)
@given(SHARES, st.integers(0, 1000))
def test_of_a_model_that_is_always_right_and_sure_the_shares_are_the_counts(training, seed):
    codes = np.random.default_rng(seed).integers(0, len(training), 60)
    counted = np.bincount(codes, minlength=len(training)) / 60
    assert _corrected_shares(certain(codes, len(training)), training) == pytest.approx(counted, abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(SHARES, st.integers(0, 1000))
def test_shares_are_shares(training, seed):
    probability = np.random.default_rng(seed).dirichlet(np.ones(len(training)), 40)
    found = _corrected_shares(probability, training)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()


def test_a_model_that_knows_nothing_leaves_the_shares_of_training():
    training = np.array([0.7, 0.2, 0.1])
    assert _corrected_shares(np.tile(training, (50, 1)), training) == pytest.approx(training)


def test_errors_that_are_known_are_taken_into_account():
    """Of two categories each is seen rightly in 80 of 100; training was even, now 9 of 10 are of the first."""
    likelihood = np.array([[0.8, 0.2], [0.2, 0.8]])
    seen = [0] * round(100 * (0.9 * 0.8 + 0.1 * 0.2)) + [1] * round(100 * (0.9 * 0.2 + 0.1 * 0.8))
    probability = likelihood[:, seen].T
    as_predicted = np.mean(np.array(seen) == 0)
    corrected = _corrected_shares(probability, np.array([0.5, 0.5]), n_rounds=2000)[0]
    assert as_predicted == pytest.approx(0.74)
    assert corrected == pytest.approx(0.9, abs=0.01)


def test_each_category_has_its_three_shares_and_an_interval_around_the_last():
    codes = np.array([0] * 30 + [1] * 10)
    new = np.array([0] * 10 + [1] * 10)
    found = class_shares(rows_of(codes, codes, 2), certain(new, 2) * 0.98 + 0.01, np.random.default_rng(0))
    assert [each.label for each in found] == ["a", "b"]
    assert [each.training for each in found] == pytest.approx([0.75, 0.25])
    assert [each.predicted for each in found] == pytest.approx([0.5, 0.5])
    assert all(each.interval[0] <= each.corrected <= each.interval[1] for each in found)


def test_where_no_share_has_changed_the_promise_stands():
    codes = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    predicted = np.array([0, 0, 1, 1, 1, 0, 1, 0])
    measured = 0.75  # 3 of 4 of each are found, and 3 of 4 that are called so are right
    middle, (low, high) = expected_under(
        rows_of(codes, predicted, 2), result_of(measured, 0.8), np.array([0.5, 0.5]), np.random.default_rng(0)
    )
    assert middle == pytest.approx(0.8)
    assert low <= middle <= high


def test_a_category_that_became_rare_is_called_wrongly_more_often():
    codes = np.array([0] * 50 + [1] * 50)
    predicted = np.array([0] * 40 + [1] * 10 + [1] * 40 + [0] * 10)
    asked = rows_of(codes, predicted, 2), result_of(0.8, 0.8)
    rare, _ = expected_under(*asked, np.array([0.95, 0.05]), np.random.default_rng(0))
    first, second = 2 * 0.76 / (0.95 + 0.77), 2 * 0.04 / (0.05 + 0.23)  # by hand, per text
    assert rare == pytest.approx((first + second) / 2)


@pytest.mark.parametrize("promised", [(None, None), (0.7, None)])
def test_without_a_promise_nothing_is_expected(promised):
    codes = np.array([0, 1])
    found = expected_under(
        rows_of(codes, codes, 2), result_of(*promised), np.array([0.5, 0.5]), np.random.default_rng(0)
    )
    assert found == (None, None)
