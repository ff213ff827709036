import re

import pytest

from automl_text.experiment.budget import Budget, Clock
from automl_text.experiment.observer import FitCounter, Progress, RunLog
from automl_text.experiment.prepare import prepare
from automl_text.tuning.curves import curve_units

TIMED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 (.+)")


def said_in(path):
    return [TIMED.fullmatch(line)[1] for line in path.read_text("utf-8").splitlines()]


def test_a_good_run_leaves_its_start_its_stages_and_its_seconds_in_the_log(finished_run):
    said = said_in(finished_run.folder / "run.log")
    assert said[0] == "start: preset quick, seed 0, new run"
    stages = [line.split()[1].rstrip(":") for line in said if line.startswith("stage ")]
    assert stages == ["reading", "signal", "search", "verdict", "refit", "report"]
    counts = [line for line in said if " fits, " in line]  # more than one where fits take their time
    assert re.fullmatch(r"(\d+) of \1 fits, 0 failed", counts[-1])
    seconds = re.fullmatch(rf"finish: (.+) seconds, recommended: {finished_run.result.recommended}", said[-1])
    assert float(seconds[1]) >= finished_run.result.timing.total_seconds


def test_lines_wait_for_the_file_and_the_observer_does_not(watcher, tmp_path):
    log = RunLog(watcher)
    log.stage("reading", "a\x1b[2J\nb.csv")
    log.note("Text: text")
    assert (watcher.stages, watcher.notes) == ([("reading", "a\x1b[2J\nb.csv")], ["Text: text"])
    log.write_to(tmp_path / "run.log")
    log.finished(
        Progress(
            family="a",
            trial_number=0,
            status="failed",
            best_inner=None,
            n_done=1,
            n_planned=1,
            seconds_left=None,
        )
    )
    assert said_in(tmp_path / "run.log") == [
        "stage reading: a\\x1b[2J\\nb.csv",
        "Text: text",
        "1 of 1 fit, 1 failed",
    ]


@pytest.mark.parametrize("n_folds", [3, 4, 5])
def test_fits_of_a_learning_curve_are_no_inner_scores(request_for, watcher, tmp_path, n_folds):
    plan = prepare(request_for(tmp_path, n_folds=n_folds)).plan
    planned, counter = plan.families[0], FitCounter(plan, watcher, Budget(plan, Clock()))
    units = curve_units(plan, planned.family, planned.trials[0])
    assert sum(counter._is_inner(unit.split) for unit in units) == n_folds * (n_folds - 1) / 2
