"""Commands as a user types them, on a real run."""

import csv
import io
import json
import shlex
import socket
import sys
from pathlib import Path

import joblib
import pytest

from automl_text.cli import say
from automl_text.cli.app import app
from automl_text.families.registry import family_names, load_family
from automl_text.report.briefing import briefing
from automl_text.results import RunResult
from automl_text.results.result import read_result

from .conftest import EXAMPLE, run_command


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_predict_adds_its_columns_and_says_what_it_did(command, run_dir, tmp_path):
    done = command("predict", run_dir, EXAMPLE, "-o", tmp_path / "out.csv")
    written = rows(tmp_path / "out.csv")
    assert done.code == 0
    assert list(written[0]) == ["text", "category", "prediction", "confidence", "unlike_training"]
    assert f"{len(written)} rows read and predicted, written to {tmp_path / 'out.csv'}." in done.err
    model = joblib.load(run_dir / "best_model.pkl")
    assert [row["prediction"] for row in written] == model.predict([row["text"] for row in written]).tolist()


def test_predict_reads_and_writes_pipes(command, run_dir, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text,n\nwhere is my parcel,1\n")))
    done = command("predict", run_dir, "-")
    assert done.out.splitlines()[0] == "text,n,prediction,confidence,unlike_training"
    assert done.out.splitlines()[1].startswith("where is my parcel,1,")


def test_predict_leaves_rows_for_a_human_and_says_what_to_expect(command, run_dir, tmp_path):
    done = command("predict", run_dir, EXAMPLE, "-o", tmp_path / "out.csv", "--min-confidence", 0.9)
    unsure = [row for row in rows(tmp_path / "out.csv") if float(row["confidence"]) < 0.9]
    assert {row["prediction"] for row in unsure} == {""}
    assert f"{len(unsure)} rows (" in done.err
    assert "left for a human and an error of" in done.err


def test_predict_says_what_can_be_done_about_doubtful_rows(command, run_dir, tmp_path):
    done = command("predict", run_dir, EXAMPLE, "-o", tmp_path / "out.csv")
    doubtful = [row for row in rows(tmp_path / "out.csv") if float(row["confidence"]) < 0.5]
    assert f"{len(doubtful)} rows are below a confidence of 0.5" in done.err
    assert "--min-confidence 0.5 leaves such rows for a human." in done.err


def test_standard_output_is_exact_and_said_to_be(command, run_dir, tmp_path):
    (tmp_path / "in.csv").write_text("text\n=1+1\n")
    done = command("predict", run_dir, tmp_path / "in.csv")
    assert done.out.splitlines()[1].startswith("=1+1,")
    assert "standard output exactly; -o FILE.csv guards cells" in done.err


def test_predict_says_how_many_cells_it_guarded(command, run_dir, tmp_path):
    (tmp_path / "in.csv").write_text("text,n\n=cmd|' /C calc'!A0,1\n")
    done = command("predict", run_dir, tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert "1 cell begins like a formula and got a leading '." in done.err
    assert "1 row read and predicted" in done.err
    assert rows(tmp_path / "out.csv")[0]["text"].startswith("'=")


def test_a_model_without_manifest_is_used_with_one_warning(command, run_dir, tmp_path):
    (run_dir / "best_model.json").unlink()
    done = command("predict", run_dir, EXAMPLE, "-o", tmp_path / "out.csv", "--text", "text")
    assert done.code == 0
    assert done.err.count("warning") == 1


def test_the_digest_that_search_prints_is_the_one_predict_takes(command, run_dir, tmp_path):
    digest = RunResult.model_validate_json((run_dir / "result.json").read_bytes()).timing.model.sha256
    assert command("predict", run_dir, EXAMPLE, "-o", tmp_path / "out.csv", "--sha256", digest).code == 0


def test_evaluate_prints_the_figure_chance_and_the_promise(command, run_dir):
    done = command("evaluate", run_dir, EXAMPLE)
    assert done.code == 0
    for fold in ("macro-F1 0.", "by chance: 0.", "were training rows", "On ", "new texts it reaches"):
        assert fold in done.out


def test_evaluate_warns_where_no_row_is_new(command, finished, run_dir):
    done = command("evaluate", run_dir, finished.parent / "tickets.csv")
    assert "warning: no row of tickets.csv is new" in done.err
    assert "No text is new with a label the model knows" in done.out


def test_evaluate_json_holds_the_same_figures(command, run_dir):
    figures = json.loads(command("evaluate", run_dir, EXAMPLE, "--json").out)
    assert figures["n_training_rows"] >= 259
    assert figures["promise"]["agreement"] in {"inside", "compatible", "above", "below"}
    assert {"label", "support", "precision", "recall", "f1"} <= set(figures["per_class"][0])


def test_leaderboard_draws_intervals_and_json_is_that_of_the_result(command, run_dir):
    shown = command("leaderboard", run_dir).out
    assert "logreg" in shown
    assert "majority (ref)" in shown
    assert "├" in shown
    result = json.loads((run_dir / "result.json").read_text(encoding="utf-8"))
    given = result["timing"]["given"]
    rows = [{**row, "given": given[row["family"]]} for row in result["leaderboard"]]
    assert json.loads(command("leaderboard", run_dir, "--json").out) == rows


def test_report_is_written_again_from_the_result_alone(command, run_dir):
    before = (run_dir / "report.html").read_bytes()
    for path in run_dir.iterdir():
        if path.name != "result.json":
            path.unlink()
    done = command("report", run_dir)
    assert done.out == f"{run_dir / 'report.html'}\n"
    assert (run_dir / "report.html").read_bytes() == before


def test_report_is_written_as_markdown(command, run_dir):
    assert command("report", run_dir, "--format", "md").code == 0
    assert "Logistic regression" in (run_dir / "report.md").read_text(encoding="utf-8")


def test_export_gives_the_recommended_model_again(command, run_dir, tmp_path):
    done = command("export", run_dir, "-o", tmp_path / "m.pkl")
    assert done.code == 0, done.err
    again, first = joblib.load(tmp_path / "m.pkl"), joblib.load(run_dir / "best_model.pkl")
    texts = [row["text"] for row in rows(EXAMPLE)]
    assert (again.predict_proba(texts) == first.predict_proba(texts)).all()


def test_export_refuses_another_file_than_the_runs(command, run_dir, tmp_path):
    done = command("export", run_dir, "-o", tmp_path / "m.pkl", "--data", EXAMPLE)
    assert done.code == 2
    assert "this is not the file of the run (sha256 " in done.err
    assert not (tmp_path / "m.pkl").exists()


def test_export_writes_skops_with_a_model_card(command, run_dir, tmp_path):
    done = command("export", run_dir, "-o", tmp_path / "m.skops", "--format", "skops", "--model-card")
    assert done.code == 0, done.err
    card = (tmp_path / "m.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlibrary_name: sklearn\n")
    assert "automl-text predict m.skops" in card
    assert (
        command("predict", tmp_path / "m.skops", EXAMPLE, "-o", tmp_path / "o.csv", "--require-manifest").code
        == 0
    )


def test_inspect_shows_the_data_and_what_stands_in_the_way(command, finished):
    done = command("inspect", finished.parent / "tickets.csv")
    assert done.code == 0
    assert "259 rows in" in done.out
    assert "There is something to learn" in done.out


def test_families_are_listed_with_what_keeps_them_from_running(command):
    done = command("families")
    assert done.code == 0
    for name in ("logreg", "lightgbm", "lstm", "majority", "lstm-as-posted"):
        assert name in done.out


def test_families_are_listed_simplest_first_within_eighty_columns(command):
    printed = [line.rstrip() for line in command("families").out.splitlines()]
    names = [name for name in family_names() if any(line.startswith(f"{name} ") for line in printed)]
    declared = sorted(map(load_family, names), key=lambda each: (each.is_reference, each.simplicity))
    assert [line.split()[0] for line in printed[2 : 2 + len(names)]] == [each.name for each in declared]
    assert max(map(len, printed)) <= 80


def test_inspect_speaks_up_when_it_takes_long(command, finished, monkeypatch):
    monkeypatch.setattr(say, "_SECONDS_OF_SILENCE", 0.0)
    done = command("inspect", finished.parent / "tickets.csv")
    assert "tickets.csv, and looking for what stands in the way" in done.err


@pytest.mark.slow
def test_a_search_says_its_verdict_and_where_the_files_are(command, finished, tmp_path):
    data = finished.parent / "tickets.csv"
    arguments = (
        "--preset",
        "quick",
        "--families",
        "logreg",
        "--trials",
        1,
        "--references",
        "none",
        "--jobs",
        1,
    )
    done = command("search", data, *arguments, "--output", tmp_path / "run")
    assert done.code == 0, done.err
    assert f"Files:   {tmp_path / 'run' / 'report.html'}, best_model.pkl" in done.out
    assert "sha256:  " in done.out
    assert "automl-text: searching" in done.err
    assert " fits, " in done.err


COMMANDS = (
    ("predict", "{run}", "{data}", "-o", "{tmp}/o.csv"),
    ("evaluate", "{run}", "{data}"),
    ("leaderboard", "{run}"),
    ("report", "{run}"),
    ("export", "{run}", "-o", "{tmp}/m.pkl"),
    ("optuna", "{run}", "-o", "{tmp}/study.log"),
    ("inspect", "{data}"),
    ("families",),
    ("suspects", "{run}", "-o", "{tmp}/review.csv"),
    ("compare", "{run}", "{run}", "--html", "{tmp}/compared.html"),
    ("next", "{run}", "{pool}", "-n", "5", "-o", "{tmp}/to_label.csv"),
    ("watch", "{run}", "{pool}"),
    ("whatif", "{run}", "--merge", "damaged_item,wrong_item"),
    ("explain", "{run}", "where is my parcel"),
    ("serve", "{run}", "--dockerfile", "{tmp}/Dockerfile"),
    ("optuna", "{run}", "-o", "{tmp}/study.log"),
    pytest.param(
        ("search", "{data}", "--preset", "quick", "--families", "logreg", "--trials", "1", "--references", "none",
         "--jobs", "1", "--output", "{tmp}/new"),
        marks=pytest.mark.slow,
    ),
)  # fmt: skip


def test_every_command_is_tried_without_a_network():
    tried = {getattr(each, "values", (each,))[0][0] for each in COMMANDS}
    assert tried == {command.name or command.callback.__name__ for command in app.registered_commands}


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_no_command_goes_to_the_network(finished, run_dir, tmp_path, monkeypatch, words):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    connect = socket.socket.connect

    def connect_within_this_machine(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            refuse()
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", connect_within_this_machine)
    pool = tmp_path / "pool.csv"
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    pool.write_text("".join([lines[0], *lines[300:400]]), encoding="utf-8")
    places = {"run": run_dir, "data": finished.parent / "tickets.csv", "tmp": tmp_path, "pool": pool}
    assert run_command(*(word.format(**places) for word in words)).code == 0


def test_report_writes_the_first_screen_as_data_and_a_page_on_one_family(command, run_dir):
    done = command("report", run_dir, "--format", "json")
    assert (done.code, done.out.strip()) == (0, str(run_dir / "report.json"))
    stated = json.loads((run_dir / "report.json").read_text(encoding="utf-8"))
    assert stated["family"] == read_result(run_dir).recommended
    assert 0 < stated["macro_f1"] < 1
    assert command("report", run_dir, "--family", "logreg").code == 0
    assert "The recommended family of this run" in (run_dir / "family.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--family", "logreq"), "this run measured no such family. Did you mean 'logreg'?"),
        (("--family", "logreg", "--format", "md"), "--family makes a page: leave --format md out."),
    ],
)
def test_report_refuses_a_family_or_a_form_that_is_not_there(command, finished, options, said):
    done = command("report", finished, *options)
    assert done.code == 2
    assert said in done.err


def test_every_command_of_the_first_screen_runs(command, finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = "\n".join(f"where is my parcel number {i}" for i in range(60))
    for name in ("new.csv", "pool.csv"):
        (tmp_path / name).write_text(f"text\n{texts}\n", encoding="utf-8")
    commands = briefing(read_result(finished)).commands
    assert len(commands) >= 2
    for each in commands:
        name, *arguments = shlex.split(each.line)
        assert name == "automl-text"
        done = command(*arguments)
        assert done.code == 0, done.err


@pytest.mark.slow
def test_any_name_that_a_folder_can_have_is_one_for_a_run(command, finished: Path, tmp_path: Path):
    output = tmp_path / "my reports" / f"{'x' * 200} \N{PARTY POPPER}\nof\x1b[31m today"
    data = finished.parent / "tickets.csv"
    options = (
        "--preset",
        "quick",
        "--families",
        "linear",
        "--trials",
        1,
        "--references",
        "none",
        "--jobs",
        1,
    )
    done = command("search", data, *options, "--output", output)
    assert done.code == 0, done.err
    assert "\x1b" not in done.out + done.err
    assert command("predict", output, data, "-o", tmp_path / "p.csv").code == 0
    assert command("leaderboard", output).code == 0
