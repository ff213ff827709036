"""A finished run over half of the example, with its data beside it."""

import shutil
from pathlib import Path

import pytest

from automl_text.api import SearchOptions, search
from commands import run_command

EXAMPLE = Path(__file__).parents[2] / "examples" / "support_tickets.csv"
N_LINES = 300
SMALL = SearchOptions(
    preset="quick", families=("logreg", "linear"), n_trials=2, references="majority", jobs=1, n_folds=3
)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The run's folder; nobody may change it."""
    folder = tmp_path_factory.mktemp("loop")
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "tickets.csv").write_text("".join(lines[:N_LINES]), encoding="utf-8")
    (folder / "pool.csv").write_text("".join([lines[0], *lines[N_LINES:]]), encoding="utf-8")
    return search(folder / "tickets.csv", output=folder / "run", **SMALL).folder


@pytest.fixture
def command():
    """Run a command."""
    return run_command


@pytest.fixture
def run_dir(finished, tmp_path):
    """A copy that a test may change."""
    return Path(shutil.copytree(finished, tmp_path / "run"))
