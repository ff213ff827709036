"""A result.json with values that no run leaves: exit 2 and one line, whatever reads it."""

import json
from pathlib import Path

import pytest

CHANGES = {
    "is damaged or not the result of a run": lambda tree: tree["procedure"].update(macro_f1=float("nan")),
    "the result as a whole is missing or wrong": lambda tree: tree.update(recommended=None),
    "the result as a whole is missing or wrong.": lambda tree: tree.update(recommended="lightgbm"),
    "procedure.interval is missing or wrong": lambda tree: tree["procedure"]["interval"].reverse(),
    "leaderboard.0.interval is missing or wrong": lambda tree: tree["leaderboard"][0]["interval"].reverse(),
    "verdict.code is missing or wrong": lambda tree: tree["verdict"].update(code="perfect"),
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_value_that_no_run_leaves_is_refused_in_one_line(command, run_dir: Path, said):
    path = run_dir / "result.json"
    tree = json.loads(path.read_text("utf-8"))
    CHANGES[said](tree)
    path.write_text(json.dumps(tree), "utf-8")
    for name in ("leaderboard", "report"):
        done = command(name, run_dir)
        assert done.code == 2
        assert done.err.startswith(f"automl-text: error: {path}: {said}")
        assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "content", ["[" * 100_000, '{"format": 2, "verdict": ' + "[" * 100_000, '{"format": NaN}', "7"]
)
def test_what_is_no_result_is_refused_in_one_line(command, run_dir: Path, content):
    (run_dir / "result.json").write_text(content)
    done = command("leaderboard", run_dir)
    assert (done.code, done.err.count("\n")) == (2, 1)


def test_a_search_space_of_tables_in_tables_is_refused_in_one_line(command, finished: Path, tmp_path: Path):
    (tmp_path / "deep.toml").write_text(f'format = 1\nfamily = "logreg"\n{"a." * 20_000}b = 1\n')
    done = command(
        "search",
        finished.parent / "tickets.csv",
        "--search-space",
        tmp_path / "deep.toml",
        "--output",
        tmp_path,
    )
    assert (done.code, done.err.count("automl-text: error:")) == (2, 1)
    assert "deep.toml: its tables lie deeper in each other" in done.err
