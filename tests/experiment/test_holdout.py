"""Rows that are kept apart judge the exported model once, and have no share in anything else."""

import csv
import json

import joblib
import pytest
from sklearn.metrics import f1_score

from automl_text.api import search
from automl_text.data.holdout import split_holdout
from automl_text.data.profile import profile
from automl_text.errors import InputError
from automl_text.experiment.export import export_family
from automl_text.report.page import render_html
from automl_text.tables.memory import table_of

QUICK = {"preset": "quick", "families": "logreg", "n_trials": 1, "jobs": 1}


def write(path, rows, *names):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([names, *rows])
    return path


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """The same rows as one file with a column, as two files, and as the training rows alone."""
    folder = tmp_path_factory.mktemp("holdout")
    words = {
        "delivery": "parcel late courier",
        "billing": "invoice charged twice",
        "login": "password reset code",
    }
    rows = [
        (f"{said} number {n * 7919 % 97} {'abcdefgh'[n % 8] * 3}", label)
        for label, text in words.items()
        for n in range(20)
        for said in [" ".join(text.split()[: 1 + n % 3])]
    ]
    rows += [("parcel invoice password", "login"), ("late charged reset", "delivery")]
    sides = ["Test" if n % 4 == 0 else ("dev" if n % 4 == 1 else "train") for n in range(len(rows))]
    searched = [row for row, side in zip(rows, sides, strict=True) if side != "Test"]
    test = [row for row, side in zip(rows, sides, strict=True) if side == "Test"]
    write(
        folder / "one.csv", [(*r, s) for r, s in zip(rows, sides, strict=True)], "text", "category", "split"
    )
    write(folder / "rest.csv", searched, "text", "category")
    write(folder / "test.csv", test, "text", "category")
    by_column = search(folder / "one.csv", split="split", output=folder / "column", **QUICK)
    by_file = search(folder / "rest.csv", test=folder / "test.csv", output=folder / "file", **QUICK)
    return folder, by_column, by_file, test


def test_the_search_is_that_of_the_other_rows_alone(places):
    _, by_column, by_file, _ = places
    assert by_column.result.leaderboard == by_file.result.leaderboard
    assert by_column.result.procedure == by_file.result.procedure
    assert by_column.result.dataset.n_rows == by_file.result.dataset.n_rows == 46
    assert by_column.result.dataset.text_columns == ("text",)


def test_the_model_is_judged_on_the_test_rows_as_scikit_learn_judges_it(places):
    folder, by_column, by_file, test = places
    labels = [label for _, label in test]
    model = joblib.load(folder / "column" / "best_model.pkl")
    expected = f1_score(labels, model.predict([text for text, _ in test]), average="macro")
    for run in (by_column, by_file):
        assert run.result.holdout.n_rows == len(test)
        assert run.result.holdout.macro_f1 == pytest.approx(expected)


def test_validation_rows_are_searched_and_that_is_said(places):
    said = [each.message for each in places[1].result.dataset.findings if each.code == "kept_apart"]
    assert said == [
        (
            "Column 'split' keeps 16 rows apart as a test; the search sees the others, the 16 validation rows "
            "too, since it validates by itself"
        )
    ]


def test_the_report_judges_the_promise_on_them_in_a_section_of_its_own(places):
    page = render_html(places[1].result)
    assert 'href="#holdout"' in page
    assert "16 rows, kept apart by column split" in page
    without = places[1].result.model_copy(update={"holdout": None})
    assert 'href="#holdout"' not in render_html(without)


def test_a_later_export_leaves_them_out_again(places):
    folder = places[0]
    source = export_family(folder / "column", "logreg", folder / "one.csv")[1]
    assert set(source.texts).isdisjoint(text for text, _ in places[3])


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (
            ["train", "test", "later"],
            r"line 4: --split 'split': 'later' says neither train, validation nor test",
        ),
        (["train", "train", "dev"], r"nothing is a test row\. Leave --split out"),
        (["test", "test", "test"], r"nothing but test rows"),
    ],
)
def test_a_column_that_tells_no_split_is_refused(cells, fault):
    table = table_of({"text": ["a", "b", "c"], "split": cells}, name="rows")
    with pytest.raises(InputError, match=fault if "line" not in fault else fault.partition(": ")[2]):
        split_holdout(table, "split")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("split", ["train", "holdout", "dev"]),
        ("dataset", ["trn", "TST", "Val"]),
        ("usage", ["Training", "PublicTest", "Training"]),
        ("part", ["oos_train", "oos_test", "oos_val"]),
        ("is_test", ["0", "1", "0"]),
        ("is_train", ["True", "False", "True"]),
    ],
)
def test_a_split_is_read_as_people_write_it(name, cells):
    searched, kept = split_holdout(table_of({"text": ["a", "b", "c"], name: cells}, name="rows"), name)
    assert (searched.columns, kept.table.columns) == ({"text": ["a", "c"]}, {"text": ["b"]})
    assert profile(name, cells).is_split
    assert not profile("train", ["0", "1", "0"]).is_split


def test_a_test_file_that_cannot_judge_is_refused_before_any_fit(places, tmp_path):
    folder = places[0]
    other = write(tmp_path / "other.csv", [("parcel late", "weather")], "text", "category")
    unnamed = write(tmp_path / "unnamed.csv", [("parcel late", "billing")], "text", "categry")
    for file, fault in (
        (other, "no row that is kept apart has a label"),
        (unnamed, "Did you mean 'categry'?"),
    ):
        with pytest.raises(InputError, match=fault.replace("?", r"\?")):
            search(folder / "rest.csv", test=file, output=tmp_path / "run", **QUICK)
    assert not (tmp_path / "run" / "journal.jsonl").exists()
    with pytest.raises(InputError, match="give one of them"):
        search(folder / "one.csv", split="split", test=other, output=tmp_path / "run", **QUICK)


def test_the_result_is_saved_whole(places):
    saved = json.loads((places[0] / "column" / "result.json").read_text(encoding="utf-8"))
    assert saved["holdout"]["n_rows"] == 16
    assert saved["config"]["split"] == "split"
