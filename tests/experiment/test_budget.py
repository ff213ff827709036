import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from automl_text.engine.unit import Outcome
from automl_text.experiment.budget import Budget
from automl_text.experiment.prepare import prepare
from automl_text.experiment.reserve import seconds_to_ship
from automl_text.families.registry import load_family
from automl_text.tuning.plan import outer_splits

SECONDS = 1000.0


def budget_after(share):
    return Budget(SECONDS, time.monotonic() - share * SECONDS)


def test_trials_end_earlier_by_what_a_slow_final_fit_needs_beyond_its_share():
    budget = budget_after(0.5)
    assert budget.halt() == "no"
    budget.secure(80.0)  # what lies between .85 and .93 anyway
    assert budget.halt() == "no"
    budget.secure(180.0)
    budget.secure(10.0)  # a quick fit takes nothing back
    assert budget.halt() == "soon"
    budget.secure(440.0)
    assert budget.halt() == "now"


def test_no_final_fit_takes_all_time_from_the_search():
    budget = budget_after(0.19)
    budget.secure(100 * SECONDS)
    assert budget.halt() == "no"


def test_without_a_limit_nothing_is_secured():
    budget = Budget(None, 0.0)
    budget.secure(1e9)
    assert budget.halt() == "no"


@pytest.fixture
def plan(request_for):
    return prepare(request_for(Path("unused"))).plan


def test_the_final_fit_is_foreseen_from_a_fit_on_one_fold_less(plan):
    unit = plan.maker.unit(load_family("linear"), outer_splits(0, 3)[0], {})
    outcome = Outcome(key=unit.key, status="done", scores=SimpleNamespace(fit_seconds=8.0))
    n_rows = plan.dataset.n_rows
    n_train = len(plan.partitions[0].rows(unit.split.train))
    assert seconds_to_ship(plan, unit, outcome) == pytest.approx(1.5 * 8 * n_rows / n_train + 0.001 * n_rows)


def test_a_fit_that_failed_foresees_nothing(plan):
    unit = plan.maker.unit(load_family("linear"), outer_splits(0, 3)[0], {})
    assert seconds_to_ship(plan, unit, Outcome(key=unit.key, status="died")) == 0
