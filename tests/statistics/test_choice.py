"""The default trial stays unless another one earned its place."""

import numpy as np

from automl_text.statistics.choice import choose_trial
from automl_text.statistics.truth import Truth

CODES = np.tile(np.arange(4), 50)
TRUTH = Truth(codes=CODES, groups=np.arange(200), measurable=np.ones(4, dtype=bool), n_folds=5)


def with_errors(n_errors, offset=0):
    predicted = CODES.copy()
    rows = (np.arange(n_errors) * 7 + offset) % 200
    predicted[rows] = (CODES[rows] + 1) % 4
    return predicted


def choose(*predicted):
    return choose_trial(np.stack(predicted), TRUTH)


def test_a_clear_gain_replaces_the_default():
    assert choose(with_errors(60), with_errors(59, 3), with_errors(20)) == 2


def test_a_gain_within_half_its_standard_error_does_not():
    assert choose(with_errors(30), with_errors(29, 3)) == 0


def test_of_equal_trials_the_earliest_is_taken():
    assert choose(with_errors(20), with_errors(20)) == 0
    assert choose(with_errors(60), with_errors(10), with_errors(10)) == 1


def test_repeated_rows_of_one_group_are_not_taken_for_more_evidence():
    challenger, default = with_errors(29, 3), with_errors(30)
    rows = np.tile(np.arange(200), 50)
    assert choose_trial(np.stack([default[rows], challenger[rows]]), TRUTH.repeated(50)) == 0


def test_two_texts_of_a_rare_category_do_not_outweigh_twenty_of_a_frequent_one():
    codes = np.repeat([0, 1, 2], [100, 98, 2])
    truth = Truth(codes=codes, groups=np.arange(200), measurable=np.ones(3, dtype=bool), n_folds=5)
    default, better = codes.copy(), codes.copy()
    default[:40] = 1
    better[:4], better[198:] = 1, 0
    assert truth.macro_f1(better) < truth.macro_f1(default)
    assert choose_trial(np.stack([default, better]), truth) == 1
