"""A family whose default trial is far behind gets no other, as each choice finds by the rows that it may see."""

from dataclasses import replace

import numpy as np
import pytest
from planted import OTHER, find_planted

from automl_text.tuning.choosing import FamilyChoices
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.plan import FamilySearch
from inline_executor import InlineExecutor

NOISE = {"place": 0, "imbalance": "none", "breaks": False}
CLASS_WORD = {"place": 1, "imbalance": "balanced", "breaks": False}
BROKEN = {"place": 1, "imbalance": "none", "breaks": True}


@pytest.fixture
def make_rivals(make_plan):
    """A plan of two families: one that starts with what matters, and one that starts as is given."""

    def make(dataset, trials, **options):
        plan = make_plan(dataset, [CLASS_WORD, NOISE], **options)
        rival = FamilySearch(family=OTHER, trials=tuple(trials), space=plan.families[0].space)
        return replace(plan, families=(*plan.families, rival), drops_laggards=True)

    return make


def of_family(ran, family):
    return [unit for unit in ran if unit.family == family.name]


def test_a_family_far_behind_is_fitted_with_its_default_alone_and_says_so(dataset, make_rivals, search):
    evidence, ran = search(make_rivals(dataset, [NOISE, CLASS_WORD]))
    best, behind = evidence.families
    assert len(of_family(ran, OTHER)) == 4 + 6
    assert (behind.status, behind.final_trial, behind.cuts) == ("done", 0, ())
    assert [trial.status for trial in behind.trials] == ["done", "dropped"]
    assert "behind the best family's" in behind.notes[-1]
    assert best.notes == ()


def test_a_family_that_is_not_behind_gets_all_its_trials(dataset, make_rivals, search):
    evidence, ran = search(make_rivals(dataset, [CLASS_WORD, NOISE]))
    assert len(of_family(ran, OTHER)) == 2 * (4 + 6)
    assert evidence.families[1].notes == ()


def test_nobody_is_dropped_where_all_trials_are_wanted(dataset, make_rivals, search):
    plan = replace(make_rivals(dataset, [NOISE, CLASS_WORD]), drops_laggards=False)
    evidence, _ = search(plan)
    assert evidence.families[1].final_params == CLASS_WORD


def test_a_default_that_cannot_be_fitted_says_nothing_of_the_others(dataset, make_rivals, search):
    evidence, _ = search(make_rivals(dataset, [BROKEN, CLASS_WORD]))
    assert evidence.families[1].final_params == CLASS_WORD


def scores_of_default(plan, *, early):
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    outcomes = {}
    choices = FamilyChoices.of(plan, plan.families[0], outcomes)
    outcomes |= {each.key: each for each in InlineExecutor(work).run(choices.units([0], turn=0))}
    return choices.scores_of_default(early=early)


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("layout", ["make_plan", "make_sampled_plan"])
def test_an_outer_split_decides_without_a_look_at_the_rows_that_judge_it(dataset, request, layout, early):
    plan = request.getfixturevalue(layout)(dataset, [CLASS_WORD])
    codes = dataset.codes.copy()
    judges = plan.partitions[0].rows((0,))
    codes[judges] = np.roll(codes[judges], 1)
    before = scores_of_default(plan, early=early)
    after = scores_of_default(replace(plan, dataset=replace(dataset, codes=codes)), early=early)
    assert before[1] == after[1]
    assert before[2] != after[2]


def test_splits_that_disagree_fit_what_each_of_them_needs(dataset, make_plan):
    plan = make_plan(dataset, [NOISE, CLASS_WORD])
    choices = FamilyChoices.of(plan, plan.families[0], {})
    choices.behind[:] = [1.0, 0.0, 1.0, 1.0, 1.0]  # only the first outer split goes on
    splits = {unit.split.test for unit in choices.units([1], turn=0)}
    assert splits == {(0,), (0, 1), (0, 2), (0, 3)}


@pytest.fixture
def all_look_first(monkeypatch):
    """Every family is so costly that a first look decides whether it goes on."""
    monkeypatch.setattr("automl_text.tuning.plan._WORTH_A_LOOK", 0.0)


@pytest.mark.usefixtures("all_look_first")
def test_a_costly_family_far_behind_gets_half_of_its_inner_fits_and_a_row(dataset, make_rivals, search):
    plan = replace(make_rivals(dataset, [NOISE, CLASS_WORD], n_folds=5), with_curve=True)
    evidence, ran = search(plan)
    best, behind = evidence.families
    fits = of_family(ran, OTHER)
    assert sorted(unit.split.test for unit in fits) == sorted(
        [(0,), (1,), (2,), (3,), (4,), (0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]
    )
    assert (behind.status, behind.final_trial, behind.inner_predicted, behind.curve) == ("done", 0, None, ())
    assert not np.isnan(behind.outer_logits).any()
    assert "a first look was enough" in behind.notes[-1]
    assert best.inner_predicted is not None
    assert len(best.curve) >= 4


@pytest.mark.usefixtures("all_look_first")
def test_a_first_look_changes_nothing_for_families_that_go_on(dataset, make_plan, search, monkeypatch):
    plan = replace(make_plan(dataset, [NOISE, CLASS_WORD], n_folds=5), drops_laggards=True)
    looked, ran = search(plan)
    monkeypatch.undo()
    whole, ran_at_once = search(plan)
    assert {unit.key for unit in ran} == {unit.key for unit in ran_at_once}
    assert len(ran) == len(ran_at_once)
    assert looked.families[0].trials == whole.families[0].trials
    assert np.array_equal(looked.families[0].outer_logits, whole.families[0].outer_logits)
