"""A column that says which rows train: every row goes to one side, validation with training."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_text.data.holdout import HoldoutRows, refuse_both, split_holdout
from automl_text.errors import InputError
from automl_text.results import ClassInfo
from automl_text.tables.memory import table_of

TRAIN, TEST = ["train", "Training", " valid ", "dev"], ["test", "EVAL", "held-out"]
SAID = st.lists(st.sampled_from(TRAIN + TEST), min_size=2, max_size=12)


def table(said, **more):
    n = len(said)
    columns = {"text": [f"t{i}" for i in range(n)], "label": ["a", "b"] * n, "part": said}
    return table_of({name: cells[:n] for name, cells in {**columns, **more}.items()}, name="data.csv")


@settings(max_examples=20, deadline=None)
@given(SAID)
def test_every_row_stands_on_the_side_that_its_cell_names_with_its_line(said):
    of_test = [cell in TEST for cell in said]
    if all(of_test) or not any(of_test):
        with pytest.raises(InputError, match=r"nothing (but test rows|is a test row)"):
            split_holdout(table(said), "part")
        return
    whole = table(said)
    searched, kept = split_holdout(whole, "part")
    for side, is_here in ((searched, [not each for each in of_test]), (kept.table, of_test)):
        here = [i for i, each in enumerate(is_here) if each]
        assert side.columns["text"] == [f"t{i}" for i in here]
        assert side.lines.tolist() == whole.lines[here].tolist()
        assert list(side.columns) == ["text", "label"]


def test_what_was_kept_apart_is_said_with_the_validation_rows():
    searched, _ = split_holdout(table(["train", "dev", "val", "test"]), "part")
    assert [each.code for each in searched.findings] == ["kept_apart"]
    assert "keeps 1 row apart" in searched.findings[0].message
    assert "the 2 validation rows too" in searched.findings[0].message


def test_another_word_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"data\.csv, line \d: --split 'part': 'maybe' says neither train"):
        split_holdout(table(["train", "maybe", "test"]), "part")


def test_a_column_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"--split 'parts': there is no such column\. Did you mean 'part'\?"):
        split_holdout(table(["train", "test"]), "parts")


def test_two_ways_at_once_are_refused_and_one_is_not(tmp_path):
    refuse_both(None, tmp_path)
    refuse_both("part", None)
    with pytest.raises(InputError, match="give one of them"):
        refuse_both("part", tmp_path)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"text": ["x"], "lable": ["a"]},
            r"no column 'label', which the search uses\. Did you mean 'lable'\?",
        ),
        ({"text": ["x"], "label": ["A"]}, "no row that is kept apart has a label in 'label' that occurs"),
    ],
)
def test_rows_that_cannot_judge_the_model_are_refused_before_any_fit(columns, said, info):
    rows = HoldoutRows(table=table_of(columns, name="test.csv"), by="the file test.csv")
    with pytest.raises(InputError, match=said):
        rows.check(info)


def test_one_label_that_is_known_is_enough(info):
    columns = {"text": ["x", "y"], "label": ["a", "new"]}
    HoldoutRows(table=table_of(columns, name="test.csv"), by="the file").check(info)


@pytest.fixture
def info():
    from sample_result import two_categories  # noqa: PLC0415

    classes = tuple(ClassInfo(label=each, n_rows=9, n_groups=9, is_measurable=True) for each in "ab")
    changes = {"text_columns": ("text",), "label_column": "label", "classes": classes}
    return two_categories().dataset.model_copy(update=changes)
