"""The time left against the time that the rest really takes, in searches whose fits take twice their cost."""

import dataclasses
import math
import time

import pytest

from automl_text.engine.unit import Outcome
from automl_text.experiment.budget import Budget
from automl_text.experiment.prepare import prepare
from automl_text.experiment.time_left import MIN_FITS_TO_TELL, TimeLeft
from automl_text.families.contract import Scores
from automl_text.families.registry import load_family
from automl_text.tuning.cost import expected_seconds
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.plan import outer_splits
from automl_text.tuning.search import search_families
from inline_executor import InlineExecutor

FACTOR = 2.0


def time_left(plan, *, n_at_once=1, seconds=None):
    return TimeLeft(plan=plan, budget=Budget(seconds, time.monotonic()), n_at_once=lambda: n_at_once)


def searched(plan, **options):
    """Search in this process; return what was told after each fit, and what the fits after it took."""
    left, told, costs, known = time_left(plan, **options), [], [], {}
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, n_repeats=len(plan.partitions))
    executor = InlineExecutor(work)

    def run(units, stage):
        missing = list({unit.key: unit for unit in units if unit.key not in known}.values())
        left.plan_units(units, missing, stage)
        by_key = {unit.key: unit for unit in missing}
        for outcome in executor.run(missing):
            unit = by_key[outcome.key]
            timed = dataclasses.replace(outcome.scores, fit_seconds=FACTOR * unit.cost, predict_seconds=0.0)
            known[outcome.key] = dataclasses.replace(outcome, scores=timed)
            left.finished(unit, known[outcome.key])
            told.append(left.seconds(None))
            costs.append(FACTOR * unit.cost)
        return {unit.key: known[unit.key] for unit in units}

    search_families(plan, run)
    return told, [math.fsum(costs[place + 1 :]) for place in range(len(costs))]


@pytest.fixture
def shared(request_for, tmp_path):
    return prepare(request_for(tmp_path)).plan


@pytest.fixture
def independent(request_for, tmp_path):
    request = dataclasses.replace(request_for(tmp_path, n_trials=7), preset="thorough", n_repeats=1)
    return prepare(request).plan


def test_the_time_left_counts_the_learning_curve_from_the_third_fit_on(shared):
    told, truth = searched(shared)
    assert told[: MIN_FITS_TO_TELL - 1] == [None] * (MIN_FITS_TO_TELL - 1)
    assert told[MIN_FITS_TO_TELL - 1 :] == pytest.approx(truth[MIN_FITS_TO_TELL - 1 :])


def test_where_splits_tune_by_themselves_trials_that_nobody_has_asked_for_count(independent):
    told, truth = searched(independent)
    place = MIN_FITS_TO_TELL - 1
    assert told[place:-20] == pytest.approx(truth[place:-20], abs=0.1 * truth[place])
    assert told[-20:] == pytest.approx(truth[-20:])


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
    left = TimeLeft(plan=shared, budget=Budget(30.0, time.monotonic() - 29.9), n_at_once=lambda: 1)
    plan_default(left, shared, n_finished=3, factor=1e6)
    assert 0.0 <= left.seconds(None) <= 0.1
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
    return Outcome(key=unit.key, status="done", scores=scores)


def test_fits_that_the_journal_holds_take_no_time(shared):
    plan = dataclasses.replace(shared, with_curve=False, families=shared.families[:1])
    left = time_left(plan)
    units = plan_default(left, plan, n_finished=3)
    family = plan.families[0].family
    more = [plan.maker.unit(family, unit.split, {"number": n}) for n in range(2) for unit in units]
    left.plan_units(more, more[4:], "trials")
    assert left.seconds(None) == pytest.approx(FACTOR * sum(unit.cost for unit in more[4:]))


def test_the_final_fit_is_the_one_of_the_family_that_scores_best(shared):
    plan = dataclasses.replace(shared, with_curve=False)
    left = time_left(plan, n_at_once=8)
    plan_default(left, plan, n_finished=3)
    final = expected_seconds(load_family("logreg"), plan.maker.costs.whole)
    assert left.seconds("logreg") - left.seconds(None) == pytest.approx(FACTOR * final)


def test_a_family_of_another_package_is_no_guess_before_its_own_fits(shared):
    class Strange:
        name, runtime, is_reference = "strange", "light", False

    strange = dataclasses.replace(shared.families[1], family=Strange())
    plan = dataclasses.replace(shared, with_curve=False, families=(shared.families[0], strange))
    left = time_left(plan)
    plan_default(left, plan, n_finished=3)
    units = [
        plan.maker.unit(strange.family, split, {"number": n})
        for n in range(2)
        for split in outer_splits(0, 3)
    ]
    left.plan_units(units, units, "trials")
    assert left.seconds(None) is None
    for unit in units[:3]:
        left.finished(unit, outcome_of(unit, 5.0))
    assert left.seconds(None) == pytest.approx(5.0 * sum(unit.cost for unit in units[3:]))
