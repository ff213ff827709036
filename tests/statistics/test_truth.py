"""The rows that judge, with scikit-learn and brute force as oracles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from automl_text.statistics.truth import Truth, share_ratios, trained_on


def made(n_rows=60, n_classes=4, seed=0):
    luck = np.random.default_rng(seed)
    codes = luck.integers(n_classes, size=n_rows)
    groups = luck.integers(n_rows // 2, size=n_rows)
    measurable = np.array([len(np.unique(groups[codes == code])) > 1 for code in range(n_classes)])
    predicted = np.where(luck.random(n_rows) < 0.6, codes, luck.integers(n_classes, size=n_rows))
    return Truth(codes=codes, groups=groups, measurable=measurable, n_folds=5), predicted


@pytest.mark.parametrize("seed", range(3))
def test_macro_f1_is_scikit_learns(seed):
    truth, predicted = made(seed=seed)
    expected = f1_score(
        truth.codes, predicted, average="macro", labels=np.flatnonzero(truth.measurable), zero_division=0
    )
    assert truth.macro_f1(predicted) == pytest.approx(expected)


def test_predictions_of_several_partitions_stand_side_by_side():
    truth, predicted = made()
    twice = truth.repeated(2)
    assert len(twice.codes) == len(twice.groups) == 2 * len(truth.codes)
    assert twice.macro_f1(np.tile(predicted, 2)) == pytest.approx(truth.macro_f1(predicted))
    assert len(np.unique(twice.groups)) == len(np.unique(truth.groups))


def test_a_class_without_a_row_taken_is_not_averaged_over():
    truth, predicted = made()
    rows = np.flatnonzero(truth.codes != 2)
    some = truth.take(rows)
    assert not some.measurable[2]
    labels = [code for code in (0, 1, 3) if some.measurable[code]]
    expected = f1_score(truth.codes[rows], predicted[rows], average="macro", labels=labels, zero_division=0)
    assert some.macro_f1(predicted[rows]) == pytest.approx(expected)


def test_levels_count_the_groups_of_each_measurable_class():
    truth, predicted = made()
    levels = truth.levels(predicted)
    expected = f1_score(truth.codes, predicted, average=None, zero_division=0)[truth.measurable]
    np.testing.assert_allclose(levels.f1, expected)
    counts = [len(np.unique(truth.groups[truth.codes == code])) for code in np.flatnonzero(truth.measurable)]
    assert levels.groups.tolist() == counts


@given(st.integers(1, 60), st.integers(2, 10))
def test_groups_trained_on_are_those_left_by_the_fold_of_the_one_judged(n_groups, n_folds):
    """Deal the groups as evenly as can be, and count for each one what its fold leaves."""
    sizes = [len(range(fold, n_groups, n_folds)) for fold in range(n_folds)]
    left = [n_groups - size for size in sizes for _ in range(size)]
    assert trained_on(n_groups, n_folds) == pytest.approx(max(np.mean(left), 0.5))


@pytest.mark.parametrize("shares", [0.9 ** np.arange(40), 1 / np.arange(1, 41)])
def test_the_shares_of_new_texts_are_told_from_counts_alone(shares):
    """Draw samples of known shares, and look how far they were off where a class had few rows, some, and many."""
    shares, luck, n_rows = shares / shares.sum(), np.random.default_rng(0), 300
    counts = luck.multinomial(n_rows, shares, size=60)
    told = np.array([share_ratios(each) for each in counts])
    true = shares * n_rows / np.maximum(counts, 1)
    for low, high in ((2, 3), (4, 6), (7, 15), (16, 99)):
        among = (counts >= low) & (counts <= high)
        if among.sum() > 100:
            assert told[:, 0][among].mean() == pytest.approx(true[among].mean(), rel=0.15)
            off = (told[:, 0] - true)[among]
            assert np.sqrt(np.mean(off**2)) < 1.3 * told[:, 1][among].mean()
