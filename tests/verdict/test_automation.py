"""Thresholds: what is decided, what is wrong there, and what is never safe."""

import numpy as np
import pytest

from automl_text.verdict.automation import never_safe, threshold_rows
from automl_text.verdict.predictions import predictions_of


@pytest.fixture
def own(build, data):
    return predictions_of(build["evidence"](data, build["family"](data, "own", error_rate=0.2)))[0]


def test_at_threshold_zero_every_text_is_decided_and_the_error_is_the_overall_one(own, data):
    row = threshold_rows(own)[0]
    assert (row.threshold, row.coverage, row.n_decided) == (0, 1, data.n_rows)
    assert row.error == pytest.approx(np.mean(own.predicted != data.codes))
    assert row.error_interval[0] < row.error < row.error_interval[1]


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
