import importlib
import inspect
import math
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from automl_text.engine.alone import HaltedError, run_alone
from automl_text.errors import RunError


def test_the_result_comes_from_another_process():
    assert run_alone(partial(math.hypot, 3.0, 4.0)) == 5.0
    assert run_alone(os.getppid) == os.getpid()


def test_its_error_is_raised_here():
    with pytest.raises(ValueError, match="math domain error"):
        run_alone(partial(math.sqrt, -1.0))


def test_its_death_is_named():
    with pytest.raises(RunError, match="ended by SIGSEGV"):
        run_alone(partial(signal.raise_signal, signal.SIGSEGV))


def die_once(diary):
    with diary.open("a") as file:
        file.write("begun\n")
    if diary.read_text() == "begun\n":
        signal.raise_signal(signal.SIGKILL)
    return "done"


def test_a_death_is_tried_twice(tmp_path):
    script = tmp_path / "dying.py"
    script.write_text(f"import signal\n{inspect.getsource(die_once)}")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        assert run_alone(partial(importlib.import_module("dying").die_once, tmp_path / "diary")) == "done"
    assert (tmp_path / "diary").read_text() == "begun\nbegun\n"


def test_it_is_ended_when_its_time_is_over():
    with pytest.raises(RunError, match=r"took longer than its limit of 0\.5 s"):
        run_alone(signal.pause, seconds=0.5)


def test_a_halt_ends_it():
    answers = iter(["no", "no", "now"])
    with pytest.raises(HaltedError, match="was halted"):
        run_alone(signal.pause, lambda: next(answers))


def test_a_script_needs_no_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import os\nfrom automl_text.engine.alone import run_alone\nprint(run_alone(os.getppid) == os.getpid())\n"
    )
    ended = subprocess.run([sys.executable, script], check=True, capture_output=True)  # noqa: S603
    assert (ended.stdout, ended.stderr) == (b"True\n", b"")
