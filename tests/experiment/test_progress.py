import pytest

from automl_text.experiment.prepare import prepare
from automl_text.experiment.progress import ProgressCounter
from automl_text.tuning.curve import curve_units


@pytest.mark.parametrize("n_parts", [3, 4, 5])
def test_fits_of_a_learning_curve_are_no_inner_scores(request_for, watcher, tmp_path, n_parts):
    plan = prepare(request_for(tmp_path, n_parts=n_parts)).plan
    planned, counter = plan.families[0], ProgressCounter(plan, watcher, jobs=1)
    units = curve_units(plan, planned.family, planned.points[0])
    assert sum(counter._is_inner(unit.split) for unit in units) == n_parts * (n_parts - 1) / 2
