from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.dataset import Dataset
from automl_text.data.duplicates import group_rows
from automl_text.data.health import examine
from automl_text.results import finding

if TYPE_CHECKING:
    import pytest

WORDS = [
    "apple",
    "river",
    "stone",
    "cloud",
    "table",
    "window",
    "garden",
    "letter",
    "butter",
    "candle",
    "hammer",
]


def found(texts: list[str], labels: list[str], user_groups: list[str] | None = None, **limits: int) -> dict:
    grouping = group_rows(texts, n_folds=5, user_groups=user_groups, **limits)
    classes, codes = np.unique(labels, return_inverse=True)
    dataset = Dataset(
        texts=tuple(texts),
        codes=codes.astype(np.int64),
        classes=tuple(classes.tolist()),
        groups=grouping.groups,
        lines=np.arange(2, len(texts) + 2),
        sha256="",
    )
    return {one.code: one for one in examine(dataset, grouping, user_groups)}


def sentences(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    return [" ".join("".join(rng.choice(letters, 5)) for _ in range(5)) for _ in range(n)]


def test_sound_data_have_no_finding():
    labels = [WORDS[n % 7] for n in range(140)]
    assert found(sentences(140), labels) == {}


def test_unequal_categories_are_noted():
    one = found(sentences(126), ["large"] * 120 + ["small"] * 6)["imbalance"]
    assert (one.severity, one.lines) == ("note", ())
    assert "'large' has 120 rows, the smallest 'small' has 6" in one.message


def test_more_categories_than_rows_carry_are_reported():
    assert (
        "60 categories share 120 rows"
        in found(sentences(120), [f"c{n // 2}" for n in range(120)])["many_classes"].message
    )


def test_many_numeric_labels_hint_at_a_quantity():
    codes = found(sentences(120), [str(n % 30) for n in range(120)])
    assert "All 30 labels are numbers" in codes["numeric_labels"].message
    assert "numeric_labels" not in found(sentences(120), [str(n % 5) for n in range(120)])


def test_many_duplicates_are_a_warning_and_few_a_note():
    labels = [WORDS[n % 7] for n in range(140)]
    half = sentences(70)
    assert found(half + half, labels)["duplicates"].severity == "warning"
    assert (
        found([*sentences(138), "same old words", "same old words"], labels)["duplicates"].severity == "note"
    )


def test_negative_numbers_are_no_formulas():
    assert "spreadsheet_label" not in found(sentences(120), ["-1", "+1", "0"] * 40)


def test_labels_are_formulas_where_csv_files_guard_them():
    labels = ["-inf", "\u200b=1+1", "0"] * 40
    assert "'-inf' and '\\u200b=1+1'" in found(sentences(120), labels)["spreadsheet_label"].message


def test_text_in_one_language_is_not_mixed():
    codes = found(
        ["\u043f\u0440\u0438\u0432\u0435\u0442 " + text for text in sentences(120)], ["a", "b"] * 60
    )
    assert "mixed_scripts" not in codes


def test_shuffled_rows_are_not_called_sorted():
    assert "sorted_by_label" not in found(sentences(120), ["a", "b"] * 60)
    assert "sorted_by_label" in found(sentences(120), ["a"] * 60 + ["b"] * 60)


def test_texts_too_many_to_compare_are_reported(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("automl_text.data.duplicates.MOST_EXACT", 100)
    rows = [*sentences(120), "twice the same", "twice the same"], ["a", "b"] * 61
    codes = found(*rows)
    assert codes["duplicates"].n_lines == 2
    assert "near_duplicates_sampled" in codes
    codes = found(*rows, most_searched=110)
    assert codes["duplicates"].n_lines == 2
    assert "near_duplicates_not_searched" in codes


def test_finding_names_twenty_lines_and_counts_all():
    one = finding("code", "note", "message", "remedy", range(100, 0, -1))
    assert one.lines == tuple(range(1, 21))
    assert one.n_lines == 100


def test_finding_escapes_what_a_terminal_would_run():
    one = finding("code", "note", "red \x1b[31m \u202e", "remedy\n")
    assert one.message == "red \\x1b[31m \\u202e"
    assert one.remedy == "remedy\\n"
