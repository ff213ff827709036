"""Columns beside the text: numbers are read as they were written, categories are values that repeat."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_text.data.beside import (
    _numbers,
    feature_columns,
    frame_of,
    no_numbers,
    possible_features,
    reads_frame,
)
from automl_text.errors import InputError
from automl_text.results import FeatureColumn, text_name_of
from automl_text.tables.memory import table_of

VALUES = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=2, max_size=12)


def taken(cells):
    return feature_columns(table_of({"x": cells}, name="data.csv"), ["x"])[0]


@settings(max_examples=20, deadline=None)
@given(VALUES, st.sampled_from([".", ","]))
def test_numbers_come_back_as_they_were_written_with_either_sign_and_thousands_parted(values, decimal):
    other = "," if decimal == "." else "."
    plain = [f"{value:.2f}".replace(".", decimal) for value in values]
    parted = [f"{value:,.2f}".replace(",", "T").replace(".", decimal).replace("T", other) for value in values]
    np.testing.assert_allclose(_numbers(plain, decimal), values)
    np.testing.assert_allclose(_numbers(parted, decimal), values)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["7", "0.5", "true", "FALSE", "", "nan", "N/A", "web", "1e999"]), min_size=1))
def test_what_is_no_number_is_missing_and_counted_where_it_is_not_empty(cells):
    columns = [FeatureColumn(name="x", kind="number", n_values=2, n_missing=0)]
    frame = frame_of(["t"] * len(cells), {"x": cells}, columns, "text")
    expected = {"7": 7.0, "0.5": 0.5, "true": 1.0, "FALSE": 0.0}
    assert frame["x"].tolist() == pytest.approx([expected.get(cell, np.nan) for cell in cells], nan_ok=True)
    n_lost = sum(cell in {"web", "1e999"} for cell in cells)
    assert no_numbers(frame, {"x": cells}) == ({"x": n_lost} if n_lost else {})


@pytest.mark.parametrize(
    ("cells", "kind", "n_values", "n_missing"),
    [
        (["1", "2", "2", ""], "number", 2, 1),
        (["1.500,00", "2,5"] * 3, "number", 2, 0),
        (["true", "false"] * 3, "number", 2, 0),
        (["web", "mail", " web "] * 4, "category", 2, 0),
        (["web", "", "mail", ""] * 4, "category", 2, 8),
        (["A1", "A2"] * 5, "category", 2, 0),
    ],
)
def test_a_column_is_taken_by_what_stands_in_it(cells, kind, n_values, n_missing):
    found = taken(cells)
    assert (found.kind, found.n_values, found.n_missing) == (kind, n_values, n_missing)


def test_how_a_column_is_taken_is_said_in_words():
    assert taken(["1", "2", ""]).taken_as == "x: number, 1 missing"
    assert taken(["web", "mail"] * 4).taken_as == "x: 2 values"


def test_values_that_do_not_repeat_are_refused_with_their_number():
    cells = [f"order {i} of a customer" for i in range(30)]
    with pytest.raises(
        InputError, match=r"--features \'x\': it holds neither .*\(30 different values in 30 rows\)"
    ):
        taken(cells)


def test_only_the_rows_asked_for_are_looked_at():
    table = table_of({"x": ["1", "2", "three words here", "4"]}, name="data.csv")
    assert feature_columns(table, ["x"], [0, 1, 3])[0].kind == "number"


def test_what_could_be_added_varies_and_has_a_name():
    columns = {"amount": ["1", "2"] * 4, "always": ["x"] * 8, "Unnamed: 3": ["a", "b"] * 4}
    table = table_of({**columns, "id": [f"n{i} is long and alone" for i in range(8)]}, name="data.csv")
    assert possible_features(table, list(table.columns)) == ("amount",)


@pytest.mark.parametrize(
    ("texts", "beside", "name"),
    [
        (["body"], ["x"], "body"),
        (["subject", "body"], ["x"], "text"),
        (["a", "b"], ["text"], "text (joined)"),
    ],
)
def test_the_column_of_texts_has_a_name_that_no_other_has(texts, beside, name):
    columns = [FeatureColumn(name=each, kind="number", n_values=1, n_missing=0) for each in beside]
    assert text_name_of(texts, columns) == name


def test_a_model_reads_a_frame_if_it_was_fitted_on_one():
    from sklearn.preprocessing import OneHotEncoder  # noqa: PLC0415

    encoder = OneHotEncoder()
    assert not reads_frame(encoder)
    columns = [FeatureColumn(name="x", kind="category", n_values=2, n_missing=0)]
    assert reads_frame(encoder.fit(frame_of(["t", "u"], {"x": ["a", "b"]}, columns, "text")))
