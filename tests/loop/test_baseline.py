"""A column of predictions takes part as a reference, judged by the same rows and the same metric."""

import csv

import pytest
from sklearn.metrics import f1_score

from automl_text.api import search
from automl_text.errors import InputError
from automl_text.loop.baseline import take_baseline
from automl_text.tables.memory import table_of

from .conftest import SMALL


@pytest.fixture(scope="module")
def rules(finished, tmp_path_factory):
    """A run with a rule that knows two categories and is silent on all others."""
    folder = tmp_path_factory.mktemp("rules")
    with (finished.parent / "tickets.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (folder / "tickets.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "category", "rules"])
        for row in rows:
            words = row["text"].casefold()
            said = "refund_request" if "refund" in words else "login_problem" if "password" in words else ""
            writer.writerow([row["text"], row["category"], said])
    options = {**SMALL, "families": "logreg", "n_trials": 1}
    return search(folder / "tickets.csv", baseline="rules", output=folder / "run", **options)


def test_its_figure_is_scikit_learns(rules):
    with (rules.folder.parent / "tickets.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    labels = [row["category"] for row in rows]
    most = max(sorted(set(labels)), key=labels.count)
    judged = [each.label for each in rules.result.dataset.classes if each.is_measurable]
    expected = f1_score(labels, [row["rules"] or most for row in rows], average="macro", labels=judged)
    row = next(each for each in rules.result.leaderboard if each.family == "baseline")
    assert row.macro_f1 == pytest.approx(expected)
    assert row.is_reference
    assert row.interval[0] < row.expected_macro_f1 < row.interval[1]


def test_it_is_compared_with_the_recommended_family(rules):
    pair = [each for each in rules.result.comparisons if {each.a, each.b} == {"logreg", "baseline"}]
    assert pair[0].seen_from("logreg").verdict == "better"
    assert rules.result.recommended == "logreg"


def test_the_column_is_no_text_of_the_search(rules):
    assert rules.result.dataset.text_columns == ("text",)
    assert "baseline: beaten by logreg, +0." in (rules.folder / "run.log").read_text("utf-8")


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(
        InputError, match=r"--baseline .rule.: there is no such column\. Did you mean .rules.\?"
    ):
        take_baseline(table_of({"text": ["a"], "rules": ["b"]}, name="data.csv"), "rule")
