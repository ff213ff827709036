"""Thresholds: what is decided, what is wrong there, and what is never safe."""

import numpy as np
import pytest

from automl_text.verdict.automation import (
    accuracy_of,
    advised_threshold,
    never_safe,
    threshold_rows,
    unlike_below,
    unseen_share,
)
from automl_text.verdict.curves import curves_of
from automl_text.verdict.predictions import predictions_of


@pytest.fixture
def own(build, data):
    return predictions_of(build["evidence"](data, build["family"](data, "own", error_rate=0.2)))[0]


def test_errors_are_counted_among_the_texts_decided(own, data):
    row = threshold_rows(own)[4]
    decided = own.probabilities.max(axis=1) >= row.threshold
    is_wrong = own.predicted != data.codes
    assert row.error == pytest.approx(is_wrong[decided].mean())
    assert row.error_interval[0] < row.error < row.error_bound < row.error_interval[1]
    assert row.n_decided == decided.sum()
    assert np.sum(row.by_class, axis=0).tolist() == [decided.sum(), is_wrong[decided].sum()]
    assert row.error_of_largest == pytest.approx(np.mean(data.codes[decided] != 0))


def test_the_final_model_decides_a_little_more_than_those_without_a_fold(own):
    for row in threshold_rows(own):
        low, high = row.coverage_interval
        share = row.n_decided / own.n_rows
        assert low <= row.coverage <= high
        assert share <= row.coverage <= share + 0.06


def test_a_threshold_is_advised_by_the_bound_and_none_where_no_bound_is_low_enough(build, data, own):
    rows = threshold_rows(own)
    advised = advised_threshold(rows)
    assert all((row.error_bound or 1) > 0.05 for row in rows if advised is None or row.threshold < advised)
    sure = predictions_of(build["evidence"](data, build["family"](data, "own", error_rate=0.0)))[0]
    assert advised_threshold(threshold_rows(sure)) is not None
    hopeless = predictions_of(build["evidence"](data, build["family"](data, "own", error_rate=0.8)))[0]
    assert advised_threshold(threshold_rows(hopeless)) is None


def test_accuracy_is_carried_to_all_rows_and_stays_in_its_interval(own):
    accuracy, (low, high) = accuracy_of(own, own.predicted, curves_of(own))
    assert np.mean(own.predicted == own.truth.codes) < accuracy < 1
    assert low < accuracy < high


def test_a_higher_threshold_decides_no_more(own):
    coverages = [row.coverage for row in threshold_rows(own)]
    assert coverages == sorted(coverages, reverse=True)


def test_where_nothing_is_decided_there_is_no_error(own):
    rows = [row for row in threshold_rows(own) if row.n_decided == 0]
    assert all(row.error is None and row.error_interval is None for row in rows)


def test_a_category_that_is_mostly_wrong_is_never_safe_and_a_perfect_one_is(build, data):
    family = build["family"](data, "own", error_rate=0.0)
    family.outer_logits[0, data.codes == 1] = np.eye(5)[3] * 9
    (own,) = predictions_of(build["evidence"](data, family))
    unsafe = never_safe(own, data.classes)
    assert "category 3" in unsafe  # half of what is put there belongs elsewhere
    assert "category 1" in unsafe  # nothing is ever put there
    assert "category 0" not in unsafe


def test_repeats_do_not_make_a_category_safe_by_counting_a_row_twice(build, data):
    family = build["family"](data, "own", error_rate=0.0, n_repeats=2)
    family.outer_logits[:, data.codes == 4] = np.eye(5)[0] * 9
    few = np.flatnonzero(data.codes == 4)[:4]  # one fewer than are needed
    family.outer_logits[:, few] = np.eye(5)[4] * 9
    (own,) = predictions_of(build["evidence"](data, family, n_repeats=2))
    assert "category 4" in never_safe(own, data.classes)


def test_a_category_whose_texts_go_to_the_largest_is_not_safe_though_what_is_put_there_is_right(build):
    data = build["dataset"]((200, 40))
    family = build["family"](data, "own", error_rate=0.0)
    family.outer_logits[:] = np.eye(2)[data.codes] * 5
    family.outer_logits[0, 200:212] = (
        np.eye(2)[0] * 5
    )  # 12 of its 40 texts are missed, none is put there wrongly
    (own,) = predictions_of(build["evidence"](data, family))
    assert never_safe(own, data.classes) == ("category 1",)


def test_a_few_more_than_one_in_twenty_held_out_texts_are_unlike_the_others(own):
    """The final model is surer of itself: log odds of .95 less .8 log(5 / 4) are those of .941."""
    for scores in (own.probabilities.max(axis=1), own.logits.max(axis=1)):
        assert np.mean(scores < unlike_below(own, scores)) == pytest.approx(0.059, abs=0.006)


def test_new_categories_are_foreseen_from_those_that_stand_alone():
    assert unseen_share(np.array([40, 8, 1, 1])) == pytest.approx(2 / 50)
    assert unseen_share(np.array([40, 10])) == 0
