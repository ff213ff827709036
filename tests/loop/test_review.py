"""The review lists what is in doubt, worst first, and holds what a person needs to put it right."""

import csv

import pytest

from automl_text.errors import InputError
from automl_text.loop.review import COLUMNS, review_rows
from automl_text.loop.rows import write_rows


def test_a_doubt_names_the_row_as_the_data_file_has_it(finished):
    with (finished.parent / "tickets.csv").open(encoding="utf-8", newline="") as stream:
        rows = dict(enumerate(csv.DictReader(stream), start=2))
    found = review_rows(finished)
    assert found
    assert all(rows[each.line]["category"] == each.label != each.suggestion for each in found)
    assert all(rows[each.line]["text"] == each.text for each in found)


def test_what_is_in_doubt_does_not_depend_on_where_the_data_lie(finished, tmp_path):
    moved = tmp_path / "moved.csv"
    moved.write_bytes((finished.parent / "tickets.csv").read_bytes())
    assert review_rows(finished, moved) == review_rows(finished)


def test_at_most_so_many_are_the_worst(finished):
    everything = review_rows(finished)
    assert review_rows(finished, most=2) == everything[:2]


def test_another_file_is_refused(finished, tmp_path):
    (tmp_path / "other.csv").write_text("text,category\nnothing of it,a\nnor this,b\n")
    with pytest.raises(InputError, match="holds no row of the run"):
        review_rows(finished, tmp_path / "other.csv")


def test_the_review_has_an_empty_column_to_fill_in_and_no_formula(finished, tmp_path):
    doubts = review_rows(finished)
    write_rows(tmp_path / "review.csv", COLUMNS, [*(each.cells for each in doubts), ("=1", *[""] * 7)])
    with (tmp_path / "review.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["corrected"] for row in rows} == {""}
    assert (len(rows), rows[-1]["line"]) == (len(doubts) + 1, "'=1")


def test_a_run_that_shows_no_texts_lists_lines_alone_unless_the_data_are_named(run_dir, finished):
    path = run_dir / "result.json"
    path.write_text(
        path.read_text("utf-8").replace('"show_text": true', '"show_text": false'), encoding="utf-8"
    )
    found = review_rows(run_dir)
    assert {each.text for each in found} == {""}
    named = review_rows(run_dir, finished.parent / "tickets.csv")
    assert [each.line for each in named] == [each.line for each in found]
    assert all(each.text for each in named)
