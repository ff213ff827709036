"""Data never becomes markup or moves a cursor, and a traceback is never lost."""

import io

import pytest
from rich.console import Console

from automl_text.cli import say
from automl_text.cli.say import build_table, console, log_to, note, out, warn, write_traceback

ATTACK = "[red]x[/red] \x1b[2J\u202e:boom:"


@pytest.fixture
def logged(monkeypatch):
    monkeypatch.setattr(say, "_log", [])


@pytest.mark.parametrize(("speak", "start"), [(note, "automl-text: "), (warn, "automl-text: warning: ")])
def test_what_is_said_on_the_way_is_one_printable_line_on_stderr(capsys, speak, start):
    speak(f"two\nlines {ATTACK}")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{start}two\\nlines [red]x[/red] \\x1b[2J\\u202e:boom:\n"


def test_a_result_goes_to_stdout(capsys):
    out("a")
    out()
    assert capsys.readouterr() == ("a\n\n", "")


def test_cells_are_shown_as_they_are(capsys):
    console().print(build_table(("a", ">n"), [(ATTACK, "1")]))
    assert "[red]x[/red] \\x1b[2J\\u202e:boom:" in capsys.readouterr().out


def test_numbers_are_flush_right():
    screen = Console(file=io.StringIO(), width=40)
    screen.print(build_table((">n",), [("1",), ("1,000",)]))
    lines = [line.rstrip() for line in screen.file.getvalue().splitlines()]
    assert {len(line) for line in lines if line.endswith(("1", "000"))} == {max(map(len, lines))}


@pytest.mark.usefixtures("capsys")
def test_a_table_that_goes_to_a_file_is_wide():
    assert console().width == 160
    assert console(is_error=True).width == 160


@pytest.mark.usefixtures("logged")
def test_a_traceback_is_added_to_the_log_of_the_run(tmp_path):
    log = tmp_path / "run.log"
    log.write_text("start\n")
    log_to(log)
    assert write_traceback("Traceback \udcff") == log
    assert log.read_text() == "start\nTraceback \\udcff"


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("name", ["missing.log", "link.log"])
def test_without_a_log_it_gets_a_file_of_its_own(tmp_path, name):
    (tmp_path / "secret").write_text("kept")
    (tmp_path / "link.log").symlink_to(tmp_path / "secret")
    log_to(tmp_path / name)
    path = write_traceback("Traceback")
    assert path.read_text() == "Traceback"
    assert path.parent != tmp_path
    assert (tmp_path / "secret").read_text() == "kept"
    path.unlink()
