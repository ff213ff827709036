import shutil
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "families"))  # the tiny encoder

from tiny_encoder import write_tiny_encoder

from automl_text.bundle.write import write_bundle
from automl_text.errors import InputError
from automl_text.experiment.export import export_family
from automl_text.experiment.run import run_search
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.place import FOLDER_VARIABLE


@pytest.fixture(scope="module")
def searched(request_for, tmp_path_factory):
    """A finished run of the encoder family, and the folder of its encoder."""
    pytest.importorskip("onnxruntime")
    folder = write_tiny_encoder(tmp_path_factory.mktemp("encoder"))
    output = tmp_path_factory.mktemp("runs") / "tiny"
    request = request_for(
        output, families=("encoder",), references="none", n_trials=1, encoders=(str(folder),)
    )
    return run_search(request, _Silent()), folder


class _Silent:
    def __getattr__(self, name):
        return lambda *_: None


@pytest.fixture
def tiny_request(searched, request_for):
    """Ask for a run of the encoder family in a folder."""
    options = {"families": ("encoder",), "references": "none", "n_trials": 1, "encoders": (str(searched[1]),)}
    return lambda output, **more: request_for(output, **options, **more)


def test_vectors_wait_in_the_folder_for_a_resumed_run_and_go_with_its_end(
    searched, tiny_request, stopped_at, watcher, tmp_path
):
    folder = tmp_path / "run"
    stopped_at(tiny_request(folder), "verdict")
    stored = (folder / "vectors.sqlite").read_bytes()
    journal = (folder / "journal.jsonl").read_text().splitlines(keepends=True)
    (folder / "journal.jsonl").write_text(journal[0])  # no fit is known any more
    found = []
    watcher.stage = lambda name, _="": (
        found.append((folder / "vectors.sqlite").read_bytes()) if name == "verdict" else None
    )
    again = run_search(tiny_request(folder, mode="resume"), watcher)
    assert len(watcher.progress) == len(journal) - 1
    assert found == [stored]  # whatever is encoded is written
    assert list(folder.glob("vectors*")) == []
    assert again.result.leaderboard == searched[0].result.leaderboard


def test_a_run_with_an_encoder_puts_nothing_into_the_temporary_folder(tiny_request, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)

    class Looker:
        def __getattr__(self, _):
            return lambda *_: None

        def stage(self, *_):
            assert (
                list((tmp_path / "temporary").glob("automl-text*")) == []
            )  # ONNX Runtime leaves a file of its own

    run_search(tiny_request(tmp_path / "run"), Looker())


def test_a_run_records_its_encoder(searched):
    output, folder = searched
    assert output.result.config.encoders[0].model_dump() == {
        "name": str(folder),
        "revision": "",
        "sha256": folder_digest(folder),
        "short_name": folder.name,
    }


def test_a_model_exported_with_its_encoder_predicts_where_there_is_none(
    searched, tickets, tmp_path, monkeypatch
):
    output, folder = searched
    refitted = export_family(output.folder, "encoder", tickets, with_encoder=True)
    write_bundle(tmp_path / "model.pkl", refitted.estimator, refitted.source)
    expected = refitted.estimator.predict_proba(["parcel late"])
    away = shutil.move(folder, tmp_path / "away")
    try:
        model = joblib.load(tmp_path / "model.pkl")
        np.testing.assert_array_equal(model.predict_proba(["parcel late"]), expected)
        with pytest.raises(InputError, match="needs the sentence encoder"):
            joblib.load(output.folder / "best_model.pkl").predict(["parcel late"])
        with pytest.raises(
            InputError, match=rf"{folder.name} .* is not there .* Set {FOLDER_VARIABLE} to the folder"
        ):
            export_family(output.folder, "encoder", tickets)
        monkeypatch.setenv(FOLDER_VARIABLE, str(away))
        export_family(output.folder, "encoder", tickets)
    finally:
        shutil.move(away, folder)


def test_a_model_without_an_encoder_cannot_be_exported_with_it(finished_run, tickets):
    with pytest.raises(InputError, match="'logreg' uses no sentence encoder"):
        export_family(finished_run.folder, "logreg", tickets, with_encoder=True)
