"""The benchmark of quality: how it draws samples, and what its fixed rows are."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import quality


def test_samples_of_a_pool_are_seeded_and_never_judged_by_their_own_rows(tmp_path: Path) -> None:
    (tmp_path / "pool").mkdir()
    texts = [f"text {number}" for number in range(50)]
    pd.DataFrame({"text": texts, "category": "ab" * 25}).to_csv(
        tmp_path / "pool" / "pool_pool.csv", index=False
    )
    options = Namespace(files=[], pool=["pool"], data=tmp_path, rows=20, samples=3, first_sample=4)
    drawn = [
        (case.name, set(pd.read_csv(case.train)["text"]), set(case.test["text"]))
        for case in quality.cases(options, tmp_path)
    ]
    assert [name for name, _, _ in drawn] == ["pool_4", "pool_5", "pool_6"]
    assert all(
        len(train) == 20 and train | test == set(texts) and not train & test for _, train, test in drawn
    )
    assert len({frozenset(train) for _, train, _ in drawn}) == 3
    again = next(quality.cases(options, tmp_path))
    assert set(pd.read_csv(again.train)["text"]) == drawn[0][1]


def test_the_fixed_logistic_regression_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    known, asked = generator.normal(size=(40, 90)), generator.normal(size=(200, 90))
    known[1] = known[0]
    known, asked = known.astype(np.float32), asked.astype(np.float32)
    labels = np.array(["a", "b", "c", "a"] * 10)
    model = LogisticRegression(C=quality.C_OF_VECTORS, class_weight="balanced", max_iter=2000, tol=1e-8)
    expected = model.fit(known, labels).predict(asked)
    agree = quality.logistic(known, labels, asked) == expected
    assert agree.mean() > 0.99
