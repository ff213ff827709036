import time

import pytest

from automl_text.experiment.budget import Budget
from automl_text.experiment.prepare import prepare
from automl_text.experiment.progress import ProgressCounter
from automl_text.experiment.time_left import TimeLeft
from automl_text.tuning.curves import curve_units


@pytest.mark.parametrize("n_folds", [3, 4, 5])
def test_fits_of_a_learning_curve_are_no_inner_scores(request_for, watcher, tmp_path, n_folds):
    plan = prepare(request_for(tmp_path, n_folds=n_folds)).plan
    left = TimeLeft(plan=plan, budget=Budget(None, time.monotonic()), n_at_once=lambda: 1)
    planned, counter = plan.families[0], ProgressCounter(plan, watcher, left)
    units = curve_units(plan, planned.family, planned.trials[0])
    assert sum(counter._is_inner(unit.split) for unit in units) == n_folds * (n_folds - 1) / 2
