from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.families.lightgbm import FAMILY, LightgbmSettings, _datasets, _looks
from automl_text.tuning.space import load_space, settings_of

if TYPE_CHECKING:
    from automl_text.families.contract import Sample


def _settings(**changes: Any) -> LightgbmSettings:
    return settings_of(
        FAMILY, {**load_space("lightgbm").default_params, "pieces": "words", "min_df": 1, **changes}
    )


def test_looks_ascend_and_end_with_the_last_round():
    assert _looks(100) == (4, 8, 15, 25, 35, 50, 65, 80, 100)
    assert _looks(3) == (1, 2, 3)


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


def test_what_was_fitted_before_on_the_same_bins_changes_nothing(sample: Sample):
    balanced, plain = (_settings(rounds=5, imbalance=each) for each in ("balanced", "none"))
    alone = FAMILY.score(replace(sample, key="alone"), plain, seed=1).logits
    other = FAMILY.score(replace(sample, key="shared"), balanced, seed=2).logits
    after = FAMILY.score(replace(sample, key="shared"), plain, seed=1).logits
    np.testing.assert_array_equal(after, alone)
    assert not np.array_equal(after, other)


def test_trials_on_the_same_features_share_their_bins(sample: Sample):
    n_before = len(_datasets)
    for params in (
        {},
        {"min_data_in_leaf": 3, "num_leaves": 6, "feature_fraction": 0.1},
        {"imbalance": "none"},
    ):
        FAMILY.score(replace(sample, key="bins"), _settings(rounds=2, **params), seed=1)
    assert len(_datasets) == n_before + 1
