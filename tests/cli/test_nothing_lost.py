"""Nothing lost, nothing believed: each kind of fault once, as somebody meets it at the command line."""

import csv
import gzip
import importlib
import json
import os
import pickle
import resource
import shutil
import threading
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

WORDS = ["--preset", "quick", "--families", "logreg", "--trials", 2, "--references", "majority", "--jobs", 1]
"""What the finished run was made with."""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def one_error(done) -> str:
    """Return what a refusal says: one line, exit code 2."""
    assert done.code == 2, done.err
    (line,) = (line for line in done.err.splitlines() if "error: " in line)
    return line


@pytest.fixture
def piped():
    """Give bytes to the next command's standard input as `cat` does: a descriptor that can be read once."""
    kept, (ours, theirs) = os.dup(0), os.pipe()

    def feed(content: bytes) -> None:
        with os.fdopen(theirs, "wb") as file:
            file.write(content)

    def give(content: bytes) -> str:
        os.dup2(ours, 0)
        threading.Thread(target=feed, args=(content,)).start()
        return "/dev/stdin"

    yield give
    os.dup2(kept, 0)
    os.close(ours)
    os.close(kept)


def test_rows_of_a_pipe_all_come_out_and_are_counted(command, finished: Path, tmp_path: Path, piped):
    rows = 30_000
    late = b"text\n" + b"where is my parcel\n" * (rows - 1) + "café\n".encode("cp1252")
    done = command("predict", finished, piped(late), "-o", tmp_path / "p.csv")
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert (done.code, len(read), read[-1]["text"]) == (0, rows, "café")
    assert f"{rows:,}" in done.err


def test_a_mistyped_option_beside_overwrite_leaves_the_old_run_untouched(command, run_dir: Path):
    before = contents(run_dir)
    data = run_dir.parent / "t.csv"
    data.write_text("text,category\na,b\n")
    done = command("search", data, "--output", run_dir, "--overwrite", "--seed", "-1")
    assert "--seed -1: it must be at least 0" in one_error(done)
    assert contents(run_dir) == before


class Payload:
    """Unpickling this makes a file."""

    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.touched,)


@pytest.mark.parametrize(("name", "options"), [("m.skops", []), ("m.npz", []), ("m.pkl", ["--only-safe"])])
def test_a_pickle_never_runs_where_nothing_may(command, finished: Path, tmp_path: Path, name, options):
    touched, model = tmp_path / "touched", tmp_path / name
    model.write_bytes(pickle.dumps(Payload(touched)))
    done = command("predict", model, finished.parent / "tickets.csv", *options)
    assert "is a pickle, which can run code when it is loaded" in one_error(done)
    assert "manifest" not in done.err
    assert not touched.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["export", "{run}", "-o", "{run}/result.pkl", "--overwrite"],
        ["export", "{run}", "-o", "{tmp}/m.json", "--overwrite"],
        ["export", "{run}", "-o", "{tmp}/card.md", "--model-card", "--overwrite"],
        ["predict", "{run}", "{data}", "-o", "{run}/best_model.json", "--overwrite"],
    ],
)
def test_a_name_that_would_replace_another_file_is_refused(
    command, finished: Path, run_dir: Path, tmp_path, words
):
    before = contents(run_dir)
    places = {"run": run_dir, "tmp": tmp_path, "data": finished.parent / "tickets.csv"}
    one_error(command(*(word.format(**places) for word in words)))
    assert contents(run_dir) == before
    assert {path.name for path in tmp_path.iterdir()} == {"run"}


@pytest.mark.parametrize("name", ["run.log", ".automl-text-next", "journal.jsonl"])
def test_a_link_in_the_output_folder_is_not_followed(command, finished: Path, tmp_path: Path, name):
    folder, victim = tmp_path / "out", tmp_path / "victim"
    folder.mkdir()
    victim.write_text("mine")
    (folder / name).symlink_to(victim)
    assert "is a link" in one_error(command("search", finished.parent / "tickets.csv", "--output", folder))
    assert (victim.read_text(), [path.name for path in folder.iterdir()]) == ("mine", [name])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("result.json", ["leaderboard", "{run}"]),
        ("best_model.json", ["predict", "{run}", "{data}"]),
        ("best_model.pkl", ["evaluate", "{run}", "{data}"]),
        ("out_of_fold.npz", ["whatif", "{run}", "--merge", "app_bug,billing_error"]),
        ("own.toml", ["search", "{data}", "--search-space", "{run}/own.toml", "--output", "{run}/out"]),
    ],
)
def test_a_pipe_where_a_file_is_read_whole_is_not_waited_for(
    command, finished: Path, run_dir: Path, name, words
):
    (run_dir / name).unlink(missing_ok=True)
    os.mkfifo(run_dir / name)
    places = {"run": run_dir, "data": finished.parent / "tickets.csv"}
    done = command(*(word.format(**places) for word in words))
    assert f"{name} is a folder, a pipe or a device" in one_error(done)


def test_a_device_is_no_model_and_a_file_beyond_the_limit_no_result(command, finished: Path, run_dir: Path):
    done = command("predict", "/dev/zero", finished.parent / "tickets.csv")
    assert "zero is a folder, a pipe or a device" in one_error(done)
    os.truncate(run_dir / "result.json", 2**33)
    assert "it has more than 4 GiB" in one_error(command("leaderboard", run_dir))


def test_a_report_written_again_does_not_follow_a_link(command, run_dir: Path, tmp_path: Path):
    (tmp_path / "victim").write_text("mine")
    (run_dir / "report.md").symlink_to(tmp_path / "victim")
    assert command("report", run_dir, "--format", "md").code == 0
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (run_dir / "report.md").is_symlink()


@pytest.mark.parametrize("more", [[], ["--overwrite"], ["--resume"]])
@pytest.mark.parametrize("name", ["trials.csv", "run.log"])
def test_a_search_never_replaces_what_it_reads(command, finished: Path, tmp_path: Path, name, more):
    shutil.copy(finished.parent / "tickets.csv", tmp_path / name)
    before = contents(tmp_path)
    done = command("search", tmp_path / name, *WORDS, "--output", tmp_path, *more)
    assert f"{name} has the name of a file that the run would write" in one_error(done)
    assert contents(tmp_path) == before


def test_a_refused_search_leaves_the_users_own_empty_log(command, finished: Path, tmp_path: Path):
    (tmp_path / "run.log").touch()
    done = command("search", finished.parent / "tickets.csv", "--label", "categry", "--output", tmp_path)
    assert "there is no such column" in one_error(done)
    assert [path.name for path in tmp_path.iterdir()] == ["run.log"]


def test_gzip_that_unpacks_without_measure_is_refused(command, finished: Path, tmp_path: Path):
    with gzip.open(tmp_path / "bomb.csv.gz", "wb", compresslevel=1) as file:
        file.write(b"text\n")
        for _ in range(300):
            file.write(b"parcel" * 150_000 + b"\n")
    assert "200 times" in one_error(command("predict", finished, tmp_path / "bomb.csv.gz"))


def test_a_label_that_begins_a_formula_after_a_semicolon_is_guarded(command, tmp_path: Path, finished: Path):
    data = tmp_path / "new.csv"
    data.write_text("text,note\nwhere is my parcel,lab;=1+1\n")
    assert command("predict", finished, data, "-o", tmp_path / "p.csv").code == 0
    cells = (tmp_path / "p.csv").read_text().splitlines()[1].split(";")
    assert not any(cell.strip('"').startswith("=") for cell in cells)


def test_an_encoder_whose_weights_lie_outside_of_it_is_refused(command, finished, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "families")
    importlib.import_module("tiny_encoder").write_tiny_encoder(tmp_path, is_outside=True)
    done = command(
        "search", finished.parent / "tickets.csv", "--encoder", tmp_path, "--output", tmp_path / "out"
    )
    assert "keeps weights in another file" in one_error(done)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "change", [{"scores": None}, {"status": "dkne"}, {"steps": []}, {"fit_seconds": -1}, {"logits": "["}]
)
def test_a_value_that_no_fit_gives_is_refused_with_its_line(command, finished: Path, run_dir: Path, change):
    lines = (run_dir / "journal.jsonl").read_text().splitlines(keepends=True)
    record = json.loads(lines[2])
    inside = change.keys() & record["scores"].keys()
    record.update({"scores": record["scores"] | change} if inside else change)
    lines[2] = json.dumps(record) + "\n"
    (run_dir / "journal.jsonl").write_text("".join(lines))
    before = contents(run_dir)
    done = command("search", finished.parent / "tickets.csv", *WORDS, "--output", run_dir, "--resume")
    assert "journal.jsonl, line 3" in one_error(done)
    assert contents(run_dir) == before


def test_a_date_that_no_calendar_holds_in_a_column_that_nobody_asked_for(command, finished, tmp_path):
    dates = pa.array([10**15], pa.timestamp("ms"))
    table = pa.table({"text": ["where is my parcel"], "category": ["delivery"], "born": dates})
    parquet.write_table(table, tmp_path / "new.parquet")
    done = command("evaluate", finished, tmp_path / "new.parquet")
    assert done.code == 0, done.err


def test_a_folder_that_is_removed_while_the_search_runs_is_noticed_at_once(
    command, finished: Path, tmp_path: Path
):
    folder, ended = tmp_path / "gone", threading.Event()

    def remove() -> None:
        while not ended.wait(0.01):
            with suppress(FileNotFoundError):  # not yet there
                if (folder / "journal.jsonl").read_bytes().count(b"\n") > 1:
                    shutil.rmtree(folder, ignore_errors=True)
                    return

    remover = threading.Thread(target=remove, daemon=True)
    remover.start()
    done = command("search", finished.parent / "tickets.csv", *WORDS, "--trials", 40, "--output", folder)
    ended.set()
    remover.join()
    assert (done.code, done.out) == (1, "")
    assert "was removed while the search ran" in done.err


def test_a_model_exported_twice_has_the_same_bytes_as_the_search_left(
    command, finished: Path, tmp_path: Path
):
    for name in ("a.pkl", "b.pkl"):
        assert command("export", finished, "-o", tmp_path / name).code == 0
    written = {
        path.read_bytes() for path in (tmp_path / "a.pkl", tmp_path / "b.pkl", finished / "best_model.pkl")
    }
    assert len(written) == 1


@pytest.mark.parametrize("words", ["predict", "suspects", "next", "report", "export"])
def test_a_disk_without_room_is_a_failure_that_leaves_no_half_file(command, run_dir, tmp_path, words):
    data = run_dir.parent / "new.csv"
    shutil.copy(Path(__file__).parents[2] / "examples" / "support_tickets.csv", data)
    given = {"predict": [data], "next": [data]}.get(words, [])
    output = [] if words == "report" else ["-o", tmp_path / {"export": "m.pkl"}.get(words, "out.csv")]
    more = ["-n", 200] if words in {"next", "suspects"} else []
    before, limits = sorted(run_dir.rglob("*")), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        done = command(words, run_dir, *given, *output, *more)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (done.code, "cannot be written: File too large" in done.err) == (1, True), done.err
    assert sorted(run_dir.rglob("*")) == before
    left = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert left - {"m.requirements.txt"} == {"new.csv"}  # what comes before the model is whole
