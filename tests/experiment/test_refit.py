import re
import time
from itertools import product
from pathlib import Path

import pytest

from automl_text.engine.folder import RunFolder
from automl_text.engine.halt import Interruption
from automl_text.engine.unit import Outcome
from automl_text.experiment import refit as module
from automl_text.experiment.budget import Budget, Clock
from automl_text.experiment.prepare import prepare
from automl_text.experiment.refit import refit_in_time
from automl_text.experiment.searching import _UNIT_SECONDS, Session
from automl_text.families.contract import Scores
from automl_text.families.registry import load_family
from automl_text.tuning.splits import outer_splits

SECONDS = 1000.0


@pytest.fixture
def refitted_after(finished_run, request_for, watcher):
    """Fit the final model when so much of the time is over."""

    def fit(share):
        request = request_for(Path("unused"))
        result, plan = finished_run.result, prepare(request).plan
        with RunFolder.claim(finished_run.folder, resume=True) as folder:
            session = Session(
                folder=folder,
                observer=watcher,
                interruption=Interruption(),
                budget=Budget(plan, Clock(monotonic=time.monotonic() - share * SECONDS), seconds=SECONDS),
            )
            data = plan.dataset
            return refit_in_time(
                data, result.evaluations, result.recommended, seed=request.seed, session=session
            )

    return fit


def test_the_recommended_family_is_fitted_while_there_is_time(refitted_after, finished_run):
    refits = refitted_after(0.5)
    assert refits.made.evaluation.family == finished_run.result.recommended
    assert list(refits.made.estimator.predict(["my password reset code"])) == ["login"]
    assert refits.sentences == ()


def test_the_simplest_other_family_stands_in_where_its_time_is_over(refitted_after, finished_run):
    refits = refitted_after(0.94)
    family, recommended = refits.made.evaluation.family, finished_run.result.recommended
    assert {family, recommended} == {"logreg", "linear"}
    late, stands_in = refits.sentences
    assert late == f"The refit of {recommended} did not end in time."
    command = f"automl-text export {finished_run.folder} -o model.pkl"
    assert stands_in == f"The model is one of {family}; `{command}` fits the recommended family."


def test_no_model_is_fitted_when_all_time_is_over(refitted_after):
    refits = refitted_after(1.01)
    assert refits.made is None
    late, none = refits.sentences
    assert late.endswith("did not end in time.")
    assert none.startswith("No model could be written")


@pytest.mark.parametrize("is_slow", [False, True])
def test_after_ctrl_c_the_best_family_whose_refit_fits_in_seconds_stands_in_or_the_command_is_said(
    finished_run, request_for, watcher, is_slow
):
    result, plan = finished_run.result, prepare(request_for(Path("unused"))).plan
    budget, interruption = Budget(plan, Clock()), Interruption(clock=lambda: 0.0)
    for name, split in product(("logreg", "linear"), outer_splits(0, 3)):
        unit = plan.maker.unit(load_family(name), split, {})
        seconds = 60.0 if name == result.recommended or is_slow else 0.1
        scores = Scores(steps=(0,), logits=None, fit_seconds=seconds)
        budget.finished(unit, Outcome(key=unit.key, status="done", scores=scores, seconds=seconds))
    interruption.is_requested = True
    with RunFolder.claim(finished_run.folder, resume=True) as folder:
        session = Session(folder=folder, observer=watcher, interruption=interruption, budget=budget)
        refits = refit_in_time(plan.dataset, result.evaluations, result.recommended, seed=0, session=session)
    late = rf"The refit of {result.recommended} would have taken about \d\d s\."
    assert re.match(late, refits.sentences[0])
    if is_slow:
        said = f"No model could be written; `automl-text export {finished_run.folder} -o model.pkl` fits the"
        assert refits.made is None
        assert refits.sentences[-1].startswith(said)
    else:
        assert {refits.made.evaluation.family, result.recommended} == {"logreg", "linear"}


FRAGILE = """
import os, time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

@dataclass(frozen=True)
class Settings:
    do: str
    diary: str

class Family:
    name, title, simplicity, is_reference = "fragile", "Fragile", 90, False
    requires, runtime, settings = (), "tensorflow", Settings

    def score(self, sample, settings, *, seed):
        raise NotImplementedError

    def refit(self, plan, settings):
        with Path(settings.diary).open("a") as diary:
            diary.write("begun\\n")
        if settings.do == "die":
            os.kill(os.getpid(), 9)
        if settings.do == "exhaust":
            bytearray(1 << 50)
        if settings.do == "die once" and Path(settings.diary).read_text() == "begun\\n":
            os.kill(os.getpid(), 9)
        if settings.do == "hang":
            time.sleep(60)
        if settings.do == "raise":
            raise ValueError("no tree grew")
        return dict(plan=len(plan.texts))

FAMILY = Family()
"""


@pytest.fixture
def refit_fragile(finished_run, request_for, watcher, tmp_path, monkeypatch):
    """Fit the final model of a recommended family whose fit does what it is told to, in a run without a time budget."""
    site = tmp_path / "site"
    (site / "fragile-1.dist-info").mkdir(parents=True)
    (site / "fragile.py").write_text(FRAGILE)
    (site / "fragile-1.dist-info" / "METADATA").write_text("Name: fragile\nVersion: 1\n")
    (site / "fragile-1.dist-info" / "entry_points.txt").write_text(
        "[automl_text.families]\nfragile = fragile:FAMILY\n"
    )
    monkeypatch.syspath_prepend(site)
    diary = tmp_path / "diary"

    def fit(do):
        result = finished_run.result
        other = next(each for each in result.evaluations if each.family == result.recommended)
        params = {"do": do, "diary": str(diary)}
        trials = tuple(each.model_copy(update={"params": params}) for each in other.trials)
        plan = prepare(request_for(Path("unused"))).plan
        fragile = other.model_copy(update={"family": "fragile", "simplicity": 90, "trials": trials})
        with RunFolder.claim(finished_run.folder, resume=True) as folder:
            session = Session(
                folder=folder,
                observer=watcher,
                interruption=Interruption(),
                budget=Budget(plan, Clock()),
            )
            data = plan.dataset
            refits = refit_in_time(data, (*result.evaluations, fragile), "fragile", seed=0, session=session)
        return refits, diary.read_text().count("begun")

    return fit


@pytest.mark.parametrize(
    ("do", "n_attempts", "reason"),
    [
        ("die", 2, r"its process was ended by SIGKILL, often for lack of memory\)\."),
        ("exhaust", 2, r"failed \(MemoryError\)\."),
        ("raise", 1, r"failed \(ValueError: no tree grew\)\."),
        ("hang", 1, r"took longer than its limit of 0\.5 s\)\."),
    ],
)
def test_a_simpler_family_stands_in_where_the_refit_gives_no_model(
    refit_fragile, monkeypatch, do, n_attempts, reason
):
    monkeypatch.setattr(module, "_REFIT_SECONDS", 0.5 if do == "hang" else 60.0)
    refits, n_begun = refit_fragile(do)
    assert n_begun == n_attempts
    assert refits.made.evaluation.family in {"logreg", "linear"}
    assert list(refits.made.estimator.predict(["my password reset code"])) == ["login"]
    failed, stands_in = refits.sentences
    assert re.fullmatch(f"The refit of fragile .*{reason}", failed)
    assert stands_in.startswith("The model is one of ")


def test_a_refit_that_dies_once_is_tried_again(refit_fragile):
    refits, n_begun = refit_fragile("die once")
    assert n_begun == 2
    assert refits.made.evaluation.family == "fragile"
    assert refits.sentences == ()


def test_a_refit_may_take_four_times_as_long_as_one_of_the_search():
    assert module._REFIT_SECONDS == 4 * _UNIT_SECONDS
