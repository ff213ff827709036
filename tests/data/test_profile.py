"""What the cells of a column look like decides what it may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.data.profile import profile

TEXTS = [f"my parcel number {i} has not come yet" for i in range(20)]
LABELS = ["delivery", "refund", "login", "login"] * 5


def test_prose_may_be_text_and_no_label():
    found = profile("text", TEXTS)
    assert (found.may_be_text, found.may_be_label, found.is_varied) == (True, False, True)


def test_a_few_short_values_may_be_a_label():
    found = profile("category", LABELS)
    assert (found.may_be_label, found.n_distinct, found.examples[0]) == (True, 3, "login")
    assert str(found) == "'category' (3 values, such as 'login', 'delivery' and 'refund')"


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "3"],
        ["2024-05-01", "2024-05-02"],
        ["01.05.2024 10:30", "02.05.2024 11:00"],
        ["1.5", "-2e3"],
    ],
)
def test_numbers_and_dates_are_no_text(cells):
    assert profile("x", cells).is_numeric
    assert not profile("x", cells).may_be_text


@pytest.mark.parametrize("values", ["train test", "Training dev test", "fold_train test_1"])
def test_a_column_of_splits_is_no_label(values):
    found = profile("split", values.split() * 9)
    assert (found.is_split, found.may_be_label) == (True, False)


@pytest.mark.parametrize(
    ("cells", "is_flag"), [(["0", "1"], True), (["True", "FALSE"], True), (["0", "2"], False)]
)
def test_flags_are_told_from_other_numbers(cells, is_flag):
    assert profile("x", cells).is_flag is is_flag


@pytest.mark.parametrize("name", ["", " ", "Unnamed: 0", "column 3"])
def test_a_column_that_nobody_named_is_not_used(name):
    assert not profile(name, TEXTS).is_used
    assert profile("text", TEXTS).is_used


@given(st.lists(st.sampled_from(["", " ", "a", "b b", "c"]), max_size=30))
def test_blank_cells_do_not_count(cells):
    filled = [cell for cell in cells if cell.strip()]
    found = profile("x", cells)
    assert found.n_distinct == len(set(filled))
    if filled:
        assert found.distinct == len(set(filled)) / len(filled)
        assert found.mean_words == pytest.approx(sum(len(cell.split()) for cell in filled) / len(filled))
