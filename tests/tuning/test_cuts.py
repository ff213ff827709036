"""What an early end leaves out is named, all of it."""

from dataclasses import replace

from planted import PLANTED, REFERENCE, find_planted

from automl_text.engine.unit import Outcome
from automl_text.families.contract import Scores
from automl_text.families.registry import load_family
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.plan import FamilySearch
from automl_text.tuning.search import search_families
from inline_executor import InlineExecutor

NOISE = {"place": 0, "imbalance": "none", "breaks": False}
CLASS_WORD = {"place": 1, "imbalance": "balanced", "breaks": False}


def cuts_of(plan, stop_at, n_before=0):
    """Search, but end when fits for a purpose have been asked for so many times; return what is said to be missing."""
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    executor, purposes = InlineExecutor(work), []

    def run(units, purpose):
        purposes.append(purpose)
        is_over = purposes.count(stop_at) > n_before
        return {} if is_over else {outcome.key: outcome for outcome in executor.run(units)}

    (family,) = search_families(plan, run).families
    return family.cuts


def test_a_whole_search_lacks_nothing(dataset, make_plan, make_sampled_plan):
    assert cuts_of(make_plan(dataset, [NOISE, CLASS_WORD], with_curve=True), "never") == ()
    assert cuts_of(make_sampled_plan(dataset, [NOISE, CLASS_WORD], with_curve=True), "never") == ()


def test_a_curve_that_was_skipped_is_named(dataset, make_plan):
    (cut,) = cuts_of(make_plan(dataset, [NOISE, CLASS_WORD], with_curve=True), "curve")
    assert cut.endswith(" fits of its learning curve not made")


def test_trials_that_were_never_tried_are_counted(dataset, make_plan):
    assert cuts_of(make_plan(dataset, [NOISE, CLASS_WORD]), "trials") == ("2 of 2 trials were not tried",)


def test_a_family_that_was_cut_says_on_how_many_outer_splits_it_is_complete(dataset, make_plan):
    plan = make_plan(dataset, [NOISE])
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)

    def run_what_judges_the_first_part(units, purpose):  # noqa: ARG001
        needed = [unit for unit in units if 0 in unit.split.test]
        return {outcome.key: outcome for outcome in InlineExecutor(work).run(needed)}

    (family,) = search_families(plan, run_what_judges_the_first_part).families
    assert family.status == "failed"
    assert family.reason.endswith(" 1 of 4 outer splits are complete.")


def test_a_reference_that_an_early_end_left_out_is_counted(dataset, make_plan):
    plan = make_plan(dataset, [CLASS_WORD])
    reference = FamilySearch(family=REFERENCE, trials=(CLASS_WORD,), space=plan.families[0].space)
    plan = replace(plan, families=(*plan.families, reference))
    executor = InlineExecutor(
        FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    )

    def run(units, purpose):  # noqa: ARG001
        kept = [unit for unit in units if unit.family != REFERENCE.name or unit.split.test == (0,)]
        return {outcome.key: outcome for outcome in executor.run(kept)}

    tuned, left_out = search_families(plan, run).families
    assert (tuned.status, tuned.cuts) == ("done", ())
    assert (left_out.status, left_out.cuts) == ("failed", ("3 of 4 fits were not made",))


def test_what_follows_the_default_trials_is_counted_apart(dataset, make_plan, make_sampled_plan):
    for make in (make_plan, make_sampled_plan):
        cut = cuts_of(make(dataset, [NOISE, CLASS_WORD]), "trials", n_before=1)
        assert cut == ("1 of 2 trials was not tried",)


def test_choices_without_a_fit_on_whole_training_folds_are_named(dataset, make_sampled_plan):
    assert cuts_of(make_sampled_plan(dataset, [NOISE, CLASS_WORD]), "outer") == (
        "4 of 4 outer splits lack fits of trials they chose; others stand in",
        "the trial chosen over all rows lacks fits; the default one stands in",
    )


def test_default_trials_come_first_the_cheapest_familys_before_others_and_references_last(dataset, make_plan):
    plan = make_plan(dataset, [NOISE, CLASS_WORD], with_curve=True)
    space = plan.families[0].space
    network = FamilySearch(family=load_family("lstm"), trials=({}, {}), space=space)
    reference = FamilySearch(family=load_family("lstm-as-posted"), trials=({},), space=space)
    plan, calls = replace(plan, families=(network, *plan.families, reference)), []

    def run_nothing(units, purpose):
        in_order = sorted(units, key=lambda unit: unit.turn)
        calls.append((purpose, list(dict.fromkeys(unit.family for unit in in_order))))
        return {}

    search_families(plan, run_nothing)
    assert calls == [
        ("trials", ["planted", "lstm"]),
        ("trials", ["planted", "lstm"]),
        ("curve", ["lstm-as-posted"]),
    ]


def test_only_fits_on_whole_training_folds_follow_the_training(dataset, make_sampled_plan, monkeypatch):
    plan, followed = make_sampled_plan(dataset, [NOISE, CLASS_WORD], with_curve=True), set()
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


def test_a_family_that_cannot_be_fitted_on_whole_training_folds_says_why(dataset, make_sampled_plan):
    plan = make_sampled_plan(dataset, [NOISE, CLASS_WORD])
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, find_family=find_planted)
    executor = InlineExecutor(work)

    def run(units, purpose):  # noqa: ARG001
        whole = [unit for unit in units if unit.split.partition == 0]
        sampled = executor.run([unit for unit in units if unit not in whole])
        failed = [Outcome(key=unit.key, status="failed", reason="Out of memory.") for unit in whole]
        return {outcome.key: outcome for outcome in (*sampled, *failed)}

    (family,) = search_families(plan, run).families
    assert (family.status, family.reason) == ("failed", "Out of memory.")
