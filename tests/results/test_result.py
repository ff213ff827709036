"""The whole run comes back from its file as it was, refuses what no run leaves, finds what a report asks for."""

import json

import pytest
from pydantic import ValidationError

from automl_text.errors import InputError
from automl_text.results import FORMAT, RunResult
from automl_text.results.result import read_result
from sample_result import SAMPLES, all_failed, eighteen_categories, no_signal


@pytest.mark.parametrize("name", SAMPLES)
def test_a_result_comes_back_from_json_as_it_was(name):
    result = SAMPLES[name]()
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_a_model_without_a_recommendation_is_what_no_run_leaves():
    result = eighteen_categories()
    tree = result.model_dump() | {"recommended": None}
    with pytest.raises(ValidationError, match="a model where nothing is recommended"):
        RunResult.model_validate(tree)


def test_a_recommended_family_was_measured():
    tree = eighteen_categories().model_dump() | {"recommended": "nobody"}
    with pytest.raises(ValidationError, match="a recommended family that was not measured"):
        RunResult.model_validate(tree)


def test_the_family_shown_is_the_recommended_one_else_the_best_that_is_no_reference():
    assert eighteen_categories().shown.family == "logreg"
    best = max(
        (each for each in no_signal().evaluations if not each.is_reference), key=lambda each: each.macro_f1
    )
    assert no_signal().shown == best
    assert all_failed().shown is None


def test_families_are_ranked_as_the_leaderboard_has_them_and_only_those_with_a_score():
    result = eighteen_categories()
    scores = [each.macro_f1 for each in result.ranked]
    assert scores == sorted(scores, reverse=True)
    assert all_failed().ranked == ()


def test_a_comparison_is_found_in_either_order_and_seen_from_the_first():
    result = eighteen_categories()
    here, there = result.against("lstm", "logreg"), result.against("logreg", "lstm")
    assert (here.a, here.difference) == ("lstm", -there.difference)
    assert result.against("lstm", "lstm") is None
    assert result.against("lstm", "nobody") is None


def test_a_page_that_was_asked_for_shows_another_family_than_the_verdict():
    result = eighteen_categories()
    assert result.is_verdict_shown
    assert not result.model_copy(update={"recommended": "lstm"}).is_verdict_shown


def test_what_sentence_vectors_brought_is_the_best_with_them_against_the_best_without():
    result = eighteen_categories()
    assert result.encoder_gain is None  # no family had them
    renamed = json.loads(result.model_dump_json().replace('"lightgbm"', '"encoder"'))
    gain = RunResult.model_validate(renamed).encoder_gain
    without = next(row for row in result.leaderboard if row.family != "lightgbm" and not row.is_reference)
    assert (gain.a, gain.b) == ("encoder", without.family)


def written(folder, content):
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_text(content, encoding="utf-8")
    return folder


def test_a_run_is_read_from_its_folder(tmp_path):
    result = eighteen_categories()
    assert read_result(written(tmp_path, result.model_dump_json())) == result


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is damaged or not the result of a run. Run the search again."),
        ("[]", "is damaged or not the result of a run"),
        ('{"format": NaN}', "is damaged or not the result of a run"),
        (
            f'{{"format": {FORMAT - 1}}}',
            f"has format {FORMAT - 1}, this version reads {FORMAT}. Run the search",
        ),
        (
            f'{{"format": {FORMAT + 1}}}',
            f"has format {FORMAT + 1}, this version reads {FORMAT}. Update automl",
        ),
        ('{"format": "two"}', "has format 'two'"),
        (f'{{"format": {FORMAT}}}', "is missing or wrong. Run the search again."),
    ],
)
def test_what_is_no_result_is_refused_with_the_way_out(tmp_path, content, said):
    with pytest.raises(InputError) as refused:
        read_result(written(tmp_path, content))
    assert str(refused.value).startswith(f"{tmp_path / 'result.json'}: ")
    assert said in str(refused.value)


def test_a_wrong_value_is_named_by_its_place(tmp_path):
    tree = json.loads(eighteen_categories().model_dump_json())
    tree["leaderboard"][1]["rank"] = "second"
    with pytest.raises(InputError, match=r"leaderboard\.1\.rank is missing or wrong"):
        read_result(written(tmp_path, json.dumps(tree)))


def test_a_folder_that_is_not_there_is_met_with_the_nearest_one(tmp_path):
    (tmp_path / "tickets").mkdir()
    with pytest.raises(InputError, match=r"there is no such folder. Did you mean 'tickets'\?"):
        read_result(tmp_path / "tickest")


def test_a_file_is_no_folder_of_a_run(tmp_path):
    (tmp_path / "model.pkl").touch()
    with pytest.raises(InputError, match=r"model\.pkl: is a file. Give the folder of a run"):
        read_result(tmp_path / "model.pkl")


def test_a_run_that_was_cut_short_can_be_continued(tmp_path):
    (tmp_path / "journal.jsonl").touch()
    with pytest.raises(InputError, match=r"this run is not finished\. Run the same search command again"):
        read_result(tmp_path)


def test_a_folder_of_runs_names_them(tmp_path):
    written(tmp_path / "tickets", "{}")
    with pytest.raises(InputError, match=r"holds no run \(no result\.json\). Runs in it: tickets"):
        read_result(tmp_path)
