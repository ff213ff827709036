"""The example of a family in a package of its own, installed as a user would, and ranked like the others."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import joblib
import pytest

PACKAGE = Path(__file__).parents[2] / "examples" / "plugin_family"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Environment in which the package is installed beside automl-text."""
    target = tmp_path_factory.mktemp("installed")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*pip, "--target", str(target), str(PACKAGE)], check=True)  # noqa: S603  (ours)
    return {**os.environ, "PYTHONPATH": str(target)}


def automl_text(environment, folder, *arguments):
    command = [sys.executable, "-m", "automl_text", *arguments]
    done = subprocess.run(  # noqa: S603  (ours)
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_it_is_listed_searched_ranked_and_exported(installed, place):
    assert "Naive Bayes" in automl_text(installed, place, "families")
    options = shlex.split(
        "--families bayes,majority --trials 2 --references none --jobs 1 --outer-folds 3 --output reports/bayes --quiet"
    )
    automl_text(installed, place, "search", "data.csv", *options)
    result = json.loads((place / "reports/bayes/result.json").read_text("utf-8"))
    assert [row["family"] for row in result["leaderboard"]] == ["bayes", "majority"]
    assert result["recommended"] == "bayes"
    assert result["leaderboard"][0]["macro_f1"] > 2 * result["leaderboard"][1]["macro_f1"]
    assert result["evaluations"][0]["trials"][0]["params"] == {"alpha": 0.1, "word_ngram_max": 1}
    requirements = (place / "reports/bayes/best_model.requirements.txt").read_text("utf-8")
    assert "automl" not in requirements
    assert "scikit-learn==" in requirements
    model = joblib.load(place / "reports/bayes/best_model.pkl")  # here, where the package is not installed
    assert model.predict(["Where is my parcel?"])[0] in model.classes_


def test_without_the_package_the_family_is_unknown(command):
    code, _, err = command(["search", "data.csv", "--families", "bayes"])
    assert code == 2
    assert "There is no family 'bayes'" in err
