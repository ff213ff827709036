"""Which fits a search is made of, counted and checked one by one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.tuning.plan import derived_seed
from automl_text.tuning.splits import curve_splits, inner_splits, outer_splits

FOLDS = st.integers(3, 12)
TRIALS = [{"place": 0, "imbalance": "none"}, {"place": 1, "imbalance": "none"}]


@given(FOLDS)
def test_every_fold_is_judged_once_by_a_fit_on_all_others(n_folds):
    splits = outer_splits(0, n_folds)
    assert [split.test for split in splits] == [(fold,) for fold in range(n_folds)]
    assert all(set(split.train) | set(split.test) == set(range(n_folds)) for split in splits)
    assert all(not set(split.train) & set(split.test) for split in splits)


@given(FOLDS)
def test_one_inner_fit_leaves_out_each_pair_of_folds(n_folds):
    splits = inner_splits(0, n_folds)
    assert [split.test for split in splits] == list(combinations(range(n_folds), 2))
    assert all(len(split.train) == n_folds - 2 and not set(split.train) & set(split.test) for split in splits)


@given(FOLDS)
def test_a_learning_curve_ends_with_the_fits_that_a_search_makes_anyway(n_folds):
    splits = curve_splits(n_folds)
    made = (*inner_splits(0, n_folds), *outer_splits(0, n_folds))
    assert splits[-len(made) :] == made
    fewer = splits[: -len(made)]
    assert all(split.fraction < 1 or len(split.train) < n_folds - 2 for split in fewer)
    assert len(set(splits)) == len(splits)


@given(st.integers(0, 2**32 - 1), st.text(max_size=8), st.text(max_size=8))
def test_no_two_consumers_of_a_seed_share_a_stream(seed, one, other):
    assert 0 <= derived_seed(seed, one) < 2**31
    assert (derived_seed(seed, one) == derived_seed(seed, other)) is (one == other)


@pytest.mark.parametrize("n_repeats", [1, 2])
def test_a_choice_inside_an_outer_split_never_looks_at_the_fold_that_judges_it(dataset, make_plan, n_repeats):
    plan = make_plan(dataset, TRIALS, n_folds=5, n_repeats=n_repeats)
    assert len(plan.choosers) == 1 + 5 * n_repeats
    for repeat, inside in enumerate(plan.choosers_inside):
        for fold, chooser in enumerate(inside):
            assert chooser.outer == (outer_splits(repeat, 5)[fold],)
            for split, judged in chooser.judged:
                assert fold in split.test
                assert fold != judged
                assert fold not in split.train


def test_an_inner_fit_serves_both_outer_splits_that_it_leaves_out(dataset, make_plan):
    plan = make_plan(dataset, TRIALS, n_folds=5)
    inside = plan.choosers[1:]
    used = [split for chooser in inside for split in chooser.splits]
    assert len(used) == 20
    assert len(set(used)) == 10
    assert all(used.count(split) == 2 for split in used)


def test_an_early_look_takes_the_fits_without_two_neighbouring_folds(dataset, make_plan):
    over_all, *inside = make_plan(dataset, TRIALS, n_folds=5).choosers
    neighbours = {(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)}
    assert {split.test for split, _ in over_all.early} == neighbours
    assert all({split.test for split, _ in each.early} <= neighbours for each in inside)
    assert all(len(each.early) == 2 for each in inside)


def test_what_is_foreseen_of_a_family_is_the_sum_of_its_fits(dataset, make_plan):
    plan = make_plan(dataset, TRIALS, n_folds=4, with_curve=True)
    planned = plan.families[0]
    made = {*inner_splits(0, 4), *outer_splits(0, 4)}
    curve = [split for split in curve_splits(4) if split not in made]
    cost = plan.maker.costs.fit
    by_hand = 2 * sum(cost(planned.family, split) for split in made)
    by_hand += sum(cost(planned.family, split) for split in curve)
    assert plan.seconds_of(planned) == pytest.approx(by_hand)


def test_the_same_work_has_the_same_key_whatever_its_place_in_the_queue(dataset, make_plan):
    plan = make_plan(dataset, TRIALS)
    split, family = outer_splits(0, 4)[0], plan.families[0].family
    first, later = (plan.maker.unit(family, split, TRIALS[0], turn=turn) for turn in (0, 7))
    assert first.key == later.key
    assert plan.maker.unit(family, split, TRIALS[1]).key != first.key
