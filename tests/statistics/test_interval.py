"""Intervals against scipy, and against the level they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from automl_text.statistics.interval import (
    Estimate,
    class_f1_interval,
    effective_df,
    effective_size,
    inflation,
    wilson,
)


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_is_scipys(hits, extra):
    n = hits + extra
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_without_rows_a_share_may_be_anything():
    assert wilson(0.0, 0.0) == pytest.approx((0.0, 1.0))


def test_an_interval_around_a_score_stays_within_its_range():
    estimate = Estimate(value=0.97, error=0.05, df=10)
    assert estimate.around(0.98) == pytest.approx((0.98 - stats.t.ppf(0.975, 10) * 0.05, 1.0))
    assert estimate.around(0.01)[0] == 0.0


def test_inflation_stays_below_nadeau_and_bengios_bound_and_falls_with_the_parts():
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
