"""The time of a run: when to stop, what is left against what the rest really takes, what is foreseen."""

import dataclasses
import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.engine.unit import Outcome
from automl_text.experiment import budget as module
from automl_text.experiment.budget import _MIN_FITS_TO_TELL, Budget, Clock
from automl_text.experiment.prepare import prepare
from automl_text.families.contract import Scores
from automl_text.families.registry import family_names, load_family
from automl_text.tuning.cost import SECONDS, expected_seconds, seconds_before
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.search import search_families
from automl_text.tuning.splits import outer_splits
from inline_executor import InlineExecutor

FACTOR = 2.0
"""What fits take by their cost, in the searches below."""
RANK = {"no": 0, "perhaps": 1, "yes": 2}


def budget_of(plan, *, seconds=None, used=0.0):
    return Budget(plan, Clock(monotonic=time.monotonic() - used), seconds=seconds)


@pytest.fixture
def shared(request_for, tmp_path):
    return prepare(request_for(tmp_path)).plan


@pytest.fixture
def sampled(request_for, tmp_path, monkeypatch):
    """A plan as on large data."""
    monkeypatch.setattr("automl_text.experiment.prepare.TUNING_ROWS", 30)
    monkeypatch.setattr("automl_text.tuning.presets.LARGE_ROWS", 50)
    return prepare(request_for(tmp_path, n_trials=7)).plan


def test_trials_end_earlier_by_what_a_slow_refit_needs_beyond_its_share(shared):
    budget = budget_of(shared, seconds=1000.0, used=500.0)
    assert budget.halt() == "no"
    budget.secure(80.0)  # what lies between .85 and .93 anyway
    assert budget.halt() == "no"
    budget.secure(180.0)
    budget.secure(10.0)  # a quick fit takes nothing back
    assert budget.halt() == "soon"
    budget.secure(440.0)
    assert budget.halt() == "now"


def test_no_refit_takes_all_time_from_the_search(shared):
    budget = budget_of(shared, seconds=1000.0, used=190.0)
    budget.secure(1e5)
    assert budget.halt() == "no"


def test_without_a_limit_nothing_ever_stops(shared):
    budget = budget_of(shared, used=1e9)
    budget.secure(1e9)
    assert (budget.halt(), budget.halt_at(1.0)()) == ("no", "no")


def test_a_refit_is_foreseen_from_a_fit_on_one_fold_less(shared):
    unit = shared.maker.unit(load_family("linear"), outer_splits(0, 3)[0], {})
    n_rows, n_train = shared.dataset.n_rows, len(shared.partitions[0].rows(unit.split.train))
    budget = budget_of(shared, seconds=1000.0)
    budget.finished(unit, Outcome(key=unit.key, status="died"))
    assert budget._secured == 0
    budget.finished(unit, outcome_of(unit, 8.0 / unit.cost))
    assert budget._secured == pytest.approx(1.5 * 8 * n_rows / n_train + 0.001 * n_rows)


def searched(plan, *, n_at_once=1, seconds=None):
    """Search in this process; return what was told after each fit, and what the fits after it took."""
    budget, told, costs, known = budget_of(plan, seconds=seconds), [], [], {}
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, n_repeats=len(plan.partitions))
    executor = InlineExecutor(work)

    def run(units, purpose):
        missing = list({unit.key: unit for unit in units if unit.key not in known}.values())
        budget.plan_units(units, missing, purpose)
        by_key = {unit.key: unit for unit in missing}
        for outcome in executor.run(missing):
            unit = by_key[outcome.key]
            known[outcome.key] = dataclasses.replace(outcome, seconds=FACTOR * unit.cost)
            budget.finished(unit, known[outcome.key])
            told.append(budget.seconds_left(None, n_at_once=n_at_once))
            costs.append(FACTOR * unit.cost)
        return {unit.key: known[unit.key] for unit in units}

    search_families(plan, run)
    return told, [math.fsum(costs[place + 1 :]) for place in range(len(costs))]


def test_the_time_left_counts_the_learning_curve_from_the_third_fit_on(shared):
    told, truth = searched(shared)
    assert told[: _MIN_FITS_TO_TELL - 1] == [None] * (_MIN_FITS_TO_TELL - 1)
    assert told[_MIN_FITS_TO_TELL - 1 :] == pytest.approx(truth[_MIN_FITS_TO_TELL - 1 :])


def test_on_large_data_what_chosen_trials_will_need_counts_too(sampled):
    told, truth = searched(dataclasses.replace(sampled, drops_laggards=False))
    place = _MIN_FITS_TO_TELL - 1
    assert told[place] == pytest.approx(truth[place], rel=0.3)
    assert told[-20:] == pytest.approx(truth[-20:])


def test_trials_that_are_not_made_take_no_time(shared, monkeypatch):
    monkeypatch.setattr("automl_text.tuning.choosing.MOST_GAINED", -1.0)
    told, truth = searched(dataclasses.replace(shared, drops_laggards=True))
    n_first = 2 * (3 + 3) + 3  # the default trials and the majority
    assert told[n_first:] == pytest.approx(truth[n_first:])
    assert len(told) < 2 * n_first


def test_processes_share_the_time_and_the_longest_fit_bounds_it_from_below(shared):
    alone, _ = searched(shared)
    together, _ = searched(shared, n_at_once=2)
    crowd, _ = searched(shared, n_at_once=10_000)
    assert together[3] == pytest.approx(alone[3] / 2)
    longest = FACTOR * max(
        shared.maker.costs.fit(each.family, split) for each in shared.families for split in outer_splits(0, 3)
    )
    assert crowd[3] == pytest.approx(longest)


def test_the_time_left_is_never_more_than_what_the_budget_leaves(shared):
    long, _ = searched(shared)
    cut, _ = searched(shared, seconds=30.0)
    assert max(told for told in cut if told is not None) <= 30.0
    left = budget_of(shared, seconds=30.0, used=29.9)
    plan_default(left, shared, n_finished=3, factor=1e6)
    assert 0.0 <= left.seconds_left(None, n_at_once=1) <= 0.1
    assert long[3] > 0.1


def plan_default(left, plan, *, n_finished, factor=FACTOR):
    """Plan the default trial's fits of the first family on each outer split, and end some of them."""
    family = plan.families[0].family
    units = [
        plan.maker.unit(family, split, plan.families[0].space.default_params) for split in outer_splits(0, 3)
    ]
    left.plan_units(units, units, "trials")
    for unit in units[:n_finished]:
        left.finished(unit, outcome_of(unit, factor))
    return units


def outcome_of(unit, factor):
    scores = Scores(steps=(0,), logits=None, fit_seconds=factor * unit.cost)
    return Outcome(key=unit.key, status="done", scores=scores, seconds=factor * unit.cost)


def test_fits_that_the_journal_holds_take_no_time(shared):
    plan = dataclasses.replace(shared, with_curve=False, families=shared.families[:1])
    left = budget_of(plan)
    units = plan_default(left, plan, n_finished=3)
    family = plan.families[0].family
    more = [plan.maker.unit(family, unit.split, {"number": n}) for n in range(2) for unit in units]
    left.plan_units(more, more[4:], "trials")
    assert left.seconds_left(None, n_at_once=1) == pytest.approx(FACTOR * sum(unit.cost for unit in more[4:]))


def test_fits_that_made_something_ready_for_others_say_nothing_of_the_rest(shared):
    plan = dataclasses.replace(shared, with_curve=False, families=shared.families[:1])
    left, family = budget_of(plan), plan.families[0].family
    units = [plan.maker.unit(family, outer_splits(0, 3)[0], {"number": n}) for n in range(30)]
    left.plan_units(units, units, "trials")
    for number, unit in enumerate(units[:20]):
        left.finished(
            unit, outcome_of(unit, 300.0 if number < 2 else FACTOR)
        )  # two processes read every text
        if number > 1:
            told = left.seconds_left(None, n_at_once=1)
            assert told == pytest.approx(FACTOR * sum(unit.cost for unit in units[number + 1 :]))


def test_texts_that_an_encoder_has_yet_to_read_take_their_time(request_for, tmp_path):
    plan = prepare(request_for(tmp_path, families=("linear", "encoder"), references="none")).plan
    plan = dataclasses.replace(plan, with_curve=False)
    left, (linear, encoder) = budget_of(plan), plan.families
    split = outer_splits(0, 3)[0]
    ahead = [plan.maker.unit(encoder.family, split, {"number": number}) for number in range(4)]
    units = [plan.maker.unit(linear.family, split, {"number": number}) for number in range(3)]
    left.plan_units([*units, *ahead], [*units, *ahead], "outer")
    for unit in units:
        left.finished(unit, outcome_of(unit, FACTOR))
    reading = seconds_before(encoder.family, plan.maker.costs.whole)
    assert reading > 1e-5 * sum(map(len, plan.dataset.texts))
    assert left.seconds_left(None, n_at_once=1) == pytest.approx(
        reading + FACTOR * sum(unit.cost for unit in ahead)
    )
    for number, unit in enumerate(ahead[:3]):
        left.finished(unit, outcome_of(unit, 1.0 if number else 1e3))
    assert left.seconds_left(None, n_at_once=1) == pytest.approx(ahead[3].cost)


def test_the_refit_is_the_one_of_the_family_that_scores_best(shared):
    plan = dataclasses.replace(shared, with_curve=False)
    left = budget_of(plan)
    plan_default(left, plan, n_finished=3)
    final = expected_seconds(load_family("logreg"), plan.maker.costs.whole)
    with_refit, without = (left.seconds_left(best, n_at_once=8) for best in ("logreg", None))
    assert with_refit - without == pytest.approx(FACTOR * final)


def test_a_family_of_another_package_is_no_guess_before_its_own_fits(shared):
    class Strange:
        name, runtime, is_reference = "strange", "light", False

    strange = dataclasses.replace(shared.families[1], family=Strange())
    plan = dataclasses.replace(shared, with_curve=False, families=(shared.families[0], strange))
    left = budget_of(plan)
    plan_default(left, plan, n_finished=3)
    units = [
        plan.maker.unit(strange.family, split, {"number": n})
        for n in range(2)
        for split in outer_splits(0, 3)
    ]
    left.plan_units(units, units, "trials")
    assert left.seconds_left(None, n_at_once=1) is None
    for unit in units[:3]:
        left.finished(unit, outcome_of(unit, 5.0))
    assert left.seconds_left(None, n_at_once=1) == pytest.approx(5.0 * sum(unit.cost for unit in units[3:]))


def test_what_was_asked_for_is_foreseen_in_the_order_of_a_budgeted_search(request_for, tmp_path):
    plan = prepare(request_for(tmp_path, families=("lightgbm", "lstm", "linear"), references="all")).plan
    names = [name for name, *_ in module._steps(plan)]
    assert names == [
        "majority",
        "linear",
        "lstm",
        "lightgbm",
        "all further trials",
        "the learning curves",
        "lstm-as-posted",
    ]


def test_on_large_data_chosen_trials_are_foreseen_on_all_training_rows(sampled):
    assert [name for name, *_ in module._steps(sampled)][-3:] == [
        "all further trials",
        "the tuned trials on all training rows",
        "the learning curves",
    ]


def test_every_family_of_this_package_has_a_cost_that_grows_with_the_rows():
    assert set(SECONDS) == set(family_names())


@given(needed=st.floats(0, 1e6), available=st.floats(-1e3, 1e6), more=st.floats(0, 1e6))
def test_more_time_never_makes_anything_less_likely(needed, available, more):
    assert RANK[module._chance(needed, available + more)] >= RANK[module._chance(needed, available)]


def test_what_is_foreseen_names_what_fits_and_what_does_not():
    chances = {"yes": ["linear"], "perhaps": ["lightgbm"], "no": ["lstm", "the learning curves"]}
    assert module._sentence(chances, seconds=120, n_rows=21_000) == (
        "In 2 min these 21,000 rows allow: probably linear; perhaps lightgbm; probably not lstm, the learning curves."
    )
    assert "everything" in module._sentence(
        {"yes": ["linear"], "perhaps": [], "no": []}, seconds=45, n_rows=90
    )


@pytest.mark.parametrize(
    ("minutes", "words"), [(0.05, "probably linear.*probably not lstm"), (600, "everything")]
)
def test_a_network_on_a_slow_machine_does_not_fit_into_little_time_but_into_much(
    request_for, tmp_path, minutes, words
):
    plan = prepare(request_for(tmp_path, families=("linear", "lstm"), n_trials=20, references="none")).plan
    assert re.search(words, budget_of(plan, seconds=60.0 * minutes).foreseen(1, slowness=8.0))


def test_a_day_allows_a_small_search(request_for, tmp_path):
    plan = prepare(request_for(tmp_path)).plan
    assert budget_of(plan, seconds=86_400.0).foreseen(2).endswith("everything that was asked for.")


@pytest.mark.parametrize(("minutes", "is_named"), [(0.005, True), (60, False)])
def test_a_refit_that_would_not_end_in_time_is_named(request_for, tmp_path, minutes, is_named):
    plan = prepare(request_for(tmp_path, families=("lstm",), n_trials=1, references="none")).plan
    said = budget_of(plan, seconds=60.0 * minutes).foreseen(8, slowness=2.0)
    assert ("the refit of lstm" in said) == is_named
