"""Standard streams that are closed, full or read half; Ctrl-C at any moment."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import automl_text

PROGRAM = [sys.executable, "-m", "automl_text"]
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def shell(line: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a line of sh, in which "$@" is the command."""
    command = ["sh", "-c", line, "sh", *PROGRAM, *map(str, arguments)]
    return subprocess.run(command, env=BUFFERED, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- <&- 2>&-"])
def test_a_command_whose_streams_are_closed_does_its_work(run_dir: Path, closed):
    (run_dir / "report.html").unlink()
    done = shell(f'"$@" {closed}', "report", run_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert b"<html" in (run_dir / "report.html").read_bytes()


def test_no_file_takes_the_number_of_a_stream_that_is_closed(tmp_path: Path):
    code = (
        "import sys; from automl_text.cli import entry; entry.run = lambda _: "
        f"open({str(tmp_path / 'kept')!r}, 'w') and print('noise') or sys.stderr.write('noise') and 0; entry.main([])"
    )
    command = ["sh", "-c", '"$@" >&- 2>&- <&-', "sh", sys.executable, "-c", code]
    subprocess.run(command, check=True)  # noqa: S603
    assert (tmp_path / "kept").read_text() == ""


@pytest.mark.parametrize("buffering", ["", "PYTHONUNBUFFERED=1"])
def test_a_full_device_is_one_line_and_exit_1(finished: Path, buffering):
    done = shell(f'{buffering} "$@" > /dev/full', "leaderboard", finished)
    assert done.returncode == 1
    assert done.stderr == "automl-text: error: the output cannot be written: No space left on device.\n"


def test_a_reader_who_has_seen_enough_hears_no_complaint(finished: Path):
    done = shell('"$@" | head -c 5', "leaderboard", finished, "--json")
    assert (done.stdout, done.stderr) == ('{\n  "', "") or (len(done.stdout), done.stderr) == (5, "")


def test_no_folder_for_temporary_files_is_one_line_with_the_remedy(
    command, finished: Path, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "nowhere")])
    done = command("optuna", finished, "-o", tmp_path / "study.log")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "Name one: export TMPDIR=FOLDER" in done.err
    monkeypatch.setattr("automl_text.cli.say._log", [])  # of a search that this process ran before
    monkeypatch.setattr("automl_text.tuning.studies.tempfile.TemporaryDirectory", lambda: 1 / 0)
    done = command("optuna", finished, "-o", tmp_path / "study.log")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "its traceback could not be kept" in done.err


def _without_rights() -> None:
    """Take from root what lets it write where permissions forbid it; the next program begins without."""
    drop = ctypes.CDLL(None).prctl
    for number in range(64):
        drop(24, number, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_user_without_root_and_without_a_home_works_from_a_checkout_that_may_not_be_written(
    finished: Path, tmp_path: Path
):
    checkout, package = tmp_path / "checkout", Path(automl_text.__file__).parent
    shutil.copytree(package, checkout / "automl_text", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(finished.parent / "tickets.csv", checkout)
    for path in (checkout, *checkout.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    given = {"HOME": "/nonexistent", "PATH": os.environ["PATH"], "PYTHONPATH": str(checkout)}

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        command = [*PROGRAM, *map(str, words)]
        return subprocess.run(  # noqa: S603
            command,
            cwd=checkout,
            env=given,
            preexec_fn=_without_rights,
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("predict", finished, "tickets.csv", "-o", tmp_path / "labelled.csv")
    assert (done.returncode, (tmp_path / "labelled.csv").exists()) == (0, True), done.stderr
    refused = run("search", "tickets.csv")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "reports/tickets cannot be written to: Permission denied" in refused.stderr
    for path in (checkout, *checkout.rglob("*")):
        path.chmod(0o755)


INTERRUPTED_AGAIN = """
import os, signal
from automl_text.cli import entry

class Stderr:
    def write(self, text):
        os.write(2, text.encode())
        os.kill(os.getpid(), signal.SIGINT)

    def flush(self):
        pass

def command(*_, **__):
    entry.sys.stderr = Stderr()
    os.kill(os.getpid(), signal.SIGINT)

import automl_text.cli.app
automl_text.cli.app.app = command
entry.main([])
"""


def test_a_second_ctrl_c_while_the_first_is_answered_leaves_no_traceback():
    command = [sys.executable, "-c", INTERRUPTED_AGAIN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (130, "automl-text: error: interrupted.\n")


INTERRUPTED_WHILE_LOADING = """
import os, signal
from automl_text.cli import entry

def command(*_, **__):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        raise SystemError("initialization of _core raised unreported exception")

import automl_text.cli.app
automl_text.cli.app.app = command
entry.main([])
"""


def test_what_a_library_makes_of_ctrl_c_while_it_loads_is_an_interruption_too():
    command = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (130, "automl-text: error: interrupted.\n")


@pytest.mark.slow
@pytest.mark.parametrize("fraction", [0.3, 0.6])
def test_two_ctrl_cs_while_the_program_starts_leave_no_traceback_of_ours(fraction):
    process = subprocess.Popen([*PROGRAM, "families"], stderr=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    with open(f"/proc/{process.pid}/stat") as stat:  # noqa: PTH123  (opened once, read often)
        while process.poll() is None and _ticks(stat) < 100 * fraction:
            pass  # its own processor time, whatever else the machine does
    for _ in range(2):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert b"automl_text/cli" not in said


def _ticks(stat):
    stat.seek(0)
    return sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
