import numpy as np
import pytest

from automl_text.errors import InputError
from automl_text.experiment.prepare import prepare, resolve_preset
from automl_text.families.registry import load_family
from automl_text.tuning import scale
from automl_text.tuning.space import space_path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"preset": "quik"}, "Did you mean 'quick'"),
        ({"n_trials": 0}, "--trials 0: it must be at least 1"),
        ({"n_parts": 2}, "--outer-folds 2: it must be at least 3"),
        ({"n_repeats": 0}, "--repeats 0"),
        ({"jobs": 0}, "--jobs 0"),
    ],
)
def test_a_number_out_of_range_is_refused_by_its_option(request_for, tmp_path, changes, message):
    request = request_for(tmp_path)
    changed = type(request)(**{name: getattr(request, name) for name in request.__slots__} | changes)
    with pytest.raises(InputError, match=message):
        resolve_preset(changed)


def test_an_unknown_family_names_the_nearest(request_for, tmp_path):
    with pytest.raises(InputError, match="Did you mean 'lightgbm'"):
        prepare(request_for(tmp_path, families=("lightgmb",)))


def test_a_changed_search_space_changes_what_is_tried(request_for, tmp_path):
    ours = prepare(request_for(tmp_path, n_trials=5))
    before = ours.plan.families[0].points[0]["C"]
    space = tmp_path / "mine.toml"
    space.write_text(_shipped("logreg").read_text().replace(f"default = {before}", "default = 3.25"))
    changed = prepare(request_for(tmp_path, n_trials=5, search_spaces=(space,)))
    assert before != 3.25
    assert changed.plan.families[0].points[0]["C"] == 3.25
    assert changed.config.search_spaces["logreg"] != ours.config.search_spaces["logreg"]


def _shipped(name):
    return space_path(load_family(name))


def test_two_search_spaces_of_one_family_are_refused(request_for, tmp_path):
    with pytest.raises(InputError, match="given already"):
        prepare(request_for(tmp_path, search_spaces=(_shipped("logreg"), _shipped("logreg"))))


def test_references_come_last_and_only_where_asked_for(request_for, tmp_path):
    names = [each.family.name for each in prepare(request_for(tmp_path, references="all")).plan.families]
    assert names == ["logreg", "linear", "majority", "lstm-as-posted"]
    assert prepare(request_for(tmp_path, references="none")).config.references == ()
    by_name = prepare(request_for(tmp_path, families=("majority", "logreg"), references="none"))
    assert [each.family.name for each in by_name.plan.families] == ["logreg", "majority"]


def test_thorough_gives_every_outer_split_inner_rows_of_its_own(request_for, tmp_path):
    request = request_for(tmp_path)
    thorough = type(request)(
        **{name: getattr(request, name) for name in request.__slots__} | {"preset": "thorough"}
    )
    plan = prepare(thorough).plan
    assert len(plan.inner_partitions) == 1 + 3 * 3
    for index, inner in enumerate(plan.inner_partitions[1:]):
        outer, part = plan.partitions[index // 3], index % 3
        assert np.array_equal(inner.part_of_row >= 0, outer.part_of_row != part)


def test_large_data_is_tuned_on_a_sample_and_says_so(request_for, tmp_path, monkeypatch):
    monkeypatch.setattr("automl_text.experiment.prepare.LARGE_ROWS", 50)
    monkeypatch.setattr("automl_text.experiment.prepare.TUNING_ROWS", 30)
    monkeypatch.setattr(scale, "LARGE_ROWS", 50)
    prepared = prepare(request_for(tmp_path))
    tuned_on = [np.sum(inner.part_of_row >= 0) for inner in prepared.plan.inner_partitions]
    assert all(24 <= n_rows <= 36 for n_rows in tuned_on)
    assert prepared.plan.families[0].points == ()
    assert any("Points are tuned on" in sentence for sentence in prepared.config.protocol)
