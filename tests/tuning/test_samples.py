"""Large data: every choice looks at a sample of the rows that it may see, and the chosen trials are fitted on all."""

import numpy as np
from sklearn.metrics import f1_score

NOISE = {"place": 0, "imbalance": "none", "breaks": False}
CLASS_WORD = {"place": 1, "imbalance": "balanced", "breaks": False}


def test_every_outer_split_finds_the_planted_trial_by_itself(dataset, make_sampled_plan, search):
    evidence, _ = search(make_sampled_plan(dataset, [NOISE, CLASS_WORD]))
    family = evidence.families[0]
    assert family.final_params == CLASS_WORD
    assert [choice.trial for choice in family.choices] == [1] * 4
    predicted = family.outer_logits[0].argmax(axis=-1)
    assert f1_score(dataset.codes, predicted, average="macro") > 0.85
    assert f1_score(dataset.codes, family.default_predicted, average="macro") < 0.5


def test_the_choice_over_all_rows_looks_at_every_sample(dataset, make_sampled_plan):
    over_all, *inside = make_sampled_plan(dataset, [NOISE, CLASS_WORD]).choosers
    assert over_all.splits[1:] == tuple(split for chooser in inside for split in chooser.splits)
    assert [split.partition for split in over_all.splits] == [1, 2, 3, 4, 5]


def test_one_fit_of_each_sample_tries_a_trial_and_chosen_ones_alone_get_whole_training_folds(
    dataset, make_sampled_plan, search
):
    worse = [{**NOISE, "imbalance": name} for name in ("a", "b")]
    _, ran = search(make_sampled_plan(dataset, [NOISE, CLASS_WORD, *worse]))
    tried = {(unit.split.partition, unit.split.test) for unit in ran if unit.split.partition > 0}
    assert tried == {(index, (0,)) for index in range(1, 6)}
    whole = [unit.params["imbalance"] for unit in ran if unit.split.partition == 0]
    assert {name: whole.count(name) for name in ("none", "balanced", "a", "b")} == dict.fromkeys(
        ("none", "balanced", "a", "b"), 4
    )
    assert len({unit.key for unit in ran}) == len(ran) == 4 * 5 + 4 * 4


def test_where_a_fit_takes_long_strategies_are_compared_by_the_samples_alone(
    dataset, make_sampled_plan, search, monkeypatch
):
    monkeypatch.setattr("automl_text.tuning.plan._COSTLY_WHOLE", 0.0)
    worse = [{**NOISE, "imbalance": name} for name in ("a", "b")]
    evidence, ran = search(make_sampled_plan(dataset, [NOISE, CLASS_WORD, *worse]))
    assert {unit.params["imbalance"] for unit in ran if unit.split.partition == 0} == {"none", "balanced"}
    assert set(evidence.families[0].by_strategy) == {"none", "balanced"}
    assert evidence.families[0].default_predicted is not None


def test_one_split_of_each_size_is_enough_for_a_learning_curve(dataset, make_sampled_plan, search):
    evidence, ran = search(make_sampled_plan(dataset, [NOISE], with_curve=True))
    fewer = [unit.split for unit in ran if unit.split.partition == 0 and len(unit.split.test) > 1]
    assert len({(len(split.train), split.fraction) for split in fewer}) == len(fewer) >= 2
    curve = evidence.families[0].curve
    assert [each.n_train for each in curve] == sorted(each.n_train for each in curve)
    assert curve[-1].judged.sum() == len(dataset.codes)


def test_no_fit_that_an_outer_split_chooses_by_touches_the_rows_that_judge_it(
    dataset, make_sampled_plan, search
):
    plan = make_sampled_plan(dataset, [NOISE, CLASS_WORD])
    _, ran = search(plan)
    for unit in ran:
        fold = unit.split.partition - 2  # 0: outer, 1: over all rows
        if fold >= 0:
            used = plan.all_partitions[unit.split.partition].rows(unit.split.train + unit.split.test)
            assert not set(used) & set(plan.partitions[0].rows((fold,)))


def test_inner_predictions_are_those_of_the_sampled_rows_that_judge(dataset, make_sampled_plan, search):
    plan = make_sampled_plan(dataset, [NOISE, CLASS_WORD], n_repeats=2)
    evidence, _ = search(plan)
    inner = evidence.families[0].inner_predicted
    assert inner.shape == (2, 4, dataset.n_rows)
    for sample, predicted in zip(plan.samples[1:], inner.reshape(8, -1), strict=True):
        assert np.array_equal(predicted >= 0, sample.fold_of_row == 0)
