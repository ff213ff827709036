"""The benchmark of promises: its figures by hand, and the whole of it on a pool small enough to run."""

import csv
import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def honesty(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("honesty_search")


def test_interval_score_is_the_width_and_forty_times_what_is_missed(honesty):
    truth, low, high = np.array([0.5, 0.5]), np.array([0.4, 0.55]), np.array([0.6, 0.65])
    assert honesty.interval_score(truth, low, high) == pytest.approx((0.2 + 0.1 + 40 * 0.05) / 2)


def test_coverage_bias_and_width_of_hand_made_promises(honesty):
    figure = importlib.import_module("honesty_full").Figure
    promises = [
        figure(name="own", macro_f1=0.7, expected=0.75, interval=(0.7, 0.8), truth=truth)
        for truth in (0.72, 0.85)
    ]
    found = honesty.about_figures(promises)
    assert found["coverage"] == 0.5
    assert found["bias_measured"] == pytest.approx(0.7 - 0.785)
    assert found["bias_expected"] == pytest.approx(0.75 - 0.785)
    assert found["width"] == pytest.approx(0.1)
    assert found["interval_score"] == pytest.approx(0.1 + 40 * 0.05 / 2)
    assert found["best_constant_width"] <= found["interval_score"]


def write_pool(path, n_rows=400):
    generator = np.random.default_rng(0)
    words = {code: [f"w{code}{i}" for i in range(12)] for code in range(3)}
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        for _ in range(n_rows):
            code = int(generator.choice(3, p=[0.5, 0.3, 0.2]))
            known = generator.choice(words[code], 3) if generator.random() < 0.8 else ["nothing"]
            writer.writerow(
                [" ".join([*known, *(f"n{generator.integers(500)}" for _ in range(4))]), f"class {code}"]
            )


def test_repeated_rows_fool_a_plain_split_and_not_the_figure(honesty, tmp_path):
    write_pool(tmp_path / "pool.csv")
    once, twice = (
        honesty.Trials(
            honesty.Setup(
                pool=tmp_path / "pool.csv",
                n_rows=80,
                families=("linear",),
                n_trials=1,
                is_doubled=is_doubled,
            )
        )(1)
        for is_doubled in (False, True)
    )
    assert twice.figures[0].macro_f1 == pytest.approx(once.figures[0].macro_f1, abs=0.05)
    assert twice.plain > once.figures[0].macro_f1 + 0.1


def test_shuffled_labels_are_no_signal(honesty, tmp_path):
    write_pool(tmp_path / "pool.csv")
    trials = honesty.Trials(honesty.Setup(pool=tmp_path / "pool.csv", n_rows=80, is_shuffled=True))
    assert [trials(seed).has_signal for seed in range(3)] == [False] * 3


@pytest.mark.slow
def test_the_whole_benchmark_prints_and_saves_every_figure(tmp_path):
    write_pool(tmp_path / "pool.csv")
    command = [
        sys.executable,
        str(BENCHMARKS / "honesty_search.py"),
        str(tmp_path / "pool.csv"),
        "--rows",
        "80",
    ]
    command += ["--samples", "2", "--families", "linear,logreg", "--json", str(tmp_path / "out.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)  # noqa: S603
    saved = json.loads((tmp_path / "out.json").read_text())
    assert set(saved["figures"]) == {"linear", "logreg", "procedure"}
    for row in saved["figures"].values():
        assert row["n"] == 2
        assert 0.3 < row["truth"] < 1
        assert abs(row["bias_expected"]) < 0.2
    assert saved["pairs"]["n"] == 2
    assert "Mean shortfall of the recommendation" in done.stdout
