"""Categories of few rows are kept, merged or dropped as asked, and what was done is said."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.data.rare import treat_rare
from automl_text.errors import InputError

LABELS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40)


@given(LABELS)
def test_keeping_changes_nothing_and_says_nothing(labels):
    found = treat_rare(labels, range(2, len(labels) + 2), rare="keep", min_rows=0)
    assert (found.labels, found.findings) == (labels, ())


@given(LABELS, st.integers(1, 8))
def test_dropping_leaves_out_exactly_the_rows_of_rare_categories(labels, least):
    found = treat_rare(labels, range(2, len(labels) + 2), rare="drop", min_rows=least)
    counts = Counter(labels)
    assert found.labels == [label if counts[label] >= least else None for label in labels]
    n_left_out = found.labels.count(None)
    assert sum(finding.n_lines for finding in found.findings) == n_left_out


@given(LABELS, st.integers(1, 8))
def test_merging_keeps_every_row_and_every_frequent_category(labels, least):
    found = treat_rare(labels, range(2, len(labels) + 2), rare="merge", min_rows=least)
    counts = Counter(labels)
    assert found.labels == [label if counts[label] >= least else "other" for label in labels]


def test_five_rows_are_enough_where_nothing_is_said():
    labels = ["a"] * 5 + ["b"] * 4
    assert treat_rare(labels, range(9), rare="drop", min_rows=0).labels == ["a"] * 5 + [None] * 4


def test_a_category_that_is_called_other_already_stays_apart():
    labels = ["other"] * 6 + ["x"]
    assert treat_rare(labels, range(7), rare="merge", min_rows=2).labels[-1] == "other (merged)"


def test_what_was_done_names_rows_and_categories():
    (finding,) = treat_rare(["a"] * 5 + ["b"], range(2, 8), rare="drop", min_rows=2).findings
    assert (finding.code, finding.severity, finding.lines) == ("rare_dropped", "note", (7,))
    assert finding.message == "1 row is left out: 1 category has fewer than 2 rows ('b')"


@pytest.mark.parametrize(("rare", "min_rows"), [("keep", 3), ("drop", -1)])
def test_a_number_that_would_do_nothing_is_refused(rare, min_rows):
    with pytest.raises(InputError, match=f"--min-rows {min_rows}: nothing would happen"):
        treat_rare(["a"], [2], rare=rare, min_rows=min_rows)
