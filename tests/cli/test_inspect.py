"""What inspect says of a file: what was read and how, what stands in the way, whether there is anything to learn."""

import pytest

from automl_text.cli.inspect import _show_data, _show_finding, _show_signal
from automl_text.results import Signal, TimeOrder, finding
from sample_result import two_categories

ORDER = TimeOrder(
    column="day", first="2024-01-01", last="2024-12-31", starts=("2024-07-01",), n_judged=(100,)
)


def lines(capsys):
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_the_file_is_described_and_its_categories_listed_the_largest_first(capsys):
    info = two_categories().dataset
    _show_data(info)
    said = lines(capsys)
    assert said[0] == f"spam.csv: {info.n_rows} rows in 2 categories, utf-8"
    assert said[1] == info.column_choice
    assert "Words per text: 1 to 120, median 17, half of them 9 to 31" in said
    rows = [f"{each.label} {each.n_rows} {each.n_groups}" for each in info.classes]
    assert [line for line in said if line in rows] == rows  # ham is larger, and its name comes first too


def test_how_rows_in_time_order_will_be_judged_is_said(capsys):
    _show_data(two_categories().dataset.model_copy(update={"time": ORDER}))
    assert ORDER.sentences in lines(capsys)
    assert "The 100 rows from 2024-07-01 on are judged, in 1 blocks" in ORDER.sentences


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (finding("x", "note", "All is said", "Nothing to do"), "note [x] All is said"),
        (finding("x", "warning", "One", "Mend it", [7]), "warning [x] One (1 line: 7)"),
        (
            finding("x", "error", "Many", "Mend", range(1, 31)),
            "error [x] Many (30 lines: 1, 2, 3, 4, 5 and 25 more)",
        ),
    ],
)
def test_a_finding_names_its_lines_and_the_remedy_stands_below(capsys, found, said):
    _show_finding(found)
    assert lines(capsys) == [said, found.remedy]


@pytest.mark.parametrize(
    ("has_signal", "answer"), [(True, "There is something"), (False, "Nothing can be learned")]
)
def test_whether_there_is_anything_to_learn_is_said_with_what_shuffled_labels_reach(
    capsys, has_signal, answer
):
    figures = {
        "macro_f1": 0.61,
        "shuffled_mean": 0.04,
        "shuffled_high": 0.06,
        "p_value": 0.01,
        "n_permutations": 99,
    }
    _show_signal(Signal(has_signal=has_signal, **figures))
    (said,) = lines(capsys)
    assert said.startswith(answer)
    assert (
        "reaches macro-F1 0.610, and 0.040 on average with the labels shuffled (99 times, p = 0.010)" in said
    )
