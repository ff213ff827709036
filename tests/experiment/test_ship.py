import time
from pathlib import Path

import pytest

from automl_text.engine.folder import RunFolder
from automl_text.engine.interruption import Interruption
from automl_text.experiment.budget import Budget
from automl_text.experiment.prepare import prepare
from automl_text.experiment.searching import Session
from automl_text.experiment.ship import ship, why_another

SECONDS = 1000.0


@pytest.fixture
def shipped_after(finished_run, request_for, watcher):
    """Fit the final model when so much of the time is over."""

    def fit(share):
        request = request_for(Path("unused"))
        result = finished_run.result
        with RunFolder.claim(finished_run.folder, resume=True) as folder:
            session = Session(
                folder=folder,
                observer=watcher,
                interruption=Interruption(),
                budget=Budget(SECONDS, time.monotonic() - share * SECONDS),
            )
            data = prepare(request).plan.dataset
            return ship(data, result.evaluations, result.recommended, seed=request.seed, session=session)

    return fit


def test_the_recommended_family_is_fitted_while_there_is_time(shipped_after, finished_run):
    shipped = shipped_after(0.5)
    assert shipped.evaluation.family == finished_run.result.recommended
    assert list(shipped.estimator.predict(["my password reset code"])) == ["login"]
    assert why_another(finished_run.result.recommended, shipped) == ()


def test_the_simplest_other_family_stands_in_where_its_time_is_over(shipped_after, finished_run):
    shipped = shipped_after(0.94)
    assert {shipped.evaluation.family, finished_run.result.recommended} == {"logreg", "linear"}
    assert f"the model is one of {shipped.evaluation.family}" in why_another("first", shipped)[0]


def test_no_model_is_fitted_when_all_time_is_over(shipped_after):
    assert shipped_after(1.01) is None
    assert "no model could be written" in why_another("first", None)[0]
