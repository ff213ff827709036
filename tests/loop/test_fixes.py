"""A filled-in review is applied to the rows that it means, and to nothing else."""

import csv
import shutil

import pytest

from automl_text.api import search
from automl_text.data.columns import choose_columns
from automl_text.errors import InputError
from automl_text.loop.fixes import apply_fixes, fixed_again
from automl_text.loop.out_of_fold import digest_name, text_digests
from automl_text.tables.memory import table_of

from .conftest import SMALL

TEXTS = ["where is it", "money back", "same text", "same text", "boots pinch"]
LABELS = ["parcel", "refund", "parcel", "refund", "size"]


def table(labels=LABELS, texts=TEXTS):
    return table_of({"text": texts, "label": labels}, name="data.csv")


def review(path, *rows, header=("line", "label", "corrected", "digest")):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def named(text):
    return digest_name(int(text_digests([text])[0]))


def fix(path, data=None):
    data = data or table()
    return apply_fixes(data, choose_columns(data), path)


def test_a_row_is_found_by_its_text_wherever_it_stands_now(tmp_path):
    found = fix(review(tmp_path / "r.csv", (99, "refund", "money", named("Money  BACK"))))
    assert found.table.columns["label"] == ["parcel", "money", "parcel", "refund", "size"]
    assert [(each.line, each.before, each.after) for each in found.fixes.changed] == [(2, "refund", "money")]


def test_of_rows_with_one_text_that_on_the_line_is_meant(tmp_path):
    found = fix(review(tmp_path / "r.csv", (4, "refund", "parcel", named("same text"))))
    assert [each.line for each in found.fixes.changed] == [4]


def test_lines_left_empty_change_nothing_and_the_table_given_stays_as_it_was(tmp_path):
    given = table()
    found = fix(
        review(
            tmp_path / "r.csv", (1, "parcel", "", named(TEXTS[0])), (5, "size", "parcel", named(TEXTS[4]))
        ),
        given,
    )
    assert len(found.fixes.changed) == 1
    assert given.columns["label"] == LABELS


def test_a_review_without_digests_goes_by_the_text(tmp_path):
    path = review(tmp_path / "r.csv", ("boots pinch", "parcel"), header=("text", "corrected"))
    assert [each.after for each in fix(path).fixes.changed] == ["parcel"]


def test_corrections_that_fit_no_row_any_more_are_named(tmp_path):
    found = fix(
        review(
            tmp_path / "r.csv",
            (1, "parcel", "size", named(TEXTS[0])),
            (2, "refund", "size", named("gone since")),
            (5, "refund", "parcel", named(TEXTS[4])),
        )
    )
    assert (len(found.fixes.changed), found.fixes.n_unmatched) == (1, 2)
    assert [each.code for each in found.findings] == ["fixes_unmatched"] * 2
    assert "line 3" in found.findings[0].message
    assert "line 4" in found.findings[1].message


def test_a_label_that_no_row_had_is_said_with_the_one_that_may_be_meant(tmp_path):
    found = fix(review(tmp_path / "r.csv", (5, "size", "parcle", named(TEXTS[4]))))
    assert "'parcle'. Did you mean 'parcel'?" in found.findings[0].message


def test_a_guarded_label_is_the_label(tmp_path):
    labels = ["=a", "b", "=a", "b", "b"]
    found = fix(review(tmp_path / "r.csv", (5, "b", "'=a", named(TEXTS[4]))), table(labels))
    assert found.table.columns["label"][4] == "=a"
    assert found.findings == ()


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (("line", "correction"), (1, "a"), "there is no column 'corrected'"),
        (("digest", "corrected"), (named(TEXTS[0]), ""), "no cell of the column 'corrected' is filled in"),
        (
            ("digest", "corrected"),
            (named("unheard of"), "size"),
            "none of its corrections fits a row of data.csv",
        ),
        (("digest", "corrected"), ("1E+15", "size"), "'1E.15' is no digest"),
    ],
)
def test_a_review_that_is_of_no_use_is_refused(tmp_path, header, row, expected):
    with pytest.raises(InputError, match=expected):
        fix(review(tmp_path / "r.csv", row, header=header))


def test_two_corrections_of_one_row_are_refused_with_both_lines(tmp_path):
    path = review(
        tmp_path / "r.csv", (1, "parcel", "size", named(TEXTS[0])), (1, "parcel", "refund", named(TEXTS[0]))
    )
    with pytest.raises(InputError, match="lines 2 and 3 correct one row in two ways: 'size' and 'refund'"):
        fix(path)


def test_what_a_run_records_gives_the_same_labels_again(tmp_path):
    found = fix(review(tmp_path / "r.csv", (5, "size", "parcel", named(TEXTS[4]))))
    assert fixed_again(table(), "label", found.fixes).columns == found.table.columns


def test_a_search_with_fixes_leaves_the_data_and_says_what_they_brought(
    finished, tmp_path, command, monkeypatch
):
    data = tmp_path / "tickets.csv"
    shutil.copy(finished.parent / "tickets.csv", data)
    before = data.read_bytes()
    shutil.copytree(finished, tmp_path / "reports" / "tickets")
    with data.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))[:3]
    path = review(
        tmp_path / "review.csv",
        *((at, row["category"], "lost_parcel", named(row["text"])) for at, row in enumerate(rows, start=2)),
    )
    monkeypatch.chdir(tmp_path)
    run = search("tickets.csv", fixes=path, **{**SMALL, "families": "logreg", "n_trials": 1})
    assert run.folder.name == "tickets-fixed"
    assert data.read_bytes() == before
    assert run.result.fixes.sentence.startswith("3 labels changed: 0.")
    assert "on the 296 rows that did not change (" in run.result.fixes.sentence
    assert "labels_fixed" in {each.code for each in run.result.dataset.findings}
    exported = command("export", run.folder, "-o", tmp_path / "m.pkl")
    assert exported.code == 0, exported.err
