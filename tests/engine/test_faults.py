"""Whole searches in miniature that are ended from outside: an engine, a journal and real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from engine_search import UNITS


@pytest.fixture
def start(tmp_path):
    """Start a search in a process group of its own."""
    searches = []

    def start(*seconds):
        script = Path(__file__).with_name("engine_search.py")
        command = [sys.executable, script, tmp_path, *map(str, seconds)]
        searches.append(subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE))  # noqa: S603
        return searches[-1]

    yield start
    for process in searches:
        process.kill()
        process.communicate()


def until(condition, seconds=120.0):
    """Wait until ``condition()`` holds, and return whether it came to that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def has_started(work, n_units):
    return len(work.entries()) >= n_units


def all_are_gone(work):
    return not any(is_running(pid) for _, pid, _ in work.entries())


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def assert_finished_as_if_nothing_had_happened(folder):
    journalled = [json.loads(line)["key"] for line in (folder / "journal.jsonl").read_text().splitlines()[1:]]
    assert sorted(journalled) == sorted(unit.key for unit in UNITS)
    assert json.loads((folder / "result.json").read_text()) == {u.key: u.params["number"] for u in UNITS}
    assert {file.name for file in folder.iterdir()} == {
        "diary.txt",
        "journal.jsonl",
        "result.json",
        "run.log",
    }


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_after_kill_9_no_process_remains_and_no_finished_unit_runs_again(tmp_path, start, work, kill):
    process = start()
    assert until(partial(has_started, work, 8))
    kill(process.pid, signal.SIGKILL)
    process.wait()
    assert until(partial(all_are_gone, work))
    assert start().wait(120) == 0
    assert_finished_as_if_nothing_had_happened(tmp_path)
    assert len(work.entries()) <= len(UNITS) + 2


def test_ctrl_c_once_lets_running_units_finish_and_the_next_run_goes_on(tmp_path, start, work):
    process = start()
    assert until(partial(has_started, work, 8))
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(120) == 130
    assert process.stderr.read() == b""
    assert start().wait(120) == 0
    assert_finished_as_if_nothing_had_happened(tmp_path)
    assert len(work.entries()) == len(UNITS)


def test_ctrl_c_twice_ends_at_once_without_orphans(start, work):
    process = start(600)  # so long that the units themselves cannot have ended

    def interrupt_again():
        process.send_signal(signal.SIGINT)  # signals of one kind that wait together are one
        return process.poll() is not None

    assert until(partial(has_started, work, 2))
    assert until(interrupt_again)
    assert process.returncode == 130
    assert until(partial(all_are_gone, work))
