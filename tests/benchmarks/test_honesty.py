"""The table of promises: published intervals by hand, quick fits against the family's own, and a whole sample."""

import importlib
import itertools
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def load(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def population(n_rows=700):
    dataset = importlib.import_module("automl_text.data.dataset").Dataset
    generator = np.random.default_rng(0)
    codes = generator.choice(3, n_rows, p=[0.5, 0.3, 0.2])
    texts = [
        " ".join([f"w{code}{generator.integers(9)}", *(f"n{generator.integers(400)}" for _ in range(4))])
        if generator.random() < 0.8
        else f"nothing n{generator.integers(400)}"
        for code in codes
    ]
    return dataset(
        texts=tuple(texts),
        codes=codes,
        classes=("a", "b", "c"),
        groups=np.arange(n_rows),
        lines=np.arange(n_rows) + 2,
        sha256="0" * 64,
    )


def test_takahashis_variance_is_that_of_many_redrawn_matrices(load):
    field = load("honesty_field")
    matrix = np.array([[60, 8, 2], [6, 30, 4], [3, 2, 15]])
    class_f1 = load("automl_text.statistics.metrics").class_f1
    low, high = field.takahashi(matrix)
    draws = np.random.default_rng(0).multinomial(matrix.sum(), (matrix / matrix.sum()).ravel(), 4000)
    spread = np.std([class_f1(draw.reshape(3, 3)).mean() for draw in draws])
    assert (low + high) / 2 == pytest.approx(class_f1(matrix).mean())
    assert (high - low) / 2 / 1.959964 == pytest.approx(spread, rel=0.05)


def test_the_corrected_t_by_hand(load):
    low, high = load("honesty_field").corrected_t(np.array([0.5, 0.6, 0.7, 0.6, 0.6]))
    error = np.sqrt((1 / 5 + 1 / 4) * 0.005)
    assert (low, high) == pytest.approx((0.6 - 2.776445 * error, 0.6 + 2.776445 * error))


def test_quick_fits_say_what_the_family_says(load):
    samples, data = load("honesty_samples"), population()
    fitter = samples.Fitter("linear", data, is_long=False)
    train, test = np.arange(80), np.arange(80, 300)
    quick = fitter.scores(train, np.arange(80), test, key="k", seed=1)
    fitter._is_quick = False
    assert quick == pytest.approx(fitter.scores(train, np.arange(80), test, key="k", seed=1), abs=1e-4)


def test_a_sample_is_fitted_once_and_every_promise_is_judged(load, tmp_path):
    samples, honesty = load("honesty_samples"), load("honesty")
    fitter = samples.Fitter("linear", population(), is_long=False)
    tiny = samples.Population(name="tiny", files=(), rows=(80, 40))
    made = [samples.sampled(tiny, fitter, n_rows=80, seed=seed, folder=tmp_path) for seed in (0, 0, 1)]
    assert len(list(tmp_path.iterdir())) == 2
    judged = [
        honesty.judge_sample({**found, "seed": seed}) for found, seed in zip(made, (0, 0, 1), strict=True)
    ]
    assert judged[0] == judged[1] != judged[2]
    row = honesty.summarise(judged[1:])
    assert row["n"] == 2
    assert {
        "covered",
        "takahashi_covered",
        "class_covered",
        "gain2_off",
        "accuracy_covered",
        "share_covered",
    } <= set(row)
    assert abs(row["expected_off"]) < 0.2


def test_a_bias_or_a_cover_beyond_its_error_breaks_the_gate(load):
    is_honest = load("honesty").is_honest
    for off, covered, verdict in itertools.product((0.005, 0.03), (0.95, 0.7), (True,)):
        row = {"expected_off": off, "expected_off_error": 0.005, "covered": covered, "n": 60.0}
        assert is_honest({"one": row}) is (verdict and off < 0.02 and covered > 0.9)
