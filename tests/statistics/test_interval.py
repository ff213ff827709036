"""Intervals against scipy, and against the level they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from automl_text.statistics.interval import (
    SPREAD_RATIO,
    Estimate,
    around,
    class_f1_interval,
    effective_df,
    effective_size,
    inflation,
    rarity,
    wilson,
)


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_is_scipys(hits, extra):
    n = hits + extra
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_without_rows_a_share_may_be_anything():
    assert wilson(0.0, 0.0) == pytest.approx((0.0, 1.0))


def test_a_plain_interval_stays_within_the_range_of_a_score():
    assert around(0.98, 0.05) == pytest.approx((0.98 - 1.959964 * 0.05, 1.0))
    assert around(0.5, float("inf")) == (0.0, 1.0)


@given(st.floats(0.0, 1.0), st.floats(0.01, 0.5))
def test_ends_of_a_score_interval_lie_one_quantile_of_their_own_spread_away(centre, rarity_):
    low, high = Estimate(value=0.5, rarity=rarity_).around(centre)
    assert 0 <= low <= centre <= high <= 1
    for end in (low, high):
        spread = Estimate(value=end, rarity=rarity_).error
        assert abs(centre - end) == pytest.approx(1.959964 * spread, abs=1e-5)


def test_error_of_one_class_is_that_of_the_jaccard_share_by_the_delta_method():
    # F = 2J / (1 + J), J a share of T (2 - F) rows; dF/dJ = 2 / (1 + J)^2
    score, n_rows = 0.8, 50
    jaccard = score / (2 - score)
    variance = (2 / (1 + jaccard) ** 2) ** 2 * jaccard * (1 - jaccard) / (n_rows * (2 - score))
    estimate = Estimate(value=score, rarity=np.sqrt(1 / n_rows))
    assert estimate.error == pytest.approx(SPREAD_RATIO * np.sqrt(variance))


def test_rare_classes_and_groups_make_rarity():
    codes, everything = np.repeat([0, 1], [10, 40]), np.ones(2, dtype=bool)
    expected = np.sqrt(1 / 10 + 1 / 40) / 2
    assert rarity(codes, np.arange(50), everything) == pytest.approx(expected)
    twice = np.repeat(np.arange(50), 2)
    assert rarity(np.repeat(codes, 2), twice, everything) == pytest.approx(expected)
    assert rarity(codes, np.arange(50), np.array([False, True])) == pytest.approx(np.sqrt(1 / 40))


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
