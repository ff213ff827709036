"""Texts beside a run: joined as a search joins them, found again by their digests, told from those that are new."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.errors import InputError, RunError
from automl_text.loop.out_of_fold import read_out_of_fold, text_digests
from automl_text.loop.rows import NewTexts, joined_texts, texts_of_rows, write_rows
from automl_text.results.result import read_result
from automl_text.tables.memory import table_of

FEW = st.lists(st.sampled_from(["", " ", "a", "A", "a ", "b", "b c", "B  C", "d"]), min_size=1, max_size=12)


OLD = SimpleNamespace(features=())  # a model that reads texts alone


def rows_of(texts):
    return SimpleNamespace(digests=text_digests(texts))


def folded(text):
    return " ".join(text.casefold().split())


@given(FEW, FEW)
def test_new_is_what_is_not_empty_not_in_the_run_and_has_not_stood_before(given_texts, of_run):
    found = NewTexts.of(table_of({"text": given_texts}, name="pool"), ("text",), rows_of(of_run), OLD)
    known = {folded(text) for text in of_run}
    expected, seen = [], set(known)
    for row, text in enumerate(given_texts):
        if folded(text) and folded(text) not in seen:
            seen.add(folded(text))
            expected.append(row)
    assert found.new == expected
    assert found.n_known == sum(folded(text) in known for text in given_texts)


def test_several_columns_are_joined_by_a_line_end():
    table = table_of({"subject": ["late", "x"], "body": ["parcel", "y"]}, name="pool")
    assert joined_texts(table, ("subject", "body")) == ["late\nparcel", "x\ny"]


def test_a_column_that_is_not_there_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match=r"pool: there is no column 'txet'. Did you mean 'text'\?"):
        joined_texts(table_of({"text": ["a"], "id": ["1"]}, name="pool"), ("txet",))


def test_the_only_column_needs_no_name_but_one_of_two_does():
    bare = NewTexts.of(table_of({"whatever": ["a"]}, name="pool"), ("text",), rows_of([]), OLD)
    assert (bare.columns, bare.texts) == (("whatever",), ["a"])
    with pytest.raises(InputError, match=r"there is no column 'text'\. It has whatever and more"):
        NewTexts.of(table_of({"whatever": ["a"], "more": ["b"]}, name="pool"), ("text",), rows_of([]), OLD)


def test_the_texts_of_a_run_are_found_again_wherever_their_rows_went(finished, tmp_path):
    result, rows = read_result(finished), read_out_of_fold(finished)
    here = texts_of_rows(result, rows)
    assert np.array_equal(text_digests(here), rows.digests)
    lines = (finished.parent / "tickets.csv").read_text("utf-8").splitlines()
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join([lines[0], *reversed(lines[2:])]) + "\n", encoding="utf-8")
    there = texts_of_rows(result, rows, turned)
    assert there[0] == ""  # the row that was taken out
    assert there[1:] == here[1:]


def test_a_run_whose_data_are_out_of_reach_says_how_to_name_them(finished, tmp_path):
    with pytest.raises(InputError, match=r"not in reach of this folder\. Name it with --data FILE"):
        texts_of_rows(read_result(finished), read_out_of_fold(finished), tmp_path / "gone.csv")


@pytest.mark.parametrize(("raw", "cell", "n_guarded"), [(False, "'=1+1", 1), (True, "=1+1", 0)])
def test_cells_that_a_spreadsheet_would_run_are_guarded_unless_asked_not_to(tmp_path, raw, cell, n_guarded):
    assert write_rows(tmp_path / "rows.csv", ("a", "n"), [("=1+1", 3)], raw=raw) == n_guarded
    assert (tmp_path / "rows.csv").read_text() == f"a,n\n{cell},3\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(RunError, match=r"rows.csv cannot be written: No such file"):
        write_rows(tmp_path / "no such folder" / "rows.csv", ("a",), [("b",)])
