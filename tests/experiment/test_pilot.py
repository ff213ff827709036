import time
from types import SimpleNamespace

import numpy as np
import pytest

from automl_text.experiment.pilot import (
    PILOT_ROWS,
    PILOT_SECONDS,
    drawn_rows,
    foreseen_seconds,
    measured_slowness,
    pilot_sample,
)
from automl_text.experiment.prepare import prepare
from automl_text.tuning.cost import SECONDS, Load


def documents(n_rows, n_classes, n_characters):
    """Rows sorted by category."""
    return SimpleNamespace(
        texts=tuple(f"word{row} " * (n_characters // 8) for row in range(n_rows)),
        codes=np.sort(np.arange(n_rows) % n_classes),
        groups=np.arange(n_rows),
    )


def test_a_file_sorted_by_category_gives_a_pilot_of_every_category():
    codes = np.repeat([0, 1, 2], [5_000, 3_000, 1])
    rows = drawn_rows(codes, seed=0)
    assert len(rows) == len(set(rows)) == PILOT_ROWS
    assert set(codes[rows[:3]]) == {0, 1, 2}
    assert np.mean(codes[rows] == 0) == pytest.approx(5 / 8, abs=0.06)


def test_the_same_seed_draws_the_same_rows_and_another_one_others():
    codes = np.arange(5_000) % 7
    assert np.array_equal(drawn_rows(codes, seed=1), drawn_rows(codes, seed=1))
    assert not np.array_equal(drawn_rows(codes, seed=1), drawn_rows(codes, seed=2))


@pytest.mark.parametrize(("n_characters", "n_classes"), [(40, 3), (100_000, 20), (600, 900), (100_000, 900)])
def test_long_documents_and_many_categories_make_the_pilot_no_longer(n_characters, n_classes):
    data = documents(1_000, n_classes, n_characters)
    sample = pilot_sample(data, drawn_rows(data.codes, seed=0))
    assert foreseen_seconds(sample) <= PILOT_SECONDS
    assert sample.n_classes == len(set(sample.train_codes)) >= 3


def test_what_is_foreseen_counts_what_the_pilot_really_reads():
    data = documents(1_000, 20, 100_000)
    sample = pilot_sample(data, drawn_rows(data.codes, seed=0))
    n_characters = sum(map(len, sample.train_texts))
    load = Load(rows=len(sample.train_texts), characters=n_characters, read=0, classes=sample.n_classes)
    assert foreseen_seconds(sample) == SECONDS["linear"](load)


def test_the_machine_is_slow_within_bounds_and_soon_known(request_for, tmp_path):
    began = time.monotonic()
    assert 0.5 <= measured_slowness(prepare(request_for(tmp_path)).plan.dataset, seed=0) <= 8.0
    assert time.monotonic() - began < 20
