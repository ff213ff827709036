from __future__ import annotations

import json
from typing import TYPE_CHECKING

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from automl_text.results.result import read_result
from automl_text.tuning.studies import optuna_journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def opened(file: Path, family: str) -> optuna.Study:
    return optuna.load_study(study_name=family, storage=JournalStorage(JournalFileBackend(str(file))))


def test_optuna_opens_a_study_per_family_with_what_the_run_tried(
    finished: Path, tmp_path: Path, command: Callable
):
    done = command("optuna", finished, "-o", tmp_path / "study.log")
    assert (done.code, done.err) == (0, "")
    assert "optuna-dashboard" in done.out
    tree = json.loads((finished / "result.json").read_text(encoding="utf-8"))
    tuned = [each for each in tree["evaluations"] if each["trials"] and not each["is_reference"]]
    assert tuned
    for evaluation in tuned:
        study = opened(tmp_path / "study.log", evaluation["family"])
        assert study.direction.name == "MAXIMIZE"
        assert study.user_attrs["final_trial"] == evaluation["final_trial"]
        assert len(study.trials) == len(evaluation["trials"])
        for trial, record in zip(study.trials, evaluation["trials"], strict=True):
            said = {name: value for name, value in trial.user_attrs.items() if name in record["params"]}
            assert trial.params | said == record["params"]
            assert trial.value == record["inner_score"]
            assert list(trial.intermediate_values.values()) == record["inner_scores"]
            assert trial.user_attrs["is_final"] == (trial.number == evaluation["final_trial"])
        assert study.best_value == max(record["inner_score"] for record in evaluation["trials"])


def test_parameters_have_the_ranges_of_the_search_space(finished: Path, tmp_path: Path):
    (tmp_path / "study.log").write_bytes(optuna_journal(read_result(finished)))
    distribution = opened(tmp_path / "study.log", "logreg").trials[0].distributions["C"]
    assert isinstance(distribution, optuna.distributions.FloatDistribution)
    assert distribution.log


def test_without_the_runs_search_space_parameters_have_the_values_that_were_tried(
    finished: Path, tmp_path: Path
):
    result = read_result(finished)
    config = result.config.model_copy(update={"search_spaces": {"logreg": "0" * 64}})
    (tmp_path / "study.log").write_bytes(optuna_journal(result.model_copy(update={"config": config})))
    trials = opened(tmp_path / "study.log", "logreg").trials
    tried = tuple(dict.fromkeys(each.params["imbalance"] for each in trials))
    assert trials[0].distributions["imbalance"].choices == tried
    assert "C" in trials[0].user_attrs


def test_a_trial_that_failed_has_failed_there_too_with_its_reason(finished: Path, tmp_path: Path):
    result = read_result(finished)
    evaluation = next(each for each in result.evaluations if each.family == "logreg")
    broken = evaluation.trials[1].model_copy(
        update={"status": "failed", "inner_score": None, "inner_scores": (None,) * 5, "reason": "out of luck"}
    )
    evaluation = evaluation.model_copy(update={"trials": (evaluation.trials[0], broken)})
    content = optuna_journal(result.model_copy(update={"evaluations": (evaluation,)}))
    (tmp_path / "study.log").write_bytes(content)
    trial = opened(tmp_path / "study.log", "logreg").trials[1]
    assert (trial.state, trial.user_attrs["reason"]) == (TrialState.FAIL, "out of luck")


@pytest.mark.parametrize("name", ["result.json", "there.log"])
def test_no_file_is_replaced_unasked(name: str, run_dir: Path, command: Callable):
    (run_dir / "there.log").write_text("mine")
    done = command("optuna", run_dir, "-o", run_dir / name)
    assert done.code == 2
    assert (run_dir / "there.log").read_text() == "mine"
