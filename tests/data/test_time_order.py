"""In time order no row is judged by models that have seen its present or its future, or anything of its group."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_text.data.dataset import Split
from automl_text.data.dates import take_times
from automl_text.data.loading import load_dataset
from automl_text.data.splitting import split_rows
from automl_text.data.time_order import in_time_order
from automl_text.errors import InputError
from automl_text.tables.memory import table_of


def ordered(days, labels, groups=None, n_folds=5):
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in rng.integers(5000, size=12)) for _ in days]
    columns = {"text": texts, "label": labels, "at": [str(day) for day in days]}
    if groups is not None:
        columns["customer"] = [str(group) for group in groups]
    table, times = take_times(table_of(columns, name="rows"), "at")
    loaded = load_dataset(
        table, text=("text",), label="label", group="customer" if groups is not None else None
    )
    return in_time_order(loaded, times, n_folds)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 6), st.integers(40, 90), st.integers(60, 200))
def test_every_row_is_judged_by_rows_before_it_of_other_groups(seed, n_folds, n_rows, n_days):
    rng = np.random.default_rng(seed)
    days = rng.integers(n_days, size=n_rows)
    groups = rng.integers(n_rows, size=n_rows)
    labels = [f"class {code}" for code in rng.integers(2, size=n_rows)]
    try:
        loaded, partition = ordered(days, labels, groups, n_folds)
    except InputError:
        return  # too few times differ
    data, judged = loaded.dataset, list(partition.judged_folds)
    assert len(judged) == n_folds
    for fold in range(1, partition.n_folds):
        split = Split(partition=0, train=tuple(range(fold)), test=(fold,))
        train, test = split_rows(split, [partition], data.codes, data.groups, seed=0)
        assert len(test)
        expected = [
            row
            for row in range(n_rows)
            if days[row] < min(days[test]) and not set(groups[[row]]) & set(groups[test])
        ]
        near = set(data.groups[test])  # groups also hold texts that repeat each other
        assert train.tolist() == [row for row in expected if data.groups[row] not in near]


def test_blocks_are_tenths_and_the_later_half_is_judged():
    days = np.random.default_rng(1).permutation(400)
    loaded, partition = ordered(days, ["a" if day % 2 else "b" for day in days])
    assert np.bincount(partition.fold_of_row).tolist() == [120, 40, 40, 40, 40, 40, 40, 40]
    assert np.array_equal(partition.fold_of_row >= partition.first_judged, days >= 200)
    assert loaded.info.time.n_judged == (40,) * 5
    assert loaded.info.time.starts[0] == "200"


def test_a_category_that_comes_last_is_named_and_left_out_of_the_average():
    labels = ["late" if day in {0, 399} else "new" if day >= 385 else "ab"[day % 2] for day in range(400)]
    loaded, _ = ordered(range(400), labels)
    said = {each.code: each for each in loaded.info.findings}["late_category"]
    assert said.n_lines == 14
    assert "('new')" in said.message
    assert {each.label: each.is_measurable for each in loaded.info.classes} == {
        "a": True, "b": True, "late": False, "new": False,
    }  # fmt: skip


def test_groups_that_span_blocks_are_counted():
    loaded, _ = ordered(range(200), ["a", "b"] * 100, groups=[n % 100 for n in range(200)])
    assert any(
        each.code == "group_spans_time" and "100 groups" in each.message for each in loaded.info.findings
    )


@pytest.mark.parametrize(
    ("days", "groups", "fault"),
    [
        ([n % 4 for n in range(100)], None, r"4 times of 100 rows cannot be cut .* name a finer column"),
        ([n // 17 for n in range(100)], None, r"6 times of 100 rows cannot be cut .* use --outer-folds 3"),
        (range(100), [n % 3 for n in range(100)], r"block 2 of 8 has too little before it"),
    ],
)
def test_an_order_that_judges_nothing_is_refused(days, groups, fault):
    with pytest.raises(InputError, match=fault):
        ordered(days, ["a", "b"] * 50, groups=groups)
