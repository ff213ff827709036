from dataclasses import replace

import numpy as np
import pytest
from planted import NETWORK, REFERENCE, find_planted
from sklearn.metrics import f1_score

from automl_text.tuning.fitting import FitWork
from automl_text.tuning.search import search_families
from inline_executor import InlineExecutor

NOISE = {"place": 0, "imbalance": "none", "breaks": False}
CLASS_WORD = {"place": 1, "imbalance": "balanced", "breaks": False}
BROKEN = {"place": 1, "imbalance": "none", "breaks": True}


def macro_f1_of(evidence, predicted):
    return f1_score(evidence.dataset.codes, predicted, average="macro")


def test_a_planted_trial_off_the_default_is_found_by_every_outer_split(dataset, make_plan, search):
    evidence, _ = search(make_plan(dataset, [NOISE, CLASS_WORD]))
    family = evidence.families[0]
    assert family.final_params == CLASS_WORD
    assert [choice.trial for choice in family.choices] == [1, 1, 1, 1]
    assert [choice.params for choice in family.choices] == [CLASS_WORD] * 4
    assert macro_f1_of(evidence, family.outer_logits[0].argmax(axis=-1)) > 0.85
    assert macro_f1_of(evidence, family.default_predicted) < 0.5


def test_a_trial_costs_ten_inner_and_five_outer_fits_and_none_is_done_twice(dataset, make_plan, search):
    _, ran = search(make_plan(dataset, [NOISE, CLASS_WORD], n_folds=5))
    assert len(ran) == 2 * (10 + 5)
    assert len({unit.key for unit in ran}) == len(ran)


def test_no_fit_that_judges_a_row_has_seen_it(dataset, make_plan, search):
    plan = make_plan(dataset, [NOISE], with_curve=True)
    _, ran = search(plan)
    for unit in ran:
        partition = plan.partitions[unit.split.partition]
        assert not set(partition.rows(unit.split.train)) & set(partition.rows(unit.split.test))


def test_a_text_that_marks_its_own_row_does_not_raise_the_score(make_dataset, make_plan, search):
    rng = np.random.default_rng(1)
    labels = [f"class {code}" for code in rng.integers(3, size=150)]
    marked = make_dataset([f"row{i} row{i}" for i in range(150)], labels)
    evidence, _ = search(make_plan(marked, [NOISE, CLASS_WORD]))
    assert macro_f1_of(evidence, evidence.families[0].outer_logits[0].argmax(axis=-1)) < 0.4


def test_with_shuffled_labels_the_outer_score_falls_to_chance(dataset, make_dataset, make_plan, search):
    scores = []
    for seed in range(10):
        shuffled = np.random.default_rng(seed).permutation(dataset.codes)
        labels = [dataset.classes[code] for code in shuffled]
        evidence, _ = search(make_plan(make_dataset(dataset.texts, labels), [NOISE, CLASS_WORD]))
        scores.append(macro_f1_of(evidence, evidence.families[0].outer_logits[0].argmax(axis=-1)))
    assert abs(np.mean(scores) - 1 / 3) < 0.06


def test_inner_predictions_of_an_outer_fold_hold_nothing_of_its_rows(dataset, make_plan, search):
    plan = make_plan(dataset, [NOISE, CLASS_WORD])
    evidence, _ = search(plan)
    inner = evidence.families[0].inner_predicted[0]
    for fold in range(4):
        outside = plan.partitions[0].fold_of_row != fold
        assert np.array_equal(inner[fold] >= 0, outside)


def test_a_failing_trial_costs_itself_and_names_its_reason(dataset, make_plan, search):
    evidence, _ = search(make_plan(dataset, [NOISE, BROKEN, CLASS_WORD]))
    family = evidence.families[0]
    assert family.status == "done"
    assert [trial.status for trial in family.trials] == ["done", "failed", "done"]
    assert "this trial cannot be fitted" in family.trials[1].reason
    assert family.final_trial == 2


def test_a_family_whose_every_trial_fails_is_failed_with_the_reason(dataset, make_plan, search):
    evidence, _ = search(make_plan(dataset, [BROKEN]))
    assert evidence.families[0].status == "failed"
    assert "this trial cannot be fitted" in evidence.families[0].reason
    assert evidence.families[0].outer_logits is None


def test_a_reference_is_fitted_on_outer_splits_alone(dataset, make_plan, search):
    evidence, ran = search(make_plan(dataset, [CLASS_WORD], family=REFERENCE, n_folds=5))
    assert len(ran) == 5
    assert evidence.families[0].inner_predicted is None
    assert evidence.families[0].outer_logits.shape == (1, 120, 3)


def test_repeats_are_further_partitions_with_choices_of_their_own(dataset, make_plan, search):
    evidence, _ = search(make_plan(dataset, [NOISE, CLASS_WORD], n_repeats=2))
    family = evidence.families[0]
    assert family.outer_logits.shape == (2, 120, 3)
    assert [choice.split for choice in family.choices] == list(range(8))


def test_each_strategy_is_judged_by_the_trials_tried_with_it(dataset, make_plan, search):
    evidence, _ = search(make_plan(dataset, [NOISE, CLASS_WORD]))
    by_strategy = evidence.families[0].by_strategy
    assert macro_f1_of(evidence, by_strategy["balanced"]) > 0.85
    assert macro_f1_of(evidence, by_strategy["none"]) < 0.5


def test_the_learning_curve_rises_with_the_rows(dataset, make_plan, search):
    evidence, _ = search(make_plan(dataset, [CLASS_WORD], n_folds=5, with_curve=True))
    curve = evidence.families[0].curve
    sizes = [measured.n_train for measured in curve]
    assert sizes == sorted(sizes)
    assert len(curve) >= 5
    assert curve[-1].macro_f1 > curve[0].macro_f1 - 0.05


def test_beside_the_final_networks_curve_stands_that_of_the_first_one_with_other_word_vectors(
    dataset, make_plan, search
):
    trials = [
        {**CLASS_WORD, "embedding": "pretrained"},
        {**CLASS_WORD, "embedding": "learned", "imbalance": "none"},
        {**NOISE, "embedding": "learned"},
    ]
    evidence, _ = search(make_plan(dataset, trials, family=NETWORK))
    curves = evidence.families[0].training_curves
    assert [curve.title for curve in curves] == ["Planted network with word vectors", "Planted network"]
    assert all(curve.steps == (1, 2) and min(curve.held_out) > 0.85 for curve in curves)
    alone, _ = search(make_plan(dataset, trials[1:], family=NETWORK))
    assert [curve.title for curve in alone.families[0].training_curves] == ["Planted network"]


@pytest.mark.parametrize("is_budgeted", [True, False])
def test_the_order_of_fits_changes_no_result(dataset, make_plan, search, is_budgeted):
    plan = make_plan(dataset, [NOISE, CLASS_WORD], with_curve=True)
    whole, _ = search(plan)
    work = FitWork(dataset=dataset, partitions=plan.all_partitions, find_family=find_planted)
    executor = InlineExecutor(work)

    def run_backwards(units, purpose):  # noqa: ARG001
        return {outcome.key: outcome for unit in reversed(units) for outcome in executor.run([unit])}

    (first,) = whole.families
    (second,) = search_families(replace(plan, is_budgeted=is_budgeted), run_backwards).families
    for name in ("trials", "choices", "final_params", "cuts", "notes"):
        assert getattr(first, name) == getattr(second, name)
    assert [each.macro_f1 for each in first.curve] == [each.macro_f1 for each in second.curve]
    assert np.array_equal(first.outer_logits, second.outer_logits)


@pytest.mark.parametrize(
    ("trials", "is_budgeted", "expected"),
    [
        ([CLASS_WORD], False, [0, 15, 0]),
        ([CLASS_WORD], True, [0, 0, 15]),
        ([CLASS_WORD, NOISE], False, [0, 0, 15]),
    ],
)
def test_a_curve_that_hangs_on_no_choice_is_fitted_while_its_processes_are_warm(
    dataset, make_plan, trials, is_budgeted, expected
):
    plan = replace(make_plan(dataset, trials, n_folds=5, with_curve=True), is_budgeted=is_budgeted)
    partitions, on_few_rows, known = plan.all_partitions, [], {}
    executor = InlineExecutor(FitWork(dataset=dataset, partitions=partitions, find_family=find_planted))

    def run(units, purpose):  # noqa: ARG001
        on_few_rows.append(sum(len(unit.split.train) < 3 for unit in units))
        known.update({each.key: each for each in executor.run(units)})
        return {unit.key: known[unit.key] for unit in units}

    search_families(plan, run)
    assert on_few_rows == expected
