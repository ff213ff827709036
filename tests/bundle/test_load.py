"""What is loaded, and what is refused before anything is constructed."""

import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from automl_text.bundle.formats import _skops_bytes
from automl_text.bundle.load import LoadChecks, load_bundle
from automl_text.bundle.write import write_bundle
from automl_text.errors import InputError
from automl_text.results.model import read_manifest

from .conftest import fitted, source

pytestmark = pytest.mark.filterwarnings("ignore:.* has no manifest")


class Payload:
    """Unpickling this creates a file."""

    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.touched,)


def edit_manifest(model: Path, **changes: object) -> None:
    path = model.with_suffix(".json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_model_comes_back_with_its_manifest(model: Path):
    loaded = load_bundle(model)
    assert loaded.estimator.predict(["broken screen"]).tolist() == ["bug"]
    assert loaded.manifest is not None
    assert loaded.manifest.labels == ("billing", "bug", "chat")
    assert loaded.sha256 == hashlib.sha256(model.read_bytes()).hexdigest() == loaded.manifest.sha256


def test_a_runs_folder_stands_for_its_model(model: Path):
    assert load_bundle(model.parent).path == model


def test_a_model_without_manifest_loads_with_one_warning(model: Path):
    model.with_suffix(".json").unlink()
    with pytest.warns(UserWarning, match=r"has no manifest best_model\.json") as caught:
        assert load_bundle(model).manifest is None
    assert len(caught) == 1


def test_the_warning_comes_before_anything_is_loaded(model: Path, monkeypatch: pytest.MonkeyPatch):
    model.with_suffix(".json").unlink()
    happened = []
    read = joblib.load
    monkeypatch.setattr("joblib.load", lambda *given: happened.append("loaded") or read(*given))
    load_bundle(model, warn=lambda _: happened.append("warned"))
    assert happened == ["warned", "loaded"]


@pytest.mark.parametrize("name", ["model.skops", "model.NPZ"])
@pytest.mark.parametrize("compress", [0, 3])
def test_a_pickle_never_runs_under_a_safe_name(tmp_path: Path, name: str, compress: int):
    joblib.dump(Payload(tmp_path / "ran"), tmp_path / name, compress=compress)
    with pytest.raises(InputError, match=r"is a pickle, .* under the name of a form that runs none"):
        load_bundle(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_only_safe_refuses_a_pickle_under_any_name(model: Path):
    with pytest.raises(InputError, match="--only-safe refuses that"):
        load_bundle(model, LoadChecks(only_safe=True))


def test_a_safe_form_is_read_as_such_under_any_name(tmp_path: Path):
    write_bundle(tmp_path / "model.pkl", fitted(), source(), encode=_skops_bytes)
    assert load_bundle(tmp_path / "model.pkl", LoadChecks(only_safe=True)).estimator.classes_[0] == "billing"


def test_require_manifest_refuses_a_model_without_one(model: Path):
    model.with_suffix(".json").unlink()
    with pytest.raises(InputError, match=r"best_model\.json is missing, and --require-manifest"):
        load_bundle(model, LoadChecks(require_manifest=True))


def test_a_replaced_model_is_refused_before_it_runs(model: Path, tmp_path: Path):
    touched = tmp_path / "touched"
    joblib.dump(Payload(touched), model, compress=3)
    with pytest.raises(InputError, match=r"It is damaged, or another run's\. Copy both again"):
        load_bundle(model)
    assert not touched.exists()


def test_a_given_digest_stops_whoever_replaces_model_and_manifest(model: Path, tmp_path: Path):
    good = hashlib.sha256(model.read_bytes()).hexdigest()
    touched = tmp_path / "touched"
    joblib.dump(Payload(touched), model, compress=3)
    edit_manifest(model, sha256=hashlib.sha256(model.read_bytes()).hexdigest())
    with pytest.raises(InputError, match=f"not {good} as --sha256 asks"):
        load_bundle(model, LoadChecks(sha256=good))
    assert not touched.exists()


def test_a_digest_may_be_written_in_capitals(model: Path):
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    assert load_bundle(model, LoadChecks(sha256=f" {digest.upper()}")).sha256 == digest


def test_another_scikit_learn_is_refused_before_unpickling(model: Path):
    edit_manifest(model, versions={"scikit-learn": "1.2.0"})
    with pytest.raises(
        InputError, match=r"saved by scikit-learn 1\.2\.0, but .* Run: pip install scikit-learn==1\.2\.0"
    ):
        load_bundle(model)


def test_another_scikit_learn_is_noticed_without_a_manifest(model: Path):
    pipeline = joblib.load(model)
    pipeline.__class__.__getstate__, kept = (
        lambda self: {**self.__dict__, "_sklearn_version": "0.24.2"},
        pipeline.__class__.__getstate__,
    )
    try:
        joblib.dump(pipeline, model)
    finally:
        pipeline.__class__.__getstate__ = kept
    model.with_suffix(".json").unlink()
    with pytest.raises(InputError, match=r"saved by scikit-learn 0\.24\.2"):
        load_bundle(model)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"text,label\na,b\n", "is not a model"),
        (b"\x89PNG\r\n", "is an image"),
        (b'{"a": 1}', r"is JSON; the manifest stands beside the model"),
        (b"<html>", "is a page or XML"),
        (b"\x80\x04", "is cut off or damaged"),
        (b"\x78\x9c\x00\x01", "is cut off or damaged"),
        (b"\x80\x05garbage", "cannot be loaded"),
        (
            pickle.dumps({"a": 1}),
            r"holds a dict, not a fitted classifier \(no predict, predict_proba, classes_\)",
        ),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, content: bytes, expected: str):
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=expected):
        load_bundle(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.9999])
def test_a_truncated_model_is_refused(model: Path, share: float):
    content = model.read_bytes()
    model.with_suffix(".json").unlink()
    model.write_bytes(content[: int(share * len(content)) - 1])
    with pytest.raises(InputError, match=r"is cut off or damaged\. Copy it from the run again"):
        load_bundle(model)


def test_a_missing_model_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"nothing\.pkl: no such file\. Give a run's folder"):
        load_bundle(tmp_path / "nothing.pkl")


def test_a_folder_without_model_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"is a folder without best_model\.pkl"):
        load_bundle(tmp_path)


def test_a_run_without_recommendation_says_so(tmp_path: Path):
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(InputError, match=r"this run wrote no model\. Its report\.html says why"):
        load_bundle(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 1}', "[" * 100_000])
def test_a_broken_manifest_is_refused(model: Path, content: str):
    model.with_suffix(".json").write_text(content)
    with pytest.raises(InputError, match="is not the manifest of a model"):
        load_bundle(model)


def test_a_later_format_is_named(model: Path):
    edit_manifest(model, format=99)
    with pytest.raises(InputError, match=r"has format 99, this version reads up to 2\. Update automl-text"):
        load_bundle(model)


def test_a_manifest_of_format_1_is_read_as_it_was_meant():
    manifest = read_manifest(Path(__file__).parent / "old" / "format_1.pkl")
    assert (manifest.format, manifest.encoders, manifest.promise.unlike_below) == (1, {}, None)
    assert manifest.trained_on.rows.form == "blanks"


def test_a_missing_library_is_named(tmp_path: Path):
    path = tmp_path / "m.pkl"
    path.write_bytes(b"\x80\x04cno_such_library\nThing\n.")
    with pytest.raises(InputError, match="needs the package 'no_such_library', which is not installed here"):
        load_bundle(path)


def test_loading_a_linear_model_imports_neither_tensorflow_nor_lightgbm_nor_our_families(model: Path):
    code = (
        "import sys; from automl_text.bundle.load import load_bundle; "
        f"load_bundle({str(model)!r}).estimator.predict(['x']); "
        "print([m for m in ('tensorflow', 'lightgbm', 'optuna', 'automl_text.families') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_model_moves_with_its_manifest(model: Path, tmp_path: Path):
    target = tmp_path / "elsewhere"
    target.mkdir()
    shutil.copy(model, target / "mine.pkl")
    shutil.copy(model.with_suffix(".json"), target / "mine.json")
    assert load_bundle(target / "mine.pkl", LoadChecks(require_manifest=True)).manifest is not None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lstm", [[0.41907726, 0.58092274], [0.1803279, 0.8196721]]),
        ("lstm_as_posted", [[0.75227653, 0.24772347], [0.2016552, 0.7983448]]),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_networks_exported_before_their_modules_moved_predict_as_they_did(name: str, expected: list[object]):
    file = Path(__file__).parent / "old" / f"{name}.pkl"
    shares = load_bundle(file).estimator.predict_proba(["play some jazz", "will it rain"])
    assert shares == pytest.approx(np.array(expected), abs=1e-6)
