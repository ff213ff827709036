"""What is written, and that it needs nothing of ours."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
from lightgbm import LGBMClassifier

from automl_text.bundle.write import _pins, _required_versions, write_bundle
from automl_text.errors import RunError
from automl_text.results.model import TextHashes

from .conftest import TEXTS, fitted, source


def test_the_pickle_predicts_what_the_estimator_predicted(model: Path):
    np.testing.assert_array_equal(joblib.load(model).predict_proba(TEXTS), fitted().predict_proba(TEXTS))


def test_the_manifest_says_where_the_model_comes_from(model: Path):
    manifest = json.loads(model.with_suffix(".json").read_text())
    assert manifest["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert manifest["labels"] == ["billing", "bug", "chat"]
    assert manifest["versions"]["scikit-learn"] == sklearn.__version__
    assert manifest["trained_on"]["n_rows"] == len(TEXTS)
    assert manifest["promise"]["interval"] == [0.7, 0.9]


def test_no_training_text_stands_in_the_manifest(model: Path):
    assert "invoice" not in model.with_suffix(".json").read_text()


def test_a_linear_model_needs_scikit_learn_and_what_it_brings_alone(model: Path):
    lines = model.with_suffix(".requirements.txt").read_text().splitlines()
    assert {line.partition("==")[0] for line in lines} <= {"scikit-learn", "numpy", "scipy", "joblib"}
    assert f"scikit-learn=={sklearn.__version__}" in lines


def test_lightgbm_inside_an_estimator_is_found():
    assert "lightgbm" in _required_versions({"deep": [LGBMClassifier()]})


def test_libraries_imported_late_are_pinned_too():
    assert "scikit-learn" in _required_versions(None, imported_late=("sklearn",))
    assert "pillow" in _required_versions(None, imported_late=("PIL",))
    assert "tensorflow" in _required_versions(None, imported_late=("tensorflow",))


def test_a_module_that_is_no_package_is_not_pinned():
    assert _pins({"no-such-package-here": "", "numpy": "2.4.1+local"}) == ("numpy==2.4.1",)


def test_a_failed_export_leaves_the_old_model(model: Path):
    before = model.read_bytes()

    def fail(_: object) -> bytes:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_bundle(model, fitted(), source(), encode=fail)
    assert model.read_bytes() == before


def test_no_temporary_file_stays_where_the_model_cannot_be_written(tmp_path: Path):
    (tmp_path / "m.pkl").mkdir()
    with pytest.raises(RunError, match=r"m\.pkl cannot be written: Is a directory"):
        write_bundle(tmp_path / "m.pkl", fitted(), source())
    assert not list(tmp_path.glob(".*.part"))


def test_equal_models_give_equal_bytes(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_bundle(tmp_path / name / "m.pkl", fitted(), source())
    assert (tmp_path / "a/m.pkl").read_bytes() == (tmp_path / "b/m.pkl").read_bytes()
    assert (tmp_path / "a/m.json").read_bytes() == (tmp_path / "b/m.json").read_bytes()


FIT = """
import hashlib
import numpy as np
from automl_text.bundle.write import _pickle_bytes
from automl_text.families.contract import RefitPlan
from automl_text.families.registry import load_family
from automl_text.tuning.space import load_space, settings_of

texts, labels = [f"word{n % 7} text{n % 5} more" for n in range(40)], [str(n % 2) for n in range(40)]
for name in ("logreg", "lightgbm"):
    family = load_family(name)
    wanted = RefitPlan(texts=texts, labels=labels, groups=np.arange(40), seed=0, steps=3)
    model = family.refit(wanted, settings_of(family, load_space(name).default_params))
    print(name, hashlib.sha256(_pickle_bytes(model)).hexdigest())
"""


@pytest.mark.slow
def test_equal_models_of_two_processes_are_equal_byte_for_byte():
    said = [
        subprocess.run(  # noqa: S603  (ours)
            [sys.executable, "-c", FIT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].count("\n") == 2


def test_no_temporary_file_stays(model: Path):
    assert sorted(path.name for path in model.parent.iterdir()) == [
        "best_model.json",
        "best_model.pkl",
        "best_model.requirements.txt",
    ]


def test_training_texts_are_recognised_whatever_their_case_and_blanks():
    hashes = TextHashes.of(["Hello  World", "x", "x"], salt="s")
    assert hashes.recognise(["hello world ", "X", "y", ""]) == [True, True, False, False]


def test_the_salt_changes_every_digest():
    assert TextHashes.of(["x"], salt="a").digests != TextHashes.of(["x"], salt="b").digests
