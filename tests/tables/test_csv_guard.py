"""Cells that a spreadsheet would run, and the way back."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.tables.csv_guard import GuardedWriter, _guard, is_risky, unguard, write_csv

FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
cells = st.text(st.characters(exclude_categories=("Cs",))) | st.from_regex(
    rf"[\s']*[=+\-@{FULL_WIDTH}0-9.e']{{0,5}}.*"
)


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "＝1+1",  # noqa: RUF001
        "＋1",  # noqa: RUF001
        "－1",  # noqa: RUF001
        "＠x",  # noqa: RUF001
        "  =1+1",
        "\u00a0=1+1",
        "\ufeff=1+1",
        "\t12",
        "\r=1",
        "\nhello",
        "'quoted",
        "-",
        "- a list item",
        "-1.5 apples",
        "+49 170 555",
    ],
)
def test_cells_a_spreadsheet_would_run_get_one_apostrophe(cell: str):
    assert _guard(cell).startswith("'" + cell[:1])
    assert unguard(_guard(cell)) == cell


@pytest.mark.parametrize(
    "cell", ["", " ", "refund", "a=b", "-1", "+1.5", "-1e-5", " -3 ", "-.5", "1", "é", "«x»", "/x"]
)
def test_text_and_numbers_stay_as_they_are(cell: str):
    assert _guard(cell) == cell


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("lab;=1+1", "lab;'=1+1"),
        ("lab\t@SUM(A1)", "lab\t'@SUM(A1)"),
        ("a, -cmd|' /C calc'!A0", "a,' -cmd|'' /C calc'!A0"),
        ('x;"=1+1', "x;'\"=1+1"),
        ("two\n=1+1", "two\n'=1+1"),
        ("groceries\n- milk\n- eggs", "groceries\n- milk\n- eggs"),
        ("fine; - he said", "fine; - he said"),
        ("=a;'b", "'=a;''b"),
        ("sum =1+1", "sum '=1+1"),
        ("a = b @name", "a = b @name"),
    ],
)
def test_what_another_separator_would_make_a_cell_is_guarded_too(cell: str, guarded: str):
    assert _guard(cell) == guarded
    assert unguard(guarded) == cell


@given(st.lists(cells, min_size=1, max_size=3), st.sampled_from(",;\t|"))
def test_whichever_separator_splits_the_file_no_cell_runs(row: list[str], separator: str):
    stream = io.StringIO(newline="")
    GuardedWriter(stream).write(row)
    for line in re.split(r"[\r\n]+", stream.getvalue()):
        for cell in csv.reader([line], delimiter=separator):
            assert not any(each.lstrip(' "\u00a0').startswith(("=", "@")) for each in cell)


@given(cells)
def test_taking_one_apostrophe_off_is_the_exact_inverse(cell: str):
    assert unguard(_guard(cell)) == cell


@given(cells)
def test_no_guarded_cell_starts_a_formula(cell: str):
    guarded = _guard(cell)
    if not re.fullmatch(r"\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*", guarded):
        assert guarded.lstrip()[:1] not in {*"=+-@", *FULL_WIDTH}


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read_back_cell_by_cell(rows: list[list[str]]):
    stream = io.StringIO(newline="")
    n_guarded = write_csv(stream, ["=a", "b"], rows)
    back = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert [[unguard(cell) for cell in row] for row in back] == [["=a", "b"], *rows]
    assert n_guarded == 1 + sum(is_risky(cell) for row in rows for cell in row)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=5))
def test_raw_writes_every_cell_exactly(rows: list[list[str]]):
    stream = io.StringIO(newline="")
    assert write_csv(stream, ["=a", "b"], rows, raw=True) == 0
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == [["=a", "b"], *rows]


def test_numbers_and_none_are_written_plainly(tmp_path: Path):
    write_csv(tmp_path / "t.csv", ["a", "b", "c"], [[-1, -0.5, None]])
    assert (tmp_path / "t.csv").read_bytes() == b"a,b,c\n-1,-0.5,\n"


def test_another_separator_is_used_throughout():
    stream = io.StringIO()
    GuardedWriter(stream, separator="\t").write(["a,b", "c\td"])
    assert stream.getvalue() == 'a,b\t"c\td"\n'
