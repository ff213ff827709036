"""Searches on a real scheduler with real workers on loopback."""

import dataclasses
import json
import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parents[1] / room) for room in ("engine", "families")]

from dask_cluster import Cluster
from tiny_encoder import write_tiny_encoder

from automl_text.engine.dask.check import Needs
from automl_text.engine.dask.cluster import DaskExecutor
from automl_text.errors import InputError
from automl_text.experiment.run import run_search
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.place import EncoderPlace

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Address of a scheduler with one worker."""
    cluster = Cluster(tmp_path_factory.mktemp("dask"))
    cluster.start_scheduler()
    cluster.start_worker()
    yield cluster.address
    cluster.stop()


@pytest.fixture
def encoder(tmp_path):
    pytest.importorskip("onnxruntime")
    return write_tiny_encoder(tmp_path / "encoder")


def without_timing(folder):
    content = json.loads((folder / "result.json").read_text())
    del content["timing"]
    return content


@pytest.mark.slow
def test_a_sentence_encoder_on_a_cluster_gives_the_same_result(
    address, encoder, request_for, tmp_path, watcher
):
    local = request_for(tmp_path / "local", families=("encoder",), encoders=(str(encoder),))
    run_search(local, watcher)
    there = dataclasses.replace(local, output=tmp_path / "cluster", cluster=address)
    assert run_search(there, watcher).result.recommended == "encoder"
    assert without_timing(tmp_path / "cluster") == without_timing(tmp_path / "local")


@pytest.mark.slow
def test_a_worker_without_the_encoder_is_refused_before_the_start(address, encoder, tmp_path):
    place = EncoderPlace(name="e", folder=str(tmp_path / "elsewhere"), digest=folder_digest(encoder))
    with pytest.raises(
        InputError,
        match=r"worker tcp://\S+ lacks the sentence encoder \w{12}: .*elsewhere holds none.*AUTOML_TEXT_ENC",
    ):
        DaskExecutor(address, print, needs=Needs(lack=place.lack))


def test_versions_of_what_runs_the_encoder_are_recorded_where_one_is_used(
    finished_run, encoder, request_for, tmp_path, watcher
):
    named = {"onnxruntime", "tokenizers"}
    assert not named & finished_run.result.versions.keys()
    request = request_for(tmp_path / "run", families=("encoder",), encoders=(str(encoder),), n_trials=1)
    assert named <= run_search(request, watcher).result.versions.keys()
    header = json.loads((tmp_path / "run" / "journal.jsonl").read_text().splitlines()[0])
    assert named <= header["versions"].keys()
