"""Intervals against scipy, and against the level they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from automl_text.statistics.interval import (
    class_f1_interval,
    effective_df,
    effective_size,
    inflation,
    macro_f1_interval,
    score_interval,
    wilson,
)
from automl_text.statistics.metrics import class_f1, confusion


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_is_scipys(hits, extra):
    n = hits + extra
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_without_rows_a_share_may_be_anything():
    assert wilson(0.0, 0.0) == pytest.approx((0.0, 1.0))


def test_a_score_interval_agrees_with_the_plain_one_in_the_middle_and_never_leaves_the_range():
    assert score_interval(0.5, 0.01) == pytest.approx((0.5 - 0.0196, 0.5 + 0.0196), abs=1e-4)
    low, high = score_interval(0.98, 0.05)
    assert 0 <= low < 0.98 < high <= 1
    assert 0.98 - low > high - 0.98
    assert score_interval(0.5, 1e6) == pytest.approx((0.0, 1.0))


def test_macro_f1_of_a_few_rows_that_are_all_right_has_an_interval_with_width():
    low, high = macro_f1_interval(np.ones(2), np.array([4.0, 4.0]))
    assert low < 0.85
    assert macro_f1_interval(np.ones(2), np.array([400.0, 400.0]))[0] > 0.99
    assert high == pytest.approx(1.0, abs=0.01)
    assert macro_f1_interval(np.array([]), np.array([])) == (0.0, 1.0)


@pytest.mark.parametrize("n_rows", [8, 20, 60, 200])
def test_the_interval_of_one_models_macro_f1_covers_it(n_rows):
    generator = np.random.default_rng(0)
    shares, recall = np.array([0.5, 0.3, 0.2]), np.array([0.95, 0.85, 0.7])
    flow = np.diag(recall) + (1 - recall)[:, np.newaxis] * (1 - np.eye(3)) / 2
    truth = class_f1(np.rint(1e6 * shares[:, np.newaxis] * flow).astype(int)).mean()
    covered = 0
    for _ in range(300):
        codes = generator.choice(3, n_rows, p=shares)
        predicted = np.array([generator.choice(3, p=flow[code]) for code in codes])
        matrix = confusion(codes, predicted, 3)
        occurs = matrix.sum(axis=1) > 0
        low, high = macro_f1_interval(class_f1(matrix)[occurs], matrix.sum(axis=1)[occurs].astype(float))
        covered += low <= truth <= high
    assert covered / 300 > 0.91


def test_inflation_stays_below_nadeau_and_bengios_bound_and_falls_with_the_folds():
    bounds = [np.sqrt(1 + k / (k - 1)) for k in (3, 5, 10)]
    ours = [inflation(k) for k in (3, 5, 10)]
    assert ours == sorted(ours, reverse=True)
    assert all(1 < a < b for a, b in zip(ours, bounds, strict=True))


def test_degrees_of_freedom_count_the_groups_that_carry_the_variance():
    spread = np.tile([1.0, -1.0], 20)
    assert effective_df(spread) == pytest.approx(39)
    assert effective_df(np.append(np.zeros(400), [1.0, -1.0, 1.0, -1.0])) == pytest.approx(3)
    assert effective_df(np.zeros(10)) == 2


def test_ten_copies_of_each_row_are_worth_no_more_than_the_rows():
    assert effective_size(np.repeat(np.arange(7), 10)) == pytest.approx(7)
    assert effective_size(np.arange(7)) == pytest.approx(7)
    assert effective_size(np.array([], dtype=int)) == 0


def test_a_class_without_an_error_still_has_an_interval_with_width():
    is_true = np.arange(20) < 4
    low, high = class_f1_interval(is_true, is_true, np.arange(20))
    assert high == pytest.approx(1.0)
    assert 0.5 < low < 0.8


def test_a_class_that_never_occurs_may_score_anything():
    nothing = np.zeros(5, dtype=bool)
    assert class_f1_interval(nothing, nothing, np.arange(5)) == (0.0, 1.0)


def test_the_interval_of_one_class_covers_its_f1():
    generator = np.random.default_rng(0)
    true_f1 = 2 * 0.3 * 0.7 / (0.3 + 0.3 * 0.7 + 0.1)
    covered = 0
    for _ in range(300):
        is_true = generator.random(80) < 0.3
        is_predicted = np.where(is_true, generator.random(80) < 0.7, generator.random(80) < 0.1 / 0.7)
        low, high = class_f1_interval(is_true, is_predicted, np.arange(80))
        covered += low <= true_f1 <= high
    assert covered / 300 > 0.91
