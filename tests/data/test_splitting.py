from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_text.data.dataset import Partition, Split
from automl_text.data.splitting import _check_partition, partition_rows, split_rows, subsample
from automl_text.errors import InputError


@st.composite
def grouped_rows(draw: st.DrawFn):
    """Codes and groups of one class each, in which every class has rows and there are at least five groups."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=5, max_size=60))
    classes = draw(st.lists(st.integers(0, 6), min_size=len(sizes), max_size=len(sizes)))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    codes = np.unique(np.repeat(classes, sizes), return_inverse=True)[1]
    order = draw(st.permutations(range(len(codes))))
    return codes[list(order)].astype(np.int64), groups[list(order)].astype(np.int64)


def unequal(n_rows: int, seed: int) -> np.ndarray:
    weights = 1 / np.arange(1, 19)
    codes = np.random.default_rng(seed).choice(18, n_rows, p=weights / weights.sum())
    return np.concatenate([np.arange(18), codes])[:n_rows]


@settings(max_examples=40, deadline=None)
@given(grouped_rows(), st.integers(2, 5), st.integers(0, 99))
def test_every_class_of_two_groups_is_in_every_training_fold(rows, n_folds, seed):
    codes, groups = rows
    fold = partition_rows(codes, groups, n_folds=n_folds, seed=seed).fold_of_row
    for code in np.unique(codes):
        n_groups = len(set(groups[codes == code]))
        for left_out in range(n_folds):
            assert n_groups < 2 or np.any(fold[codes == code] != left_out)
        if n_groups >= 3 and n_folds >= 3:
            for pair in combinations(range(n_folds), 2):
                assert not set(fold[codes == code]) <= set(pair)


@settings(max_examples=40, deadline=None)
@given(grouped_rows(), st.integers(2, 5), st.integers(0, 99))
def test_groups_stay_whole_and_no_part_is_empty(rows, n_folds, seed):
    codes, groups = rows
    fold = partition_rows(codes, groups, n_folds=n_folds, seed=seed).fold_of_row
    assert all(len(set(fold[groups == group])) == 1 for group in groups)
    assert set(fold) == set(range(n_folds))


@settings(max_examples=40, deadline=None)
@given(st.integers(30, 300), st.integers(2, 8), st.integers(0, 99))
def test_single_rows_are_dealt_evenly_by_class_and_in_all(n_rows, n_folds, seed):
    codes = unequal(n_rows, seed)
    fold = partition_rows(codes, np.arange(n_rows), n_folds=n_folds, seed=seed).fold_of_row
    table = np.zeros((18, n_folds), dtype=int)
    np.add.at(table, (codes, fold), 1)
    assert np.ptp(table, axis=1).max() <= 1
    assert np.ptp(table.sum(axis=0)) <= 1


def test_same_seed_gives_the_same_partition_and_another_seed_another():
    codes = unequal(500, 0)
    first, again, other = (
        partition_rows(codes, np.arange(500), n_folds=5, seed=seed).fold_of_row for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.mean(first != other) > 0.5


def test_rows_left_out_get_no_part():
    codes = unequal(200, 0)
    chosen = np.arange(0, 200, 2)
    partition = partition_rows(codes, np.arange(200), n_folds=4, seed=0, rows=chosen)
    np.testing.assert_array_equal(partition.rows((0, 1, 2, 3)), chosen)
    assert set(partition.fold_of_row[1::2]) == {-1}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 30))
def test_customers_with_several_classes_are_balanced(seed):
    rng = np.random.default_rng(seed)
    codes, groups = rng.integers(0, 6, 400), rng.integers(0, 60, 400)
    partition = partition_rows(codes, groups, n_folds=5, seed=seed)
    assert _check_partition(partition, codes, groups) == ()
    assert np.bincount(partition.fold_of_row).min() >= 60


@pytest.mark.parametrize("n_customers", [6, 8, 15])
def test_few_customers_with_many_rare_categories_can_be_cut(n_customers):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        owners = [rng.choice(n_customers, rng.integers(2, 5), replace=False) for _ in range(12)]
        codes = np.repeat(np.arange(12), [len(some) for some in owners])
        groups = np.concatenate(owners)
        partition = partition_rows(codes, groups, n_folds=5, seed=seed)
        assert _check_partition(partition, codes, groups) == ()


def test_too_few_groups_are_refused():
    with pytest.raises(
        InputError, match=r"6 rows in 3 groups cannot be cut into 5 folds; use --outer-folds 3"
    ):
        partition_rows(np.array([0, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 2, 2]), n_folds=5, seed=0)


def test_no_fewer_folds_are_advised_than_a_search_takes():
    with pytest.raises(InputError, match=r"4 rows in 2 groups cannot be cut into 5 folds; label more texts"):
        partition_rows(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), n_folds=5, seed=0)


def test_groups_that_rule_out_a_partition_are_refused():
    # Six customers; each pair shares a category of two rows, so no two may lie in one fold.
    pairs = list(combinations(range(6), 2))
    codes = np.repeat(np.arange(len(pairs)), 2)
    groups = np.array(pairs).ravel()
    with pytest.raises(InputError, match=r"no way to keep every category in training .*use another --group"):
        partition_rows(codes, groups, n_folds=5, seed=0)


@pytest.mark.parametrize(
    ("fold", "fault"),
    [
        ([0, 0, 0, 1, 1, 1], r"category 0 lies in 1 of 2 folds"),
        ([0, 1, 0, 0, 1, 0], r"group 2 lies in several folds"),
        ([0, 0, 0, 0, 0, 0], r"fold 1 is empty"),
    ],
)
def test_check_names_each_fault(fold, fault):
    codes, groups = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 1, 2, 2, 3])
    if fault.startswith("group"):
        codes = np.array([0, 0, 1, 0, 1, 1])
    faults = _check_partition(Partition(fold_of_row=np.array(fold), n_folds=2), codes, groups)
    assert fault in faults


@settings(max_examples=40, deadline=None)
@given(grouped_rows(), st.floats(0.05, 0.95), st.integers(0, 99))
def test_subsample_keeps_whole_groups_of_every_class(rows, fraction, seed):
    codes, groups = rows
    kept = subsample(np.arange(len(codes)), codes, groups, fraction=fraction, seed=seed)
    assert set(codes[kept]) == set(codes)
    assert set(kept) == set(np.flatnonzero(np.isin(groups, groups[kept])))
    assert np.all(np.diff(kept) > 0)


def test_subsample_keeps_the_shares_of_classes():
    codes = unequal(4000, 0)
    kept = subsample(np.arange(4000), codes, np.arange(4000), fraction=0.25, seed=0)
    assert len(kept) == 1000
    np.testing.assert_allclose(np.bincount(codes[kept]), np.bincount(codes) / 4, atol=1)


def test_subsample_of_one_seed_is_nested():
    codes, rows = unequal(1000, 0), np.arange(1000)
    small, large = (set(subsample(rows, codes, rows, fraction=f, seed=3)) for f in (0.2, 0.6))
    assert len(small - large) <= 0.05 * len(small)


def test_split_names_its_rows():
    codes = unequal(100, 0)
    rows = np.arange(100)
    partitions = [partition_rows(codes, rows, n_folds=5, seed=seed) for seed in (0, 1)]
    split = Split(partition=1, train=(1, 2, 3), test=(0,))
    train, test = split_rows(split, partitions, codes, rows, 0)
    np.testing.assert_array_equal(train, np.flatnonzero(np.isin(partitions[1].fold_of_row, [1, 2, 3])))
    np.testing.assert_array_equal(test, np.flatnonzero(partitions[1].fold_of_row == 0))
    half = Split(partition=1, train=(1, 2, 3), test=(0,), fraction=0.5)
    fewer, same_test = split_rows(half, partitions, codes, rows, 0)
    assert set(fewer) < set(train)
    np.testing.assert_array_equal(test, same_test)


@pytest.mark.slow
def test_large_data_are_cut_in_seconds():
    codes = unequal(128_000, 0)
    start = time.process_time()
    partition_rows(codes, np.arange(128_000), n_folds=5, seed=0)
    assert time.process_time() - start < 20
