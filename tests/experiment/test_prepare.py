import dataclasses

import numpy as np
import pytest

from automl_text.errors import InputError
from automl_text.experiment.prepare import prepare
from automl_text.experiment.run import run_search
from automl_text.families.registry import load_family
from automl_text.tuning import presets
from automl_text.tuning.space import _space_path


def test_an_unknown_family_names_the_nearest(request_for, tmp_path):
    with pytest.raises(InputError, match="Did you mean 'lightgbm'"):
        prepare(request_for(tmp_path, families=("lightgmb",)))


def test_a_changed_search_space_changes_what_is_tried(request_for, tmp_path):
    ours = prepare(request_for(tmp_path, n_trials=5))
    before = ours.plan.families[0].trials[0]["C"]
    space = tmp_path / "mine.toml"
    space.write_text(_shipped("logreg").read_text().replace(f"default = {before}", "default = 3.25"))
    changed = prepare(request_for(tmp_path, n_trials=5, search_spaces=(space,)))
    assert before != 3.25
    assert changed.plan.families[0].trials[0]["C"] == 3.25
    assert changed.config.search_spaces["logreg"] != ours.config.search_spaces["logreg"]


def _shipped(name):
    return _space_path(load_family(name))


def test_two_search_spaces_of_one_family_are_refused(request_for, tmp_path):
    with pytest.raises(InputError, match="given already"):
        prepare(request_for(tmp_path, search_spaces=(_shipped("logreg"), _shipped("logreg"))))


def test_references_come_last_and_only_where_asked_for(request_for, tmp_path):
    names = [each.family.name for each in prepare(request_for(tmp_path, references="all")).plan.families]
    assert names == ["logreg", "linear", "majority", "lstm-as-posted"]
    assert prepare(request_for(tmp_path, references="none")).config.references == ()
    by_name = prepare(request_for(tmp_path, families=("majority", "logreg"), references="none"))
    assert [each.family.name for each in by_name.plan.families] == ["logreg", "majority"]


def test_thorough_repeats_the_search_and_drops_no_family(request_for, tmp_path):
    plan = prepare(dataclasses.replace(request_for(tmp_path), preset="thorough")).plan
    assert (len(plan.partitions), plan.samples, plan.drops_laggards) == (3, (), False)
    assert prepare(request_for(tmp_path)).plan.drops_laggards


@pytest.fixture
def small_is_large(monkeypatch):
    monkeypatch.setattr("automl_text.experiment.prepare.TUNING_ROWS", 30)
    monkeypatch.setattr(presets, "LARGE_ROWS", 50)


@pytest.mark.usefixtures("small_is_large")
def test_on_large_data_fewer_trials_are_tried_than_a_preset_has_and_each_number_is_named(
    request_for, tmp_path
):
    request = dataclasses.replace(request_for(tmp_path, n_trials=None, n_folds=None), preset="thorough")
    config = prepare(request).config
    assert (config.n_trials["linear"], config.n_repeats) == (12, 1)
    assert [sentence for sentence in config.protocol if " instead of " in sentence] == [
        "From 50 rows on the rows are cut into 3 folds instead of 5 and one partition is used instead of 3.",
        (
            "Fewer trials are tried: 4 of lightgbm instead of 24, 1 of lstm instead of 14, 12 of any other family "
            "instead of 60; --trials sets another number."
        ),
    ]


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize("n_trials", [2, 50])
def test_on_large_data_the_trials_that_were_asked_for_are_tried(request_for, tmp_path, n_trials):
    request = request_for(tmp_path, families=("logreg", "lightgbm", "lstm"), n_trials=n_trials)
    config = prepare(request).config
    tried = [config.n_trials[name] for name in ("logreg", "lightgbm", "lstm")]
    assert tried == [n_trials] * 3
    assert not any("Fewer trials" in sentence for sentence in config.protocol)


@pytest.mark.usefixtures("small_is_large")
def test_options_that_large_data_overrule_are_named_and_those_that_agree_are_not(request_for, tmp_path):
    said = prepare(request_for(tmp_path, n_folds=10, n_repeats=1)).config.protocol
    assert said[-1] == "--outer-folds 10 does not apply to data of this size."
    assert "do not apply" not in " ".join(prepare(request_for(tmp_path, n_folds=3)).config.protocol)


@pytest.mark.usefixtures("small_is_large")
def test_the_rules_for_large_data_are_said_before_the_first_fit_and_stand_in_the_log(
    request_for, tmp_path, watcher
):
    request = request_for(tmp_path / "large", families=("linear",), references="none", n_trials=1)
    protocol = run_search(request, watcher).result.config.protocol
    assert len(protocol) == 4
    assert set(protocol) <= set(watcher.notes)
    log = (tmp_path / "large" / "run.log").read_text("utf-8")
    assert all(sentence in log[: log.index("stage search")] for sentence in protocol)


@pytest.mark.usefixtures("small_is_large")
def test_large_data_is_tuned_on_a_sample_and_says_so(request_for, tmp_path):
    prepared = prepare(request_for(tmp_path))
    over_all, *inside = prepared.plan.samples
    assert all(24 <= np.sum(sample.fold_of_row >= 0) <= 36 for sample in (over_all, *inside))
    for fold, sample in enumerate(inside):
        assert not np.any((sample.fold_of_row >= 0) & (prepared.plan.partitions[0].fold_of_row == fold))
    assert [len(chooser.judged) for chooser in prepared.plan.choosers] == [4, 1, 1, 1]
    assert any("Trials are tuned on" in sentence for sentence in prepared.config.protocol)


def test_a_network_whose_fits_are_long_gets_few_trials_and_the_run_says_so(
    request_for, tmp_path, monkeypatch
):
    for limit in ("_WORTH_A_LOOK", "_COSTLY_FIT"):
        monkeypatch.setattr(f"automl_text.tuning.plan.{limit}", 0.0)
    asked = {"families": ("linear", "lstm"), "references": "none"}
    standard = dataclasses.replace(request_for(tmp_path, n_trials=None, **asked), preset="standard")
    prepared = prepare(standard)
    assert [len(each.trials) for each in prepared.plan.families] == [20, 3]
    assert prepared.config.protocol[-1].startswith("One fit of LSTM takes long on these texts: 3 trials of")
    as_asked = prepare(dataclasses.replace(standard, n_trials=6))
    assert [len(each.trials) for each in as_asked.plan.families] == [6, 6]
    assert as_asked.config.protocol == ()
