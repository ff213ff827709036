"""The nouns that all rooms share."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automl_text.data.dataset import Dataset, Partition

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=30)


def made(rows):
    codes, groups = (np.array([row[i] for row in rows]) for i in (0, 1))
    return Dataset(
        texts=("t",) * len(rows),
        codes=codes,
        classes=("a", "b", "c", "d"),
        groups=groups,
        lines=np.arange(len(rows)) + 2,
        sha256="",
    )


@given(ROWS)
def test_rows_and_groups_of_each_category_are_those_that_a_hand_counts(rows):
    data, groups = made(rows), defaultdict(set)
    for code, group in rows:
        groups[code].add(group)
    assert data.rows_of_class.tolist() == [sum(code == each for code, _ in rows) for each in range(4)]
    assert data.groups_of_class.tolist() == [len(groups[each]) for each in range(4)]
    assert data.measurable.tolist() == [len(groups[each]) > 1 for each in range(4)]


@given(st.lists(st.integers(-1, 4), min_size=1, max_size=30), st.sets(st.integers(0, 4)))
def test_the_rows_of_folds_are_ascending_and_none_is_left_out(folds, wanted):
    partition = Partition(fold_of_row=np.array(folds), n_folds=5)
    assert partition.rows(tuple(wanted)).tolist() == [row for row, fold in enumerate(folds) if fold in wanted]
