import itertools
import os
import signal
import subprocess
import sys
import threading

import pytest

from automl_text.engine.halt import _SECONDS_TO_END, Interruption, first_of, never


@pytest.mark.parametrize("pair", list(itertools.product(["no", "soon", "now"], repeat=2)))
def test_the_most_urgent_check_wins(pair):
    answer = first_of(never, *(lambda one=one: one for one in pair))()
    assert answer == ("now" if "now" in pair else "soon" if "soon" in pair else "no")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_for_an_end_soon_and_says_so_once_outside_of_its_handler(number):
    said = []
    with Interruption(on_first=lambda: said.append("ending")) as interruption:
        assert interruption.halt() == "no"
        os.kill(os.getpid(), number)
        assert said == []
        assert [interruption.halt(), interruption.halt()] == ["soon", "soon"]
    assert said == ["ending"]


def test_what_still_runs_seconds_after_the_first_signal_is_ended():
    now = 100.0
    interruption = Interruption(clock=lambda: now)
    refit = interruption.patience(10.0)
    assert (interruption.halt(), refit()) == ("no", "no")
    interruption.is_requested = True
    assert (interruption.halt(), refit()) == ("soon", "no")
    now += _SECONDS_TO_END
    assert (interruption.halt(), refit()) == ("now", "no")
    now += 10.0
    assert refit() == "now"
    assert interruption.patience(10.0)() == "no"  # what begins now has its own time


def test_the_second_signal_ends_the_process_with_130():
    script = (
        "import os, signal; from automl_text.engine.halt import Interruption\n"
        "with Interruption():\n"
        "    for _ in range(2): os.kill(os.getpid(), signal.SIGINT)\n"
        "print('still here')"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)  # noqa: S603
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_the_handlers_of_before_come_back():
    before = signal.getsignal(signal.SIGINT)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_another_thread_may_search_without_catching_signals():
    answers = []

    def enter():
        with Interruption() as interruption:
            answers.append(interruption.halt())

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert answers == ["no"]
