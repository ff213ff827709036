"""Influence values against deleting rows one by one, and standard errors against the bootstrap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from automl_text.statistics.influence import influence, standard_error
from automl_text.statistics.metrics import macro_f1

MEASURABLE = np.array([True, True, False, True])
EQUAL = MEASURABLE / 3


def predictions(seed=0, n_rows=40):
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, 4, n_rows)
    predicted = np.where(generator.random(n_rows) < 0.6, codes, generator.integers(0, 4, n_rows))
    return codes, predicted


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12))
def test_influence_is_macro_f1_with_a_group_minus_without_it(seed, n_groups):
    codes, predicted = predictions(seed, 12)
    groups = np.random.default_rng(seed).integers(0, n_groups, 12)

    def score(rows):
        return f1_score(codes[rows], predicted[rows], labels=[0, 1, 3], average="macro", zero_division=0)

    brute = [score(groups >= 0) - score(groups != group) for group in np.unique(groups)]
    assert influence(codes, predicted, groups, EQUAL) == pytest.approx(brute)


def test_standard_error_agrees_with_the_bootstrap():
    codes, predicted = predictions(1, 800)
    generator = np.random.default_rng(0)
    draws = [generator.integers(0, 800, 800) for _ in range(300)]
    spread = np.std([macro_f1(codes[rows], predicted[rows], MEASURABLE) for rows in draws])
    error = standard_error(influence(codes, predicted, np.arange(800), EQUAL))
    assert error == pytest.approx(spread, rel=0.15)


def test_repeating_every_row_within_its_group_changes_nothing():
    codes, predicted = predictions()
    twice = np.tile(np.arange(40), 2)
    alone = influence(codes, predicted, np.arange(40), EQUAL)
    assert influence(codes[twice], predicted[twice], twice, EQUAL) == pytest.approx(alone)


def test_one_group_has_no_spread_to_speak_of():
    assert standard_error(np.zeros(1)) == float("inf")
