from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from automl_text.data.columns import choose_columns
from automl_text.errors import InputError
from automl_text.tables.reading import read_table

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ["where is my parcel now", "the courier never rang", "i was charged twice", "send the invoice again"]
LABELS = ["a", "a", "b", "b"]
NUMBERS = ["1.5", "2,5", "3", "4"]
WORDS = ["one two three", "four five six", "seven eight nine", "ten eleven twelve"]


def choose(tmp_path: Path, columns: dict[str, list[str]], **asked):
    path = tmp_path / "data.csv"
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    path.write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8")
    return choose_columns(read_table(path), **asked)


@pytest.mark.parametrize(
    ("columns", "text", "label"),
    [
        ({"text": TEXTS, "category": LABELS}, "text", "category"),
        ({"category": LABELS, "text": TEXTS}, "text", "category"),
        ({" Text ": TEXTS, "LABEL": LABELS}, " Text ", "LABEL"),
        ({"id": NUMBERS, "message": TEXTS, "intent": LABELS}, "message", "intent"),
        ({"body": TEXTS, "subject": WORDS, "class": LABELS}, "body", "class"),
        ({"title": TEXTS, "topic": LABELS}, "title", "topic"),
        ({"text": TEXTS, "label": NUMBERS, "label_text": LABELS}, "text", "label"),
        ({"what they wrote": TEXTS, "where it goes": LABELS}, "what they wrote", "where it goes"),
        ({"amount": NUMBERS, "note": TEXTS, "kind": LABELS}, "note", "kind"),
        ({"text": TEXTS, "answer": ["a", "b", "c", "d"]}, "text", "answer"),
        ({"Nachricht": TEXTS, "Kategorie": LABELS}, "Nachricht", "Kategorie"),
        ({"text": ["same"] * 4, "label": LABELS, "customer": WORDS}, "text", "label"),
        ({"type": ["Feature"] * 4, "a.text": TEXTS, "a.category": LABELS}, "a.text", "a.category"),
        ({"request": TEXTS, "team": LABELS, "is_test": ["0", "1", "0", "1"]}, "request", "team"),
        ({"request": TEXTS, "team": LABELS, "usage": ["Training", "PublicTest"] * 2}, "request", "team"),
        ({"body": TEXTS, "subject": ["a b", "c d", "a b", "e f"], "team": LABELS}, "body", "team"),
        (
            {"when": ["1/5/2024 3:04 PM GMT+1", "1/6/2024 3:04 PM GMT+1"] * 2, "ask": TEXTS, "team": LABELS},
            "ask",
            "team",
        ),
        ({"long": [t * 5 for t in TEXTS], "short": WORDS, "label": LABELS}, "long", "label"),
    ],
)
def test_columns_are_found_by_name_or_content(tmp_path, columns, text, label):
    chosen = choose(tmp_path, columns)
    assert (chosen.text, chosen.label, chosen.group) == ((text,), label, None)


def test_columns_asked_for_are_taken(tmp_path):
    columns = {"a": TEXTS, "b": WORDS, "c": LABELS, "d": NUMBERS}
    chosen = choose(tmp_path, columns, text=("b", "a"), label="d", group="c")
    assert (chosen.text, chosen.label, chosen.group) == (("b", "a"), "d", "c")


def test_group_column_is_never_taken_for_the_label(tmp_path):
    chosen = choose(tmp_path, {"text": TEXTS, "customer": LABELS, "kind": LABELS}, group="customer")
    assert chosen.label == "kind"


def test_reason_says_what_was_chosen_and_why(tmp_path):
    columns = {"note": TEXTS, "kind": LABELS, "amount": NUMBERS, "who": LABELS}
    assert choose(tmp_path, columns, group="who").reason == (
        "Text: note (the only other column with words); label: kind (2 short values that repeat); "
        "group: who (as asked for); not used: amount."
    )


@pytest.mark.parametrize(
    ("columns", "option"),
    [
        ({"text": TEXTS, "label": LABELS, "category": LABELS}, "--label 'label' or --label 'category'"),
        ({"text": TEXTS, "red": LABELS, "big": LABELS}, "--label 'red' or --label 'big'"),
        ({"message": TEXTS, "comment": WORDS, "label": LABELS}, "--text 'message' or --text 'comment'"),
        (
            {"title": WORDS, "plot": [t * 3 for t in TEXTS], "label": LABELS},
            "--text 'title' or --text 'plot'",
        ),
        ({"alpha": TEXTS, "beta": WORDS, "label": LABELS}, "--text 'alpha' or --text 'beta'"),
    ],
)
def test_two_plausible_columns_ask_for_a_name(tmp_path, columns, option):
    with pytest.raises(InputError, match=rf"could be the (text|label) column\. Choose with {option}"):
        choose(tmp_path, columns)


def test_column_cannot_serve_twice(tmp_path):
    with pytest.raises(InputError, match=r"--group 'label': already in use as --label"):
        choose(tmp_path, {"text": TEXTS, "label": LABELS}, label="label", group="label")


def test_first_row_without_header_is_not_taken_for_names(tmp_path):
    headless = {"i was charged": TEXTS, "b": LABELS}
    with pytest.raises(InputError, match=r"line 1: the first line looks like a row"):
        choose(tmp_path, headless)
    assert choose(tmp_path, headless, text=("i was charged",), label="b").label == "b"
    more = {"i was charged": TEXTS * 3, "b": LABELS * 3}
    assert choose(tmp_path, more).label == "2"
    assert list(read_table(tmp_path / "data.csv", expected=("b",)).columns) == ["i was charged", "b"]
