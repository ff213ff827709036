"""A search on a pool that the caller made."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from automl_text.experiment.run import run_search


def without_timing(folder):
    content = json.loads((folder / "result.json").read_text())
    del content["timing"]
    return content


@pytest.mark.slow
def test_a_search_on_any_pool_finds_the_same_result_and_leaves_the_pool_open(request_for, tmp_path, watcher):
    local = request_for(tmp_path / "local", families=("logreg",), n_trials=2)
    run_search(local, watcher)
    with ThreadPoolExecutor(2) as pool:
        run_search(dataclasses.replace(local, output=tmp_path / "pool", pool=pool, jobs=2), watcher)
        assert pool.submit(int).result() == 0
    assert without_timing(tmp_path / "pool") == without_timing(tmp_path / "local")
