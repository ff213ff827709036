from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from sklearn.metrics import f1_score

from automl_text.statistics.truth import Truth
from automl_text.tuning.independent import _worth_an_outer_fit


def test_every_outer_split_finds_the_planted_trial_by_itself(dataset, make_independent_plan, search):
    evidence, _ = search(make_independent_plan(dataset, 10))
    family = evidence.families[0]
    assert family.final_params["place"] == 1
    predicted = family.outer_logits[0].argmax(axis=-1)
    assert f1_score(dataset.codes, predicted, average="macro") > 0.85
    assert f1_score(dataset.codes, family.default_predicted, average="macro") < 0.5


def test_one_fit_that_a_fold_of_the_rows_judges_finds_the_planted_trial_too(
    dataset, make_independent_plan, search
):
    plan = replace(make_independent_plan(dataset, 10), has_holdout=True)
    evidence, ran = search(plan)
    assert evidence.families[0].final_params["place"] == 1
    inner = {unit.split for unit in ran if unit.split.partition > 0}
    assert {(split.partition, split.test) for split in inner} == {(index, (0,)) for index in range(1, 6)}


def test_no_inner_fit_of_an_outer_split_touches_the_rows_that_judge_it(
    dataset, make_independent_plan, search
):
    plan = make_independent_plan(dataset, 10)
    _, ran = search(plan)
    inner_of_part = {2 + fold: fold for fold in range(4)}  # 0: outer, 1: over all rows
    for unit in ran:
        fold = inner_of_part.get(unit.split.partition)
        if fold is None:
            continue
        used = plan.all_partitions[unit.split.partition].rows(unit.split.train + unit.split.test)
        assert not set(used) & set(plan.partitions[0].rows((fold,)))


def test_inner_predictions_are_missing_on_the_outer_fold_alone(dataset, make_independent_plan, search):
    plan = make_independent_plan(dataset, 6, n_repeats=2)
    evidence, _ = search(plan)
    inner = evidence.families[0].inner_predicted
    assert inner.shape == (2, 4, dataset.n_rows)
    for repeat, partition in enumerate(plan.partitions):
        for fold in range(4):
            assert np.array_equal(inner[repeat, fold] >= 0, partition.fold_of_row != fold)


def test_the_same_seed_tunes_the_same_way(dataset, make_independent_plan, search):
    first, _ = search(make_independent_plan(dataset, 8))
    second, _ = search(make_independent_plan(dataset, 8))
    assert first.families[0].choices == second.families[0].choices
    assert first.families[0].trials == second.families[0].trials


def test_the_best_trial_of_a_strategy_is_fitted_on_whole_training_folds_however_little_it_leads():
    codes = np.arange(60) % 2
    truth = Truth(codes=codes, groups=np.arange(60), measurable=np.array([True, True]), n_folds=5)

    def params(number, strategy, n_wrong):
        predicted = np.where(np.arange(60) < n_wrong, 1 - codes, codes)
        return SimpleNamespace(
            number=number, params={"imbalance": strategy}, outer_predicted=lambda: predicted[None]
        )

    tried = [params(0, "none", 10), params(1, "balanced", 21), params(2, "balanced", 20)]
    assert [each.number for each in _worth_an_outer_fit(SimpleNamespace(tried=tried), truth)] == [0, 1, 2]
