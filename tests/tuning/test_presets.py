"""How much each preset tries, and what large data change."""

import pytest

from automl_text.tuning.presets import LARGE_ROWS, PRESETS, TUNING_ROWS, for_size, with_capped_vocabulary
from automl_text.tuning.space import load_space

FAMILIES = ("logreg", "linear", "lightgbm", "lstm", "another")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_larger_preset_never_tries_less(family):
    tried = [PRESETS[name].trials_of(family) for name in ("quick", "standard", "thorough")]
    assert tried == sorted(tried)
    assert tried[0] >= 1


@pytest.mark.parametrize("name", PRESETS)
def test_small_data_get_the_preset_as_it_is(name):
    assert for_size(PRESETS[name], LARGE_ROWS - 1) == (PRESETS[name], ())


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("family", FAMILIES)
def test_large_data_never_get_more_trials_and_every_cut_is_said(name, family):
    asked = PRESETS[name]
    given, sentences = for_size(asked, LARGE_ROWS)
    assert 1 <= given.trials_of(family) <= asked.trials_of(family)
    said = " ".join(sentences)
    assert ("Fewer trials are tried" in said) or given.trials_of(family) == asked.trials_of(family)
    assert f"{TUNING_ROWS:,} of the training rows" in said
    assert (given.n_folds, given.n_repeats) == (3, 1)


def test_trials_that_were_asked_for_are_kept_on_large_data():
    given, sentences = for_size(PRESETS["thorough"], LARGE_ROWS, keeps_trials=True)
    assert [given.trials_of(each) for each in FAMILIES] == [
        PRESETS["thorough"].trials_of(each) for each in FAMILIES
    ]
    assert "Fewer trials" not in " ".join(sentences)


def test_a_limit_on_features_is_set_only_where_a_space_sets_none():
    space = load_space("logreg")
    assert space.fixed["max_features"] == 0
    capped = with_capped_vocabulary(space)
    assert capped.fixed["max_features"] == 100_000
    own = space.fixing("max_features", 500)
    assert with_capped_vocabulary(own) is own
