"""The rule of the benchmark of early ends on predictions made by hand, and the whole of it on a small file."""

import csv
import importlib
import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl_text.data.dataset import Partition
from automl_text.families.contract import Scores
from automl_text.statistics.truth import Truth
from automl_text.tuning.nested import Trial
from automl_text.tuning.plan import inner_splits, outer_splits

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
N_FOLDS, N_CLASSES = 5, 3
PART_OF_ROW = np.repeat(np.arange(N_FOLDS), 30)
CODES = np.tile(np.arange(N_CLASSES), 50)
TRUTH = Truth(
    codes=CODES, groups=np.arange(len(CODES)), measurable=np.ones(N_CLASSES, dtype=bool), n_folds=N_FOLDS
)


@pytest.fixture
def rule(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("early_ends_rule")


def params(number, wrong_share):
    """Return a trial that gets every nth row of a split's test rows wrong, by ``wrong_share(split)``."""
    partition = Partition(fold_of_row=PART_OF_ROW, n_folds=N_FOLDS)
    fits = {}
    for split in outer_splits(0, N_FOLDS) + inner_splits(0, N_FOLDS):
        codes = CODES[partition.rows(split.test)]
        is_wrong = np.arange(len(codes)) % 10 < 10 * wrong_share(split)
        predicted = np.where(is_wrong, (codes + 1) % N_CLASSES, codes)
        logits = np.eye(N_CLASSES, dtype=np.float32)[predicted][None]
        fits[split] = Scores(steps=(0,), logits=logits, fit_seconds=1.0)
    return Trial(number=number, params={}, partition=partition, fits=fits)


def constant(number, share):
    return params(number, lambda _: share)


def dropped(rule, trials, z=1.64):
    return rule.dropped(rule.standings(trials, TRUTH), len(trials), z)


def test_every_choice_has_seen_two_inner_splits_after_the_first_five(rule):
    order = rule.in_order(N_FOLDS)
    assert sorted(split.test for split in order) == sorted(combinations(range(N_FOLDS), 2))
    seen = [part for split in order[:5] for part in split.test]
    assert [seen.count(part) for part in range(N_FOLDS)] == [2] * N_FOLDS


def test_a_clearly_worse_trial_is_dropped_as_soon_as_every_choice_has_seen_two_splits(rule):
    assert dropped(rule, [constant(0, 0.1), constant(1, 0.6)]) == {1: 5}


def test_an_equal_trial_is_kept(rule):
    assert dropped(rule, [constant(0, 0.3), constant(1, 0.3)], z=0.0) == {}


def test_a_slightly_worse_trial_is_kept_by_a_large_z_alone(rule):
    trials = [constant(0, 0.3), constant(1, 0.4)]
    assert dropped(rule, trials, z=0.0) == {1: 5}
    assert dropped(rule, trials, z=9.0) == {}


def test_a_trial_that_wins_for_one_outer_split_only_is_kept(rule):
    lone = params(1, lambda split: 0.0 if 2 in split.test else 0.6)
    assert dropped(rule, [constant(0, 0.1), lone, constant(2, 0.6)]) == {2: 5}


def test_the_default_trial_stays_however_bad_it_is(rule):
    assert dropped(rule, [constant(0, 0.6), constant(1, 0.1)]) == {}


def test_a_challenger_is_held_against_the_best_trial_left_and_not_against_the_default(rule):
    assert dropped(rule, [constant(0, 0.6), constant(1, 0.0), constant(2, 0.5)]) == {2: 5}


def test_without_the_best_trial_the_choice_falls_on_the_next(rule):
    trials = [constant(0, 0.5), constant(1, 0.0), constant(2, 0.2)]
    assert [each.trial for each in rule.choices_of(trials, TRUTH)[0].split_choices(0)] == [1] * N_FOLDS
    repeat, final = rule.choices_of([trials[0], trials[2]], TRUTH)
    assert [each.trial for each in repeat.split_choices(0)] == [2] * N_FOLDS
    assert final == (2, 0)


def test_samples_keep_five_rows_of_each_category(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    benchmark = importlib.import_module("early_ends")
    known = pd.DataFrame({"text": map(str, range(500)), "category": ["a"] * 400 + ["b"] * 92 + ["c"] * 8})
    sizes = benchmark.draw(known, 300, seed=1)["category"].value_counts()
    assert sizes["c"] == 5
    assert sizes["b"] == pytest.approx(55, abs=1)
    assert sizes.sum() == 300


@pytest.mark.slow
def test_the_whole_benchmark_replays_what_the_tool_chose(tmp_path):
    generator = np.random.default_rng(0)
    with (tmp_path / "texts_train.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "category"])
        for number in range(160):
            words = [f"w{number % 3}{generator.integers(8)}" for _ in range(2)]
            noise = [f"n{generator.integers(300)}" for _ in range(5)]
            writer.writerow([" ".join(words + noise), f"class {number % 3}"])
    command = [sys.executable, str(BENCHMARKS / "early_ends.py"), str(tmp_path / "texts_train.csv")]
    command += ["--samples", "2", "--rows", "90", "--families", "linear", "--preset", "quick"]
    command += ["--json", str(tmp_path / "out.json")]
    subprocess.run(command, timeout=600, check=True)  # noqa: S603
    saved = json.loads((tmp_path / "out.json").read_text())
    assert {row["family"] for row in saved["means"]} == {"linear", "all"}
    for row in saved["samples"]:
        assert row["fits"] == 8 * 15
        assert 0 <= row["fits_saved"] <= 7 * 10
        assert row["is_other_final"] or row["held_out_harm"] == 0
