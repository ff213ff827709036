"""What is shown while a search runs, and that nothing of the data can do anything there."""

import io
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from automl_text.cli import view as view_module
from automl_text.cli.say import svg
from automl_text.cli.summary import _BAR_WIDTH, Leaderboard, _interval_bar, summary
from automl_text.cli.view import LineView, LiveView, RunView, _in_words, _time_left, watching
from automl_text.experiment.observer import Progress
from automl_text.report.briefing import briefing
from automl_text.results import LeaderboardRow, RunResult
from automl_text.results.result import read_result
from automl_text.wording import printable
from sample_result import all_failed

MOVES = {"\x1b", "\x07", "\u202e", "\r"}
"""Characters that move a cursor, turn the line round or open a link."""

ATTACKS = [
    "[/red]",
    "[link=http://x]y[/link]",
    "\x1b]8;;http://x\x07y\x1b]8;;\x07",
    "\u202ekcatta",
    "a\rb\nc",
    ":smile:",
]


def progress(**changes: object) -> Progress:
    fields = {
        "family": "logreg",
        "trial_number": 0,
        "status": "done",
        "best_inner": 0.71,
        "n_done": 1,
        "n_planned": 30,
        "seconds_left": 95.0,
    }
    return Progress(**{**fields, **changes})


def row(**changes: object) -> LeaderboardRow:
    fields = {
        "family": "logreg",
        "title": "Logistic regression",
        "rank": 1,
        "rank_group": 1,
        "macro_f1": 0.7,
        "expected_macro_f1": 0.72,
        "interval": (0.65, 0.79),
        "interval_reason": "",
        "is_reference": False,
        "status": "done",
    }
    return LeaderboardRow(**{**fields, **changes})


def run(*rows: LeaderboardRow) -> RunResult:
    """Return a run of these families, of which nothing else is known."""
    return all_failed().model_copy(update={"leaderboard": rows})


def screen(width: int = 80) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=True, markup=False, emoji=False, highlight=False
    )


def shown(renderable: object, width: int = 80) -> str:
    console = screen(width)
    console.print(renderable)
    return re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue())


def test_the_live_view_shows_families_best_first_and_the_time_left():
    view = LiveView(screen())
    view.stage("search")
    view.planned(30)
    view.finished(progress(family="lightgbm", best_inner=0.65))
    view.finished(progress(n_done=2, trial_number=3))
    view.finished(progress(n_done=3, status="failed"))
    text = shown(view.render())
    assert "searching" in text
    assert text.index("logreg") < text.index("lightgbm")
    assert "0.710" in text
    assert "3 of 30 fits" in text
    assert "1 min 35 s left" in text


def test_the_time_left_runs_down_between_fits_and_is_not_known_once_it_is_over(monkeypatch):
    now = 7.0
    monkeypatch.setattr(view_module, "time", SimpleNamespace(monotonic=lambda: now))
    view = RunView()
    view.finished(progress(seconds_left=0.5))
    now += 0.2
    assert view.seconds_left == pytest.approx(0.3)
    now += 0.4
    assert view.seconds_left is None


def test_no_time_left_is_shown_after_the_search_that_it_was_told_of():
    view = LiveView(screen())
    view.stage("search")
    view.finished(progress())
    view.stage("verdict")
    assert "1 of 30 fits" in shown(view.render())
    assert "left" not in shown(view.render())


@pytest.mark.parametrize("attack", ATTACKS)
def test_data_on_the_screen_is_only_ever_text(attack):
    view = LiveView(screen())
    view.stage("search", attack)
    view.note(attack)
    text = shown(view.render()) + re.sub(r"\x1b\[[0-9;]*m", "", view._screen.file.getvalue())
    text += shown(Leaderboard(run(row(family=attack, reason=attack))), width=200)
    assert not set(text) & MOVES
    assert printable(attack) in text


def test_lines_are_printed_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(view_module, "SECONDS_BETWEEN_LINES", 0.0)
    with watching(is_quiet=False) as watcher:
        watcher.stage("reading", "x.csv")
        watcher.note("Text: text")
        watcher.finished(progress(best_inner=None, seconds_left=None))
        watcher.finished(progress(n_done=2))
    assert isinstance(watcher, LineView)
    assert capsys.readouterr().err.splitlines() == [
        "automl-text: reading the data: x.csv",
        "automl-text: Text: text",
        "automl-text: 1 of 30 fits, time left not known yet",
        "automl-text: 2 of 30 fits, 1 min 35 s left; best inner macro-F1: logreg 0.710",
    ]


def test_lines_come_no_faster_than_they_can_be_read(capsys):
    watcher = LineView()
    for n_done in range(1, 30):
        watcher.finished(progress(n_done=n_done))
    assert capsys.readouterr().err == ""
    watcher.finished(progress(n_done=30))
    assert capsys.readouterr().err.startswith("automl-text: 30 of 30 fits")


def test_quiet_shows_nothing(capsys):
    with watching(is_quiet=True) as watcher:
        watcher.stage("search")
        watcher.note("x")
        watcher.finished(progress())
    assert type(watcher) is RunView
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_the_view_is_live(monkeypatch):
    console = screen()
    monkeypatch.setattr(view_module, "console", lambda **_: console)
    with watching(is_quiet=False) as watcher:
        watcher.stage("search")
        watcher.finished(progress())
    assert isinstance(watcher, LiveView)
    assert "logreg" in console.file.getvalue()


def test_a_second_signal_leaves_the_terminal_with_its_cursor():
    script = (
        "import signal\n"
        "from automl_text.cli.view import watching\n"
        "from automl_text.engine.halt import Interruption\n"
        "with watching(is_quiet=False) as watcher, Interruption():\n"
        "    watcher.stage('search')\n"
        "    while True: signal.pause()\n"
    )
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    said = b""
    while b"searching" not in said:
        said += os.read(ours, 1 << 16)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)  # those of one kind that wait together are one
    with suppress(OSError):  # Linux's way to say that nobody has the other end any more
        while more := os.read(ours, 1 << 16):
            said += more
    os.close(ours)
    assert process.returncode == 130
    assert re.findall(rb"\x1b\[\?25[hl]", said)[-1] == b"\x1b[?25h"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (3600, "1 h 00 min"), (7384, "2 h 03 min")],
)
def test_durations_read_at_a_glance(seconds, words):
    assert _in_words(seconds) == words
    assert _time_left(seconds) == f"{words} left"


def test_an_interval_is_drawn_to_scale():
    bar = _interval_bar((-1.0, 1.0), 0.0, scale=(-1.0, 1.0))
    assert (bar[0], bar[-1], len(bar)) == ("├", "┤", _BAR_WIDTH)
    assert bar.index("●") == _BAR_WIDTH // 2
    assert _interval_bar((-0.9, -0.8), -0.85, scale=(-0.3, 0.1)) == "◂"
    assert _interval_bar((0.05, 0.1), 0.1, scale=(-0.3, 0.1)).index("│") == round(0.75 * (_BAR_WIDTH - 1))


@pytest.mark.parametrize(("width", "has_bars"), [(60, False), (80, True), (160, True)])
def test_the_end_of_a_search_fits_the_terminal(finished: Path, width: int, has_bars: object):
    result = read_result(finished)
    text = shown(summary(result, Path("reports/x")), width=width)
    rows = text[: text.index("Ranked by")].splitlines()
    assert ("◂" in text or "├" in text) == has_bars
    assert len(rows) == 2 + len(result.leaderboard)
    assert all(len(line) <= width for line in text.splitlines())


def test_why_a_family_has_no_score_stands_below_the_leaderboard():
    text = shown(Leaderboard(run(row(macro_f1=None, status="failed", reason="libgomp.so.1 is missing"))))
    assert "failed" in text
    assert "logreg: libgomp.so.1 is missing" in text


def test_the_leaderboard_on_its_own_says_what_every_family_was_given(finished: Path):
    text = " ".join(shown(Leaderboard(read_result(finished), has_details=True), width=100).split())
    assert re.search(r"logreg: 2 trials, \d+ fits, \d+", text)


def test_the_end_of_a_search_is_the_first_screen_of_the_report_in_ten_lines(finished: Path):
    result = read_result(finished)
    text = shown(summary(result, Path("reports/x")), width=160)
    screen = text[text.index("Use ") :].rstrip().splitlines()
    assert len(screen) <= 10
    brief = briefing(result)
    for said in (brief.title, brief.certainty, *brief.sentences, *(each.line for each in brief.commands)):
        assert said in " ".join(text.split())
    assert "reports/x/report.html" in text
    assert result.timing.model.sha256 in text


def test_a_picture_of_the_terminal_links_to_nothing_outside(finished: Path):
    result = read_result(finished)
    picture = svg(summary(result, Path("reports/x")))
    assert picture == svg(summary(result, Path("reports/x")))
    assert picture.startswith("<svg")
    assert set(re.findall(r"https?://[^\s\"'<)]+", picture)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }
