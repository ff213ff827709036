"""One file whose texts, labels, column names and name are attacks, through every command and into a real browser."""

import ast
import csv
import random
import re
import shlex
import unicodedata
from pathlib import Path

import markdown
import pytest
from markdown_it import MarkdownIt

from automl_text.results import RunResult

from .conftest import run_command

FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
LABELS = (
    "</script><script data-pwned>pwned=1</script>",
    "--><script data-pwned>pwned=1</script>",
    "<svg data-pwned onload=pwned=1>",
    "{{7*7}}{% raw %}",
    "$\\frac$ x",
    "[/red][link=http://evil.example]x[/link]",
    "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07\x1b[2J",
    "abc\u202egnp.exe\u2066",
    "../../x",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    f"{FULL_WIDTH[0]}1+1",
    "\t=1",
    "\r=1",
    "\n+1",
    "'quoted",
    "a|b`c`\n# heading\r\n![i](http://evil.example/i.png)<img data-pwned src=http://evil.example/i.png>",
    "' onmouseover='pwned=1' data-pwned=\"",
)
TEXT, LABEL, OTHER = "<img data-pwned src=x onerror=pwned=1>", "=HYPERLINK(A1)", f"{FULL_WIDTH[3]}x\n[/red]"
NAME = "=a\n<svg data-pwned onload=pwned=1>\x1b]8;;x\x07{{7*7}}[red]\u202e$(touch pwned)`touch pwned`';\"&#"
CLEAR_OR_LINK = ("\x1b[2J", "\x1b]", "\x07", "\u202e", "\u2066")
"""What the attacks want of a terminal; a live view moves the cursor by itself."""
CREATED = "[data-pwned], img, iframe, object, embed, form, a[href*=evil], [onload], [onerror], [onmouseover]"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def attack_rows():
    """Return 90 rows, five for each label, told apart by one word of a label's own."""
    rng = random.Random(0)  # noqa: S311  (nothing secret)
    words = ["".join(rng.choices("abcdefghijklmnop", k=6)) for _ in range(300)]
    for row in range(5 * len(LABELS)):
        label = LABELS[row % len(LABELS)]
        said = [words[row % len(LABELS)], *rng.sample(words[30:], 6)]
        yield [f"{rng.choice(LABELS)} {' '.join(said)}", label, rng.choice(LABELS)]


def files_under(folder):
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def cells(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def taken_back(row):
    return [re.sub(r"(^|[;,|\t\r\n])'|(?<= )'(?='*=\S)", r"\1", cell) for cell in row]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """Every command once: the place, the run's folder in it, and what the terminal saw of each command."""
    place = tmp_path_factory.mktemp("attacked")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        data = Path(f"{NAME}.csv")
        with data.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerows([[TEXT, LABEL, OTHER], *attack_rows()])
        columns = ("--text", TEXT, "--label", LABEL)
        patch.setenv("TTY_COMPATIBLE", "1")
        patch.setenv("COLUMNS", "300")
        small = ("--preset", "quick", "--families", "logreg", "--trials", 1, "--outer-folds", 3, "--jobs", 1)
        said = {"live": run_command("search", data, *columns, *small, "--references", "none")}
        patch.setenv("TTY_COMPATIBLE", "0")
        run = Path("reports") / NAME
        for words in (
            ("predict", run, data, "-o", "predicted.csv", "--probabilities"),
            ("evaluate", run, data),
            ("inspect", data, *columns),
            ("leaderboard", run),
            ("report", run, "--format", "md"),
            ("export", run, "-o", "model.skops", "--format", "skops", "--model-card"),
        ):
            said[words[0]] = run_command(*words)
    assert {name: done.code for name, done in said.items()} == dict.fromkeys(said, 0), said
    return place, place / run, said


def test_nothing_is_written_outside_of_the_folders_asked_for(attacked):
    place, run, _ = attacked
    outside = {str(path) for path in files_under(place) if not (place / path).is_relative_to(run)}
    exported = {"model.skops", "model.json", "model.requirements.txt", "model.md"}
    assert outside == {f"{NAME}.csv", "predicted.csv", *exported}
    assert {path.parent for path in files_under(run)} == {Path()}


def test_a_terminal_is_sent_nothing_but_text(attacked):
    _, run, said = attacked
    live = said["live"]
    assert not [each for each in CLEAR_OR_LINK if each in live.out + live.err]
    assert "\x1b[" in live.err, "the view was not live"
    for done in (each for each in said.values() if each is not live):
        controls = {c for c in done.out + done.err if c != "\n" and unicodedata.category(c) in {"Cc", "Cf"}}
        assert controls == set()
    log = (run / "run.log").read_text(encoding="utf-8")
    assert not [each for each in CLEAR_OR_LINK if each in log]


def test_a_spreadsheet_reads_every_cell_as_text(attacked):
    place, run, said = attacked
    tables = [*run.glob("*.csv"), place / "predicted.csv"]
    assert len(tables) == 4
    for table in tables:
        for cell in (cell for row in cells(table) for cell in row):
            assert cell[:1] not in {"\t", "\r", "\n"}
            if cell.strip()[:1] in {*"=+-@", *FULL_WIDTH}:
                float(cell)
    header, *rows = [taken_back(row) for row in cells(place / "predicted.csv")]
    assert header[:5] == [TEXT, LABEL, OTHER, "prediction", "confidence"]
    assert header[5:-1] == [f"probability:{label}" for label in sorted(LABELS)]
    assert [row[:3] for row in rows] == list(attack_rows())
    labels = [taken_back(row)[2] for row in cells(run / "out_of_fold.csv")[1:]]
    assert labels == [label for _, label, _ in attack_rows()]
    n_guarded = {
        table.name: sum(
            cell != back for row in cells(table) for cell, back in zip(row, taken_back(row), strict=True)
        )
        for table in tables
    }
    assert f"{n_guarded.pop('predicted.csv')} cells begin like a formula" in said["predict"].err
    assert f"{sum(n_guarded.values())} cells of the tables begin like a formula" in said["live"].err


def test_what_is_copied_from_the_report_runs_only_what_it_shows(attacked):
    _, run, _ = attacked
    result = RunResult.model_validate_json((run / "result.json").read_bytes())
    fenced = re.search(r"```\n(automl-text .*?)\n```", (run / "report.md").read_text("utf-8"), re.DOTALL)
    command = shlex.split(fenced[1])
    assert command[:2] == ["automl-text", "predict"]
    assert command[3:6] == ["new.csv", "-o", "labelled.csv"]
    assert command[6:7] in ([], ["--min-confidence"])
    script = ast.parse(result.insight.plain_code)
    constants = {node.value for node in ast.walk(script) if isinstance(node, ast.Constant)}
    assert {f"{NAME}.csv", TEXT, LABEL} <= constants


def test_a_browser_runs_nothing_of_the_report(attacked, open_file):
    _, run, _ = attacked
    page = open_file(run / "report.html")
    title = page.title()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate("document.querySelectorAll('*').forEach((e) => e.dispatchEvent(new Event('mouseover')))")
    page.fill(".filter input", LABELS[2])
    page.evaluate("document.querySelectorAll('button').forEach((each) => each.click())")
    body = page.locator("body").inner_text()
    assert "{{7*7}}" in body
    assert LABELS[1] in body
    assert page.title() == title
    assert page.locator("script").count() == 1
    assert page.locator(CREATED).count() == 0
    assert page.evaluate("typeof pwned") == "undefined"


@pytest.mark.parametrize("renderer", [MarkdownIt("commonmark").enable("table").render, markdown.markdown])
@pytest.mark.parametrize("name", ["report.md", "model.md"])
def test_a_browser_runs_nothing_of_the_markdown(attacked, open_file, tmp_path, name, renderer):
    place, run, _ = attacked
    text = (run if name == "report.md" else place) / name
    rendered = tmp_path / "rendered.html"
    rendered.write_text(f"<meta charset=utf-8>{renderer(text.read_text('utf-8'))}", encoding="utf-8")
    page = open_file(rendered)
    assert "{{7*7}}" in page.locator("body").inner_text()
    assert page.locator(f"{CREATED}, script").count() == 0
    assert page.evaluate("typeof pwned") == "undefined"
