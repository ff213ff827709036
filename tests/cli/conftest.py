"""A terminal that is not there: commands run in this process, their output and exit code are kept."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import Done, run_command

EXAMPLE = Path(__file__).parents[2] / "examples" / "support_tickets.csv"


@pytest.fixture
def command() -> Callable[..., Done]:
    """Run a command."""
    return run_command


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a real, small search over the example, with its data beside it; nobody may change it."""
    folder = tmp_path_factory.mktemp("finished")
    data = folder / "tickets.csv"
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    data.write_text("".join(lines[:260]), encoding="utf-8")
    done = run_command(
        *(
            "search",
            data,
            "--preset",
            "quick",
            "--families",
            "logreg",
            "--trials",
            2,
            "--references",
            "majority",
        ),
        *("--output", folder / "run", "--jobs", 1, "--quiet"),
    )
    assert (done.code, done.out, done.err) == (0, "", "")
    return folder / "run"


@pytest.fixture
def run_dir(finished: Path, tmp_path: Path) -> Path:
    """Copy of a finished run that a test may change."""
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"
