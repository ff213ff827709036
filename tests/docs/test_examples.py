"""Every command and example of README and docs is run."""

import json
import os
import re
import shlex
import subprocess
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from automl_text.tuning.space import _parse_space

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
SMALL = shlex.split(
    "--families logreg --trials 1 --references none --jobs 1 --outer-folds 3 --overwrite --quiet"
)
"""Added to every search, so that it takes seconds; what the page says is still read and obeyed where it can be."""


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    code: str


def blocks_of(path):
    """The fenced blocks of a page."""
    found, start, language, lines = [], 0, "", []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.startswith("```"):
            lines.append(line)
        elif start:
            found.append(Block(name_of(path), start, language, "\n".join(lines) + "\n"))
            start = 0
        else:
            start, language, lines = number, line.removeprefix("```").strip(), []
    return found


def name_of(path):
    return str(path.relative_to(ROOT))


WALK = ROOT / "docs/how-to/improve.md"
"""Its lines build on each other: test_improve runs it as a whole."""
BLOCKS = [block for page in PAGES if page != WALK for block in blocks_of(page)]
COMMANDS = [
    (block.page, line.removeprefix("$ "))
    for block in BLOCKS
    if block.language == "console"
    for line in block.code.splitlines()
    if line.startswith("$ ")
]
PRIVATE = next(line for _, line in COMMANDS if "--no-text" in line)
ONCE = [
    (page, line)
    for line, page in {line: page for page, line in reversed(COMMANDS)}.items()
    if line != PRIVATE
]
"""Each command on the first page that has it; the private search has a test of its own."""
PYTHON_PAGES = sorted({block.page for block in BLOCKS if block.language == "python"})


def is_search(code):
    return re.search(r"automl-text search|\.fit\(|search\(", code) is not None


def code_of(page):
    return [block for block in BLOCKS if (block.page, block.language) == (page, "python")]


def marked(parameters, code):
    return pytest.param(*parameters, marks=[pytest.mark.slow] if is_search(code) else [])


@pytest.fixture
def mlflow(monkeypatch):
    """What the page uses of MLflow, writing down what it is told."""
    told = {}

    class Active:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    module = types.ModuleType("mlflow")
    module.start_run = lambda run_name: told.update(name=run_name) or Active()
    module.log_params = told.update
    module.log_metric = lambda name, value: told.update({name: value})
    module.log_artifacts = lambda folder: told.update(folder=folder)
    monkeypatch.setitem(sys.modules, "mlflow", module)
    return told


def run_page(page):
    """Run the Python blocks of a page one after the other and return what they leave."""
    left = {}
    for block in code_of(page):
        exec(compile("\n" * block.line + block.code, page, "exec"), left)  # noqa: S102  (our own pages)
    return left


@pytest.mark.parametrize(("page", "line"), [marked(each, each[1]) for each in ONCE])
@pytest.mark.usefixtures("place")
def test_every_command_does_what_it_says(page, line, command):
    program, *arguments = shlex.split(line)
    assert program == "automl-text", f"{page}: put what is not ours into a block of sh"
    code, _, err = command([*arguments, *SMALL] if arguments[0] == "search" else arguments)
    assert (code, "error:" in err) == (0, False), err


@pytest.mark.parametrize(
    "page", [marked([page], "".join(b.code for b in code_of(page))) for page in PYTHON_PAGES]
)
@pytest.mark.usefixtures("place", "mlflow")
def test_every_python_example_runs(page):
    run_page(page)


def test_the_service_answers(place):
    app = run_page("docs/how-to/service.md")["app"]
    with TestClient(app) as client:
        answer = client.post("/predict", json=["Where is my parcel?", ""])
    labels = json.loads((place / "reports/data/best_model.json").read_text("utf-8"))["labels"]
    assert [row["label"] in labels for row in answer.json()] == [True, True]
    assert all(0 < row["confidence"] < 1 for row in answer.json())


@pytest.mark.usefixtures("place")
def test_an_unseen_language_gets_the_answer_of_an_empty_text():
    left = run_page("docs/how-to/other-languages.md")
    np.testing.assert_array_equal(left["unseen"], left["empty"])


@pytest.mark.usefixtures("place")
def test_mlflow_is_told_the_figures_of_the_run(mlflow):
    result = run_page("docs/how-to/mlflow.md")["result"]
    assert mlflow["recommended"] == result["recommended"] == "logreg"
    assert mlflow["logreg.macro_f1"] == result["leaderboard"][0]["macro_f1"]


@pytest.mark.slow
def test_without_text_no_row_can_be_read_in_the_run(place, command):
    assert command([*shlex.split(PRIVATE)[1:], *SMALL])[0] == 0
    rows = (place / "data.csv").read_text("utf-8").splitlines()[1:]
    texts = [row.rpartition(",")[0].strip('"')[:40] for row in rows if len(row) > 60]
    for name in ("report.html", "result.json", "leaderboard.csv", "trials.csv", "out_of_fold.csv"):
        content = (place / "reports/private" / name).read_text("utf-8")
        assert [text for text in texts if text in content] == [], name


def test_every_option_named_in_the_text_exists(command):
    known = {}
    unknown = []
    for page in PAGES:
        for name, rest in re.findall(r"automl-text ([a-z]+)\b([^`\n]*)", page.read_text("utf-8")):
            if name not in known:
                code, help_text, _ = command([name, "--help"])
                known[name] = help_text if code == 0 else ""
            options = re.findall(r"--[a-z][a-z0-9-]*", rest)
            unknown += [
                (name_of(page), name, each) for each in options if f"{each} " not in known[name] + " "
            ]
    assert unknown == []


def test_every_make_target_named_in_the_text_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z]+)`", page.read_text("utf-8"))}
    named |= set(
        re.findall(r"^make ([a-z]+)", "".join(b.code for b in BLOCKS if b.language == "sh"), re.MULTILINE)
    )
    assert named <= targets


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.language == "toml" and "[params" in b.code], ids=lambda b: b.page
)
def test_every_search_space_shown_can_be_read(block):
    if 'family = "bayes"' in block.code:
        pytest.skip("its family is a plug-in; test_plugin_family installs and searches it")
    assert _parse_space(block.code.encode(), name=block.page).distributions


def test_the_family_shown_is_the_one_in_examples():
    page = (ROOT / "docs/how-to/add-a-family.md").read_text("utf-8")
    folder = ROOT / "examples/plugin_family"
    files = [folder / "pyproject.toml", *(folder / "automl_text_bayes").glob("*.[pt]*")]
    assert [file.name for file in files if f"\n{file.read_text('utf-8')}```" not in page] == []


def test_links_from_pages_outside_of_docs_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
        assert [
            link for link in links if not link.startswith("reports/") and not (ROOT / link).exists()
        ] == []


@pytest.mark.slow
def test_the_site_builds_without_warnings(tmp_path):
    arguments = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # an announcement about the next version
    built = subprocess.run(  # noqa: S603  (ours)
        arguments, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False
    )
    assert (built.returncode, built.stderr) == (0, "")
    index = (tmp_path / "decisions/index.html").read_text("utf-8")
    pages = [path.stem for path in (ROOT / "docs/decisions").glob("0*.md")]
    assert [page for page in pages if f"{page}.html" not in index] == []


@pytest.mark.slow
@pytest.mark.usefixtures("place")
def test_the_notebook_runs_from_top_to_bottom():
    notebook = json.loads((ROOT / "examples/notebook.ipynb").read_text("utf-8"))
    left = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), left)  # noqa: S102  (our own notebook)
    assert left["model"].report_._repr_html_().startswith("<iframe")
