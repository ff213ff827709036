"""Every refusal is exit code 2 and one line on stderr that says what, where and how to mend it."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import sklearn

from automl_text.errors import InputError

_LINES = (Path(__file__).parent / "refusals.txt").read_text(encoding="utf-8").splitlines()
_PAIRS = [line for line in _LINES if line and not line.startswith("#")]
EXPECTED = [
    pytest.param(typed, said.strip(), id=typed) for typed, said in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)
]


@pytest.fixture(scope="module")
def places(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files and folders that the table above names."""
    tmp = tmp_path_factory.mktemp("places")
    content = (finished / "best_model.pkl").read_bytes()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    files = {
        "empty": ("empty.csv", b""),
        "other": ("other.csv", b"body,label\nhello there,a\nbye now,b\n"),
        "header": ("header.csv", b"text,category\n"),
        "torn": ("torn.pkl", content[: len(content) // 2]),
        "lonely": ("lonely.pkl", content),
        "ragged": ("ragged.csv", b"text,category\na,b\nc,d,e\n"),
        "excel": ("excel.xlsx", zipped.getvalue()),
        "image": ("image.png", b"\x89PNG\r\n\x1a\n" + bytes(50)),
        "unfinished": ("unfinished/journal.jsonl", b""),
        "broken": ("broken/result.json", b"{oops"),
        "later": ("later/result.json", b'{"format": 99}'),
        "lacking": ("lacking/result.json", b'{"format": 2}'),
    }
    manifest = json.loads((finished / "best_model.json").read_text(encoding="utf-8"))
    manifest["versions"]["scikit-learn"] = "1.2.0"
    files["old"] = ("old/best_model.json", json.dumps(manifest).encode())
    known = {
        "tmp": tmp,
        "data": finished.parent / "tickets.csv",
        "run": tmp / "run",
        "long": tmp / ("a" * 300),
        "sklearn": sklearn.__version__,
    }
    shutil.copytree(finished, tmp / "run")
    for name, (path, written) in files.items():
        file = tmp / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(written)
        known[name] = file.parent if "/" in path else file
    (known["old"] / "best_model.pkl").write_bytes(content)
    return known


@pytest.mark.parametrize(("line", "expected"), EXPECTED)
def test_a_refusal_is_one_line_with_the_remedy(command, places, line, expected, monkeypatch):
    monkeypatch.chdir(places["tmp"])  # searches that run beside this one claim reports/ of their own
    done = command(*(fold.format(**places) for fold in line.split()))
    errors = [each for each in done.err.splitlines() if each.startswith("automl-text: error: ")]
    assert done.code == 2, done.err
    assert len(errors) == 1, done.err
    said = re.escape(expected.format(**places)).replace(r"\*", "[0-9a-f]+")
    assert re.fullmatch(f"automl-text: error: {said}", errors[0])
    assert "Traceback" not in done.err


def test_a_bug_is_one_line_that_names_the_log(command, places, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops\n\x1b[31mred")

    monkeypatch.setattr("automl_text.results.result.read_result", broken)
    done = command("leaderboard", places["run"])
    assert done.code == 1
    found = re.fullmatch(
        r"automl-text: error: unexpected ZeroDivisionError: oops\. This is a fault .* traceback is in (.*)\n",
        done.err,
    )
    assert found
    assert "in broken" in Path(found[1]).read_text()


def test_the_traceback_of_a_search_goes_to_its_log(command, places, monkeypatch, tmp_path):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    (tmp_path / "run.log").write_text("before\n")
    monkeypatch.setattr("automl_text.experiment.run.run_search", broken)
    done = command("search", places["data"], "--output", tmp_path)
    assert done.code == 1
    assert done.err.endswith(f"its traceback is in {tmp_path / 'run.log'}\n")
    assert "before\nTraceback" in (tmp_path / "run.log").read_text()


def test_a_bug_under_an_output_that_cannot_be_looked_at_is_one_line(command, places, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("automl_text.experiment.run.run_search", broken)
    done = command("search", places["data"], "--output", places["long"])
    assert done.code == 1
    assert re.fullmatch(
        r"automl-text: error: unexpected ZeroDivisionError: oops\. .* traceback is in .*\n", done.err
    )


def test_a_library_that_warns_prints_nothing():
    code = "import warnings; from automl_text.cli import main; import automl_text.cli.entry as e; "
    code += "e.run = lambda _: warnings.warn('noise') or 0; main([])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stderr == ""


def test_ctrl_c_is_code_130(command, places, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("automl_text.results.result.read_result", interrupted)
    assert command("leaderboard", places["run"]).code == 130


def test_several_faults_are_several_lines_without_anything_that_moves_the_cursor(
    command, places, monkeypatch
):
    def faulty(*_: object, **__: object) -> None:
        raise InputError("a.toml: one\u202e\na.toml: two\x1b]8;;http://x\x07")

    monkeypatch.setattr("automl_text.results.result.read_result", faulty)
    assert command("leaderboard", places["run"]).err == (
        "automl-text: error: a.toml: one\\u202e\nautoml-text: error: a.toml: two\\x1b]8;;http://x\\x07\n"
    )
