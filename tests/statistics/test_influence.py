"""Influence values against numeric derivatives and against the bootstrap."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from automl_text.statistics.influence import class_influence, influence, standard_error, sum_by_group

MEASURABLE = np.array([True, True, False, True])


def predictions(seed=0, n_rows=40):
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, 4, n_rows)
    predicted = np.where(generator.random(n_rows) < 0.6, codes, generator.integers(0, 4, n_rows))
    return codes, predicted


def weighted_macro_f1(codes, predicted, weights):
    return f1_score(
        codes,
        predicted,
        labels=np.flatnonzero(MEASURABLE),
        average="macro",
        sample_weight=weights,
        zero_division=0,
    )


@pytest.mark.parametrize("seed", range(3))
def test_influence_is_the_derivative_by_the_weight_of_a_row(seed):
    codes, predicted = predictions(seed)
    values = influence(codes, predicted, MEASURABLE)
    step = 1e-5
    for row in range(len(codes)):
        raised, lowered = np.ones(len(codes)), np.ones(len(codes))
        raised[row] += step
        lowered[row] -= step
        slope = weighted_macro_f1(codes, predicted, raised) - weighted_macro_f1(codes, predicted, lowered)
        assert values[row] == pytest.approx(slope / (2 * step), abs=1e-8)
    assert values.sum() == pytest.approx(0)


def test_macro_influence_is_the_mean_of_the_measurable_classes_influence():
    codes, predicted = predictions()
    by_class = class_influence(codes, predicted, 4)
    assert influence(codes, predicted, MEASURABLE) == pytest.approx(by_class[:, MEASURABLE].mean(axis=1))


def test_standard_error_agrees_with_the_bootstrap():
    codes, predicted = predictions(1, 800)
    generator = np.random.default_rng(0)
    draws = [generator.integers(0, 800, 800) for _ in range(400)]
    spread = np.std([weighted_macro_f1(codes[rows], predicted[rows], None) for rows in draws])
    error = standard_error(influence(codes, predicted, MEASURABLE), np.arange(800))
    assert error == pytest.approx(spread, rel=0.15)


def test_repeating_every_row_within_its_group_leaves_the_standard_error():
    codes, predicted = predictions()
    alone = standard_error(influence(codes, predicted, MEASURABLE), np.arange(40))
    twice = np.tile(np.arange(40), 2)
    again = standard_error(influence(codes[twice], predicted[twice], MEASURABLE), twice)
    assert again == pytest.approx(alone)


def test_sums_by_group_keep_columns_apart():
    totals = sum_by_group(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([7, 3, 7]))
    assert totals.tolist() == [[3.0, 4.0], [6.0, 8.0]]


def test_one_group_has_no_spread_to_speak_of():
    assert standard_error(np.zeros(3), np.zeros(3, dtype=int)) == float("inf")
