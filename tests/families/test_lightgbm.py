from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.families.lightgbm import FAMILY, LightgbmSettings, looks
from automl_text.tuning.settings import settings_of
from automl_text.tuning.space import load_space

if TYPE_CHECKING:
    from automl_text.families.contract import Sample


def _settings(**changes: Any) -> LightgbmSettings:
    return settings_of(
        FAMILY, {**load_space("lightgbm").default_point, "pieces": "words", "min_df": 1, **changes}
    )


def test_looks_ascend_and_end_with_the_last_round():
    assert looks(100) == (4, 8, 15, 25, 35, 50, 65, 80, 100)
    assert looks(3) == (1, 2, 3)


def test_fewer_rounds_are_the_beginning_of_more(sample: Sample):
    long, short = (FAMILY.score(sample, _settings(rounds=rounds), seed=1) for rounds in (20, 10))
    np.testing.assert_array_equal(long.logits[long.steps.index(10)], short.logits[-1])


def test_trees_that_find_no_split_are_reported(sample: Sample):
    scores = FAMILY.score(sample, _settings(rounds=5, min_data_in_leaf=50), seed=1)
    assert "No tree found a split" in scores.notes[0]
    assert np.ptp(scores.logits, axis=1).max() == 0


def test_sound_settings_report_nothing(sample: Sample):
    assert FAMILY.score(sample, _settings(rounds=5), seed=1).notes == ()


def test_svd_columns_change_what_trees_see(sample: Sample):
    plain, with_svd = (FAMILY.score(sample, _settings(rounds=5, n_svd=n), seed=1).logits for n in (0, 4))
    assert not np.array_equal(plain, with_svd)
