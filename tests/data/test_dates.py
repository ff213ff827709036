"""Dates are read by what the cells show; what they do not show is refused, with the line."""

import datetime as dt

import pytest

from automl_text.data.dates import take_times
from automl_text.errors import InputError
from automl_text.tables.memory import table_of

UTC = dt.UTC


def read(*cells):
    rows = {"text": list("abcdefghij"[: len(cells)]), "at": list(cells)}
    table, times = take_times(table_of(rows, name="rows"), "at")
    return table, times, list(times.of_line.values())


def at(*parts):
    return dt.datetime(*parts, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-03-05", at(2024, 3, 5)),
        ("2024/3/5 9:07", at(2024, 3, 5, 9, 7)),
        ("2024-03-05T14:05:06.5Z", at(2024, 3, 5, 14, 5, 6, 500_000)),
        ("2024-03-05 14:05:06+02:00", at(2024, 3, 5, 12, 5, 6)),
        ("2024-03-05 14:05:06 UTC", at(2024, 3, 5, 14, 5, 6)),
        ("20240305T140506Z", at(2024, 3, 5, 14, 5, 6)),
        ("20240305", at(2024, 3, 5)),
        ("2024-03", at(2024, 3, 1)),
        ("2024-Q2", at(2024, 4, 1)),
        ("2019", at(2019, 1, 1)),
        ("05.03.2024 14:05", at(2024, 3, 5, 14, 5)),
        ("25/03/2024", at(2024, 3, 25)),
        ("03/25/24 1:05 PM", at(2024, 3, 25, 13, 5)),
        ("03/25/2024 12:30 am", at(2024, 3, 25, 0, 30)),
        ("5 March 2024", at(2024, 3, 5)),
        ("5. März 2024", at(2024, 3, 5)),
        ("31. Dez. 2024 14:05 Uhr", at(2024, 12, 31, 14, 5)),
        ("1er août 2024", at(2024, 8, 1)),
        ("9 juil. 2024", at(2024, 7, 9)),
        ("5 de enero de 2024", at(2024, 1, 5)),
        ("2024年3月5日", at(2024, 3, 5)),
        ("Mar 2024", at(2024, 3, 1)),
        ("2024-W10", at(2024, 3, 4)),
        ("Q2 2024", at(2024, 4, 1)),
        ("2024/03/05 3:04:05 PM GMT+1", at(2024, 3, 5, 14, 4, 5)),
        ("2024-03-05 14:05 UTC-5:30", at(2024, 3, 5, 19, 35)),
        ("Tue Mar 05 14:05:06 PDT 2024", at(2024, 3, 5, 21, 5, 6)),
        ("2024-03-05 14:05 EST", at(2024, 3, 5, 19, 5)),
        ("05-Mar-2024 14:05", at(2024, 3, 5, 14, 5)),
        ("Mar 5, 2024", at(2024, 3, 5)),
        ("Tue, 05 Mar 2024 14:05:06 +0000", at(2024, 3, 5, 14, 5, 6)),
        ("Tue Mar 05 14:05:06 +0000 2024", at(2024, 3, 5, 14, 5, 6)),
        ("1709647506", at(2024, 3, 5, 14, 5, 6)),
        ("1709647506000", at(2024, 3, 5, 14, 5, 6)),
        ("1709647506000000000", at(2024, 3, 5, 14, 5, 6)),
    ],
)
def test_a_date_is_read_as_its_writer_meant_it(cell, expected):
    assert read(cell, cell)[2] == pytest.approx([expected] * 2)


def test_one_day_above_twelve_tells_how_all_are_read():
    assert read("03/04/2024", "25/04/2024")[2] == [at(2024, 4, 3), at(2024, 4, 25)]
    assert read("03/04/2024", "04/25/2024")[2] == [at(2024, 3, 4), at(2024, 4, 25)]
    assert "'25/04/2024' in line 2 shows" in read("03/04/2024", "25/04/2024")[1].read_as


def test_rows_in_order_under_one_reading_alone_tell_it_too():
    _, times, values = read("01/02/2024", "05/02/2024", "02/03/2024")
    assert values == [at(2024, 2, 1), at(2024, 2, 5), at(2024, 3, 2)]
    assert "the rows stand in order" in times.read_as


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (("01/02/2024", "03/04/2024"), r"nothing tells day from month \('01/02/2024' in line 1"),
        (
            ("25/12/2024", "12/25/2024"),
            r"day and month change places \('25/12/2024' in line 1 and '12/25/2024' in line 2\)",
        ),
        (
            ("2024-03-05", "yesterday"),
            r"1 of 2 cells hold no date that can be read \('yesterday' in line 2\)",
        ),
        (
            ("24-03-30", "24-03-31", "24-04-01"),
            r"which number is the year cannot be told \('24-03-30' in line 1",
        ),
        (("", " "), "every cell is empty"),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_line(cells, fault):
    with pytest.raises(InputError, match=fault):
        read(*cells)


def test_a_few_rows_without_a_date_are_left_out_and_named():
    cells = ["2024-03-05"] * 9
    rows = {"text": [str(n) for n in range(20)], "at": [*cells, "", "2024-02-30", *cells]}
    table, times = take_times(table_of(rows, name="rows"), "at")
    assert table.n_rows == len(times.of_line) == 18
    (said,) = table.findings
    assert said.code == "no_time"
    assert (said.n_lines, said.lines) == (2, (10, 11))
    assert "at" not in table.columns


def test_numbers_that_are_no_dates_are_an_order():
    _, times, values = read("17", "3", "250")
    assert values == [17, 3, 250]
    assert times.words(250) == "250"


def test_a_column_that_is_not_there_is_named_with_the_nearest_one():
    with pytest.raises(InputError, match=r"Did you mean 'at'\?"):
        take_times(table_of({"text": ["a"], "at": ["2024"]}, name="rows"), "att")
