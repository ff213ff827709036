"""What the documentation promises of faults and attacks has a test that is there, named beside it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/reliability.md", "SECURITY.md")
PROMISING = re.compile(r"\b(never|always|survives?)\b", re.IGNORECASE)
NAMED = re.compile(r"\b(test_\w+)(?:\.py)?(?: \(([\w/]+)\))?(?:: ([^;|)]+))?|\b(benchmarks/\w+\.py)")


def lines_of(page: str) -> list[str]:
    """Return the rows and paragraphs of a page, each on one line."""
    text = re.sub(r"\n(?=[^\n|#-])(?<!\n\n)", " ", (ROOT / page).read_text(encoding="utf-8"))
    return [line for line in text.splitlines() if line.strip() and not line.startswith(("#", "|---"))]


def lacking(line: str) -> list[str]:
    """Return what a line names that is not there: files of tests, and functions in them by words of their name."""
    missing = []
    for file, folder, words, benchmark in NAMED.findall(line):
        if benchmark:
            missing += [] if (ROOT / benchmark).exists() else [benchmark]
            continue
        found = [path for path in (ROOT / "tests").rglob(f"{file}.py") if folder in str(path)]
        wanted = re.sub(r"\W+", "_", words.strip())
        functions = [
            name for path in found for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
        ]
        if not found or not any(wanted in name for name in functions):
            missing.append(f"{file}: {words}")
    return missing


@pytest.mark.parametrize("page", PAGES)
def test_each_test_that_a_promise_names_is_there(page):
    assert [each for line in lines_of(page) for each in lacking(line)] == []


def test_every_row_of_the_table_of_faults_names_a_test_or_a_benchmark():
    rows = [line for line in lines_of(PAGES[0]) if line.startswith("| ")][1:]
    assert len(rows) > 60
    assert [row for row in rows if not NAMED.search(row.rsplit("|", 2)[1])] == []


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_promised_for_ever_without_a_test_beside_it(page):
    assert [line for line in lines_of(page) if PROMISING.search(line) and not NAMED.search(line)] == []
