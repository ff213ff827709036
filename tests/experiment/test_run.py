import csv
import dataclasses
import json
import pickle
import resource
import shutil
from typing import get_args

import joblib
import numpy as np
import pytest

from automl_text.cli.view import _STAGES
from automl_text.engine.folder import OWN_FILES, RunFolder
from automl_text.errors import InputError, RunError
from automl_text.experiment.export import export_family
from automl_text.experiment.inspect import inspect_data
from automl_text.experiment.observer import RunStage
from automl_text.experiment.run import _data_stem, run_search
from automl_text.results.result import read_result


def without_timing(folder):
    content = json.loads((folder / "result.json").read_text())
    del content["timing"]
    return content


def journal_keys(folder):
    lines = (folder / "journal.jsonl").read_text().splitlines()[1:]
    return [json.loads(line)["key"] for line in lines]


def test_a_run_leaves_every_file_it_promises(finished_run):
    left = {path.name for path in finished_run.folder.iterdir()}
    assert left == set(OWN_FILES) - {"report.md", "report.json", "family.html", "model_card.md"}


def test_the_model_promises_what_the_report_says_and_another_familys_what_it_says_of_that(
    finished_run, tickets
):
    result = finished_run.result
    other = next(each for each in result.leaderboard if each.family not in {result.recommended, "majority"})
    written = json.loads((finished_run.folder / "best_model.json").read_text())["promise"]
    assert f"{written['interval'][0]:.2f} to {written['interval'][1]:.2f}" in result.verdict.headline
    assert tuple(written["interval"]) == result.procedure.interval
    again = export_family(finished_run.folder, result.recommended, tickets)[1].promise
    assert again.interval == result.procedure.interval
    assert export_family(finished_run.folder, other.family, tickets)[1].promise.interval == other.interval


def test_result_json_is_the_result(finished_run):
    assert read_result(finished_run.folder) == finished_run.result


def test_learnable_texts_get_a_recommendation_with_an_interval_around_what_is_expected(finished_run):
    result = finished_run.result
    best = result.leaderboard[0]
    assert result.recommended in {"logreg", "linear"}
    assert best.interval[0] < best.expected_macro_f1 < best.interval[1]
    assert result.leaderboard[-1].family == "majority"


def test_the_exported_model_needs_no_class_of_this_package(finished_run):
    content = pickle.dumps(joblib.load(finished_run.folder / "best_model.pkl"))
    assert b"automl_text" not in content


def test_the_exported_model_knows_the_topics(finished_run):
    model = joblib.load(finished_run.folder / "best_model.pkl")
    assert list(model.predict(["my password reset code", "parcel courier tracking"])) == ["login", "delivery"]


def test_out_of_fold_holds_every_row_once_with_a_prediction_of_each_family(finished_run):
    with (finished_run.folder / "out_of_fold.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["line"]) for row in rows] == list(range(2, 92))
    assert all(row["logreg"] and row["linear"] for row in rows)


def test_another_number_of_processes_gives_the_same_result(finished_run, request_for, tmp_path, watcher):
    run_search(request_for(tmp_path / "two", jobs=2), watcher)
    assert without_timing(tmp_path / "two") == without_timing(finished_run.folder)


def test_another_seed_gives_another_partition(finished_run, request_for, tmp_path, watcher):
    other = run_search(request_for(tmp_path / "other", seed=1), watcher)
    assert other.result.leaderboard != finished_run.result.leaderboard


def test_a_resumed_run_repeats_no_fit_and_comes_to_the_same_result(
    finished_run, request_for, tmp_path, watcher
):
    folder = tmp_path / "cut short"
    folder.mkdir()
    lines = (finished_run.folder / "journal.jsonl").read_text().splitlines(keepends=True)
    (folder / "journal.jsonl").write_text("".join(lines[:20]) + lines[20][:50])  # as after a power cut
    run_search(request_for(folder, mode="resume"), watcher)
    keys = journal_keys(folder)
    assert len(keys) == len(set(keys))
    assert len(watcher.progress) == len(keys) - 19
    assert without_timing(folder) == without_timing(finished_run.folder)


def test_a_resumed_run_without_a_model_leaves_none_of_an_earlier_end(
    finished_run, request_for, tmp_path, watcher
):
    folder = tmp_path / "modest"
    shutil.copytree(finished_run.folder, folder)
    output = run_search(request_for(folder, mode="resume", families=("majority",)), watcher)
    assert output.result.recommended is None
    assert list(folder.glob("best_model*")) == []


def test_a_run_that_was_stopped_before_its_report_leaves_what_an_earlier_end_left(
    finished_run, request_for, tmp_path, stopped_at
):
    folder = tmp_path / "stopped"
    shutil.copytree(finished_run.folder, folder)
    stopped_at(request_for(folder, mode="resume"), "report")
    assert contents(folder).items() - contents(finished_run.folder).items() == {
        ("run.log", (folder / "run.log").read_bytes())
    }


def test_a_finished_run_whose_resume_cannot_write_stays_as_it_was(
    finished_run, request_for, tmp_path, watcher
):
    folder = tmp_path / "blocked"
    shutil.copytree(finished_run.folder, folder)

    def block(name, _=""):
        if name == "report":
            (folder / ".automl-text-next" / "trials.csv").mkdir(parents=True)

    watcher.stage = block
    with pytest.raises(RunError, match=r"trials\.csv cannot be written"):
        run_search(request_for(folder, mode="resume"), watcher)
    assert contents(folder).items() - contents(finished_run.folder).items() == {
        ("run.log", (folder / "run.log").read_bytes())
    }
    del watcher.stage
    run_search(request_for(folder, mode="resume"), watcher)
    assert without_timing(folder) == without_timing(finished_run.folder)


def test_a_disk_that_is_full_from_the_verdict_on_ends_the_run_and_resume_fits_nothing_again(
    finished_run, request_for, tmp_path, watcher
):
    folder, limits = tmp_path / "full", resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(name, _=""):
        if name == "verdict":
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))

    watcher.stage = fill
    try:
        with pytest.raises(RunError, match="cannot be written: File too large"):
            run_search(request_for(folder), watcher)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (folder / "result.json").exists()
    del watcher.stage, watcher.progress[:]
    run_search(request_for(folder), watcher)
    assert watcher.progress == []
    assert without_timing(folder) == without_timing(finished_run.folder)


def test_no_result_stands_beside_a_report_that_could_not_be_written(request_for, tmp_path, watcher):
    folder = tmp_path / "blocked"

    def block(name, _=""):
        if name == "report":
            (folder / "report.html").mkdir()

    watcher.stage = block
    with pytest.raises(RunError, match=r"cannot be put in its place \(.*report\.html: "):
        run_search(request_for(folder), watcher)
    assert not (folder / "result.json").exists()


def test_resuming_with_more_trials_fits_only_the_new_ones(finished_run, request_for, tmp_path, watcher):
    folder = tmp_path / "more"
    shutil.copytree(finished_run.folder, folder)
    run_search(request_for(folder, mode="resume", n_trials=3), watcher)
    assert {progress.trial_number for progress in watcher.progress if progress.family == "linear"} >= {2}
    assert len(journal_keys(folder)) == len(set(journal_keys(folder)))


def test_resuming_with_another_seed_is_refused_by_name(finished_run, request_for, tmp_path, watcher):
    folder = tmp_path / "another seed"
    shutil.copytree(finished_run.folder, folder)
    with pytest.raises(InputError, match="seed"):
        run_search(request_for(folder, mode="resume", seed=1), watcher)
    assert [name for name, _ in watcher.stages] == ["reading"]


def test_a_finished_run_is_not_overwritten_unasked(finished_run, request_for, watcher):
    with pytest.raises(InputError, match=r"--resume.*--overwrite.*--output"):
        run_search(request_for(finished_run.folder), watcher)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


MISTAKES = {
    "No Dask scheduler answers at there": {"cluster": "there"},
    "--seed -1: it must be at least 0": {"seed": -1},
    "'categry': there is no such column": {"label": "categry"},
    "encoder folder .*nowhere lacks": {"encoders": ("nowhere",)},
    "no family 'logrge'": {"families": ("logrge",)},
}


@pytest.mark.parametrize("said", MISTAKES)
def test_overwriting_keeps_the_old_run_until_nothing_can_be_refused_any_more(
    finished_run, request_for, tmp_path, watcher, said
):
    mistake = MISTAKES[said]
    if "cluster" in mistake:
        pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    folder = tmp_path / "old"
    shutil.copytree(finished_run.folder, folder)
    with pytest.raises(InputError, match=said):
        run_search(request_for(folder, mode="overwrite", **mistake), watcher)
    assert contents(folder) == contents(finished_run.folder)


def test_a_run_that_is_overwritten_stays_until_the_new_one_is_whole(
    finished_run, request_for, tmp_path, stopped_at, watcher
):
    folder = tmp_path / "old"
    shutil.copytree(finished_run.folder, folder)
    request = request_for(folder, mode="overwrite", families=("logreg",), n_trials=1)
    stopped_at(request, "report")
    assert contents(folder) == contents(finished_run.folder)
    resumed = run_search(dataclasses.replace(request, mode="resume"), watcher)
    assert watcher.progress == []
    assert read_result(folder) == resumed.result
    assert [each.family for each in resumed.result.evaluations] == ["logreg", "majority"]
    assert {path.name for path in folder.iterdir()} == {path.name for path in finished_run.folder.iterdir()}


def test_a_folder_that_is_removed_while_the_search_runs_is_noticed_at_once(request_for, tmp_path, watcher):
    folder = tmp_path / "gone"

    def remove(progress):
        watcher.progress.append(progress)
        shutil.rmtree(folder, ignore_errors=True)

    watcher.finished = remove
    with pytest.raises(RunError, match=r"journal\.jsonl was removed while the search ran"):
        run_search(request_for(folder), watcher)
    assert len(watcher.progress) == 1


@pytest.mark.parametrize("name", ["run.log", "journal.jsonl"])
def test_a_link_in_the_output_folder_is_refused_and_what_it_points_to_stays(
    request_for, tmp_path, watcher, name
):
    folder, victim = tmp_path / "shared", tmp_path / "victim"
    folder.mkdir()
    victim.write_text("mine")
    (folder / name).symlink_to(victim)
    with pytest.raises(InputError, match="is a link"):
        run_search(request_for(folder), watcher)
    assert victim.read_text() == "mine"


def test_scores_of_other_rows_in_the_journal_are_refused_with_the_line_to_delete(
    finished_run, request_for, tmp_path, watcher
):
    folder = tmp_path / "edited"
    shutil.copytree(finished_run.folder, folder)
    lines = (folder / "journal.jsonl").read_text().splitlines(keepends=True)
    record, other = json.loads(lines[1]), {"shape": [1, 1, 3], "logits": "eAFjYEAAAAAMAAE="}
    record["scores"] |= other
    (folder / "journal.jsonl").write_text("".join([lines[0], json.dumps(record) + "\n", *lines[2:]]))
    with pytest.raises(InputError, match=rf"the scores of {record['key']} are 1 by 3.*Delete the line"):
        run_search(request_for(folder, mode="resume"), watcher)


def test_a_folder_that_cannot_be_used_is_refused_before_anything_is_read(
    finished_run, request_for, tmp_path, watcher
):
    (tmp_path / "file").write_text("")
    for folder, said in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "file" / "below", "Not a directory"),
        (finished_run.folder, "holds a finished run"),
    ):
        with pytest.raises(InputError, match=said):
            run_search(request_for(folder, encoders=("nowhere",)), watcher)
    with RunFolder.claim(tmp_path / "busy"), pytest.raises(InputError, match="Another search is writing"):
        run_search(request_for(tmp_path / "busy"), watcher)
    assert watcher.stages == []


def test_a_search_that_is_refused_leaves_no_folder(request_for, tmp_path, watcher):
    with pytest.raises(InputError, match="no such column"):
        run_search(request_for(tmp_path / "reports" / "tickets", label="categry"), watcher)
    assert list(tmp_path.iterdir()) == []


def test_without_text_no_word_of_the_data_stands_in_any_file_but_the_model(request_for, tmp_path, watcher):
    folder = tmp_path / "private"
    run_search(request_for(folder, show_text=False), watcher)
    for path in folder.iterdir():
        if path.suffix != ".pkl":
            assert b"courier" not in path.read_bytes(), path.name


def test_a_family_that_was_not_recommended_can_be_exported_from_the_same_file(finished_run, tickets):
    other = ({"logreg", "linear"} - {finished_run.result.recommended}).pop()
    refitted = export_family(finished_run.folder, other, tickets)
    assert refitted[1].family == other
    assert list(refitted[0].predict(["my password reset code"])) == ["login"]


def test_export_from_another_file_is_refused(finished_run, tickets, tmp_path):
    changed = tmp_path / "tickets.csv"
    changed.write_text(tickets.read_text() + "one more row,login\n")
    with pytest.raises(InputError, match="not the file of the run"):
        export_family(finished_run.folder, None, changed)


def test_export_names_the_families_that_the_run_has(finished_run, tickets):
    with pytest.raises(InputError, match=r"no model of 'lightgbm'.*logreg"):
        export_family(finished_run.folder, "lightgbm", tickets)


def test_a_reference_has_no_model_to_export(finished_run, tickets):
    with pytest.raises(InputError, match="no model of 'majority'"):
        export_family(finished_run.folder, "majority", tickets)


def test_progress_counts_to_what_was_planned(request_for, tmp_path, watcher):
    run_search(request_for(tmp_path / "counted", families=("linear",)), watcher)
    last = watcher.progress[-1]
    assert last.n_done == last.n_planned == watcher.n_planned
    assert last.seconds_left > 0  # the refit


def test_a_run_goes_through_exactly_the_stages_that_the_terminal_has_words_for(
    request_for, tmp_path, watcher
):
    run_search(request_for(tmp_path / "staged", families=("linear",), n_trials=1), watcher)
    assert tuple(name for name, _ in watcher.stages) == get_args(RunStage) == tuple(_STAGES)


def test_a_search_that_was_interrupted_is_partial(request_for, tmp_path, interrupt_at):
    output = run_search(request_for(tmp_path / "run"), interrupt_at("search"))
    assert output.result.partial
    assert output.result.timing.limited


def test_an_interruption_after_the_last_fit_leaves_the_result_whole(
    finished_run, request_for, tmp_path, interrupt_at
):
    folder = tmp_path / "again"
    shutil.copytree(finished_run.folder, folder)
    run_search(request_for(folder, mode="resume"), interrupt_at("refit"))
    assert without_timing(folder) == without_timing(finished_run.folder)
    assert not read_result(folder).partial


def test_too_small_a_budget_is_refused_before_any_work(request_for, tmp_path, watcher):
    with pytest.raises(InputError, match="at least 30"):
        run_search(request_for(tmp_path / "none", time_budget=3.0), watcher)


def test_inspection_tells_signal_from_none(tickets, tmp_path):
    header, *lines = tickets.read_text().splitlines()
    texts, labels = zip(*(line.rsplit(",", 1) for line in lines), strict=True)
    shuffled = np.random.default_rng(0).permutation(labels)
    path = tmp_path / "shuffled.csv"
    rows = [f"{text},{label}" for text, label in zip(texts, shuffled, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    assert inspect_data(tickets).signal.has_signal
    assert not inspect_data(path).signal.has_signal


@pytest.mark.parametrize(
    ("name", "stem"), [("tickets.csv", "tickets"), ("tickets.csv.gz", "tickets"), (".csv", ".csv")]
)
def test_the_output_folder_is_named_after_the_file(tmp_path, name, stem):
    assert _data_stem(tmp_path / name) == stem
