"""What an early end leaves out is named, all of it."""

from dataclasses import replace

from planted import PLANTED, REFERENCE, find_planted

from automl_text.engine.unit import Outcome
from automl_text.families.contract import Scores
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.plan import FamilySearch
from automl_text.tuning.search import search_families
from inline_executor import InlineExecutor

NOISE = {"place": 0, "imbalance": "none", "breaks": False}
CLASS_WORD = {"place": 1, "imbalance": "balanced", "breaks": False}


def cuts_of(plan, stop_at, n_before=0):
    """Search, but end when a stage has been entered so many times before; return what is said to be missing."""
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    executor, stages = InlineExecutor(work), []

    def run(units, stage):
        stages.append(stage)
        is_over = stop_at in stages and stages.count(stop_at) > n_before
        return {} if is_over else {outcome.key: outcome for outcome in executor.run(units)}

    (family,) = search_families(plan, run).families
    return family.cuts


def test_a_whole_search_lacks_nothing(dataset, make_plan, make_independent_plan):
    assert cuts_of(make_plan(dataset, [NOISE, CLASS_WORD], with_curve=True), "never") == ()
    assert cuts_of(make_independent_plan(dataset, 6, with_curve=True), "never") == ()


def test_a_curve_that_was_skipped_is_named(dataset, make_plan):
    (cut,) = cuts_of(make_plan(dataset, [NOISE, CLASS_WORD], with_curve=True), "curve")
    assert cut.endswith(" fits of its learning curve not made")


def test_trials_that_were_never_tried_are_counted(dataset, make_plan):
    assert cuts_of(make_plan(dataset, [NOISE, CLASS_WORD]), "trials") == ("2 of 2 trials were not tried",)


def test_a_family_that_was_cut_says_on_how_many_outer_splits_it_is_complete(dataset, make_plan):
    plan = make_plan(dataset, [NOISE])
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)

    def run_what_judges_the_first_part(units, stage):  # noqa: ARG001
        needed = [unit for unit in units if 0 in unit.split.test]
        return {outcome.key: outcome for outcome in InlineExecutor(work).run(needed)}

    (family,) = search_families(plan, run_what_judges_the_first_part).families
    assert family.status == "failed"
    assert family.reason.endswith(" 1 of 4 outer splits are complete.")


def test_searches_of_the_outer_splits_are_counted_apart(dataset, make_independent_plan):
    plan = make_independent_plan(dataset, 12)
    defaults_and_five = 2
    assert cuts_of(plan, "trials", defaults_and_five)[:2] == (
        "7 of 12 trials not tried over all rows",
        "28 of 48 trials not tried inside the outer splits",
    )


def test_choices_without_a_fit_on_whole_training_folds_are_named(dataset, make_independent_plan):
    assert cuts_of(make_independent_plan(dataset, 10), "outer") == (
        "4 of 4 outer splits lack fits of trials they chose; others stand in",
        "the trial chosen over all rows lacks fits; the default trial stands in",
    )


def test_default_trials_and_references_are_complete_before_any_other_trial_is_tried(
    dataset, make_independent_plan
):
    plan = make_independent_plan(dataset, 10)
    reference = FamilySearch(family=REFERENCE, trials=(NOISE,), space=plan.families[0].space, n_trials=1)
    plan = replace(plan, families=(*plan.families, reference))
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    known = {}

    def run_the_first_call_alone(units, stage):  # noqa: ARG001
        for outcome in [] if known else InlineExecutor(work).run(units):
            known[outcome.key] = outcome
        return {unit.key: known[unit.key] for unit in units if unit.key in known}

    tuned, reference = search_families(plan, run_the_first_call_alone).families
    assert (tuned.status, tuned.final_params["place"]) == ("done", 0)
    assert reference.status == "done"


def test_only_fits_on_whole_training_folds_follow_the_training(dataset, make_independent_plan, monkeypatch):
    plan, followed = make_independent_plan(dataset, 6, with_curve=True), set()
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    score = type(PLANTED).score

    def watched(self, sample, settings, *, seed):
        if sample.with_training_curve:
            followed.add(sample.key)
        return score(self, sample, settings, seed=seed)

    monkeypatch.setattr(type(PLANTED), "score", watched)
    executor = InlineExecutor(work)
    search_families(plan, lambda units, _: {each.key: each for each in executor.run(units)})
    assert len(followed) == plan.partitions[0].n_folds


def test_a_fit_whose_scores_are_no_numbers_fails(dataset, make_plan, search, monkeypatch):
    def lost(self, sample, settings, *, seed):  # noqa: ARG001
        return Scores(steps=(0,), logits=[[[float("nan")] * sample.n_classes] * len(sample.test_texts)])

    monkeypatch.setattr(type(PLANTED), "score", lost)
    evidence, _ = search(make_plan(dataset, [NOISE]))
    assert evidence.families[0].status == "failed"
    assert "no numbers" in evidence.families[0].reason


def test_a_family_whose_chosen_trials_fail_on_whole_training_folds_says_why(dataset, make_independent_plan):
    plan = make_independent_plan(dataset, 6)
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    executor = InlineExecutor(work)

    def run(units, stage):
        if stage == "outer":
            return {
                unit.key: Outcome(key=unit.key, status="failed", reason="Out of memory.") for unit in units
            }
        return {outcome.key: outcome for outcome in executor.run(units)}

    (family,) = search_families(plan, run).families
    assert (family.status, family.reason) == ("failed", "Out of memory.")
