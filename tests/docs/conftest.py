"""A folder as the documentation describes it: a table, new texts, labelled ones, and a finished run."""

import contextlib
import csv
import io
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pytest

from automl_text.cli import entry

ROOT = Path(__file__).parents[2]
N_CATEGORIES, N_ROWS = 5, 26
SMALL = shlex.split("--families logreg --trials 1 --references none --jobs 1 --outer-folds 3 --quiet")


def run_command(arguments):
    """Run ``automl-text`` as a shell would, and return its exit code and what it printed on stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = entry.run(list(arguments))
    out.flush()
    err.flush()
    return code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()


@pytest.fixture(scope="session")
def command():
    """Run a command."""
    return run_command


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder with its run; nobody may change it."""
    folder = tmp_path_factory.mktemp("docs")
    with (ROOT / "examples" / "support_tickets.csv").open(encoding="utf-8", newline="") as stream:
        tickets = list(csv.DictReader(stream))
    largest = [name for name, _ in Counter(row["category"] for row in tickets).most_common(N_CATEGORIES)]
    rows = {name: [row for row in tickets if row["category"] == name] for name in largest}
    write(folder / "data.csv", [row for name in largest for row in rows[name][:N_ROWS]])
    write(folder / "labelled.csv", [row for name in largest for row in rows[name][N_ROWS : N_ROWS + 10]])
    write(folder / "new.csv", [{"text": row["text"]} for name in largest for row in rows[name][-10:]])
    with contextlib.chdir(folder):
        code, _, err = run_command(["search", "data.csv", *SMALL])
    assert (code, err) == (0, "")
    return folder


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def place(finished, tmp_path, monkeypatch):
    """A copy of the folder, and the current one."""
    folder = tmp_path / "place"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    return folder
