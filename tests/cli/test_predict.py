"""What predict says when it is done: how many rows of each kind, as one says it, and what can be done."""

import pytest

from automl_text.bundle.predict import PredictSummary
from automl_text.cli.predict import _report
from automl_text.results import ThresholdRow, finding

EXPECTED = ThresholdRow(
    threshold=0.5,
    coverage=0.8,
    coverage_interval=(0.7, 0.9),
    error=0.05,
    error_interval=(0.01, 0.1),
    n_decided=80,
)


def said(capsys, output="out.csv", least=0.0, **changes):
    counts = {"n_rows": 4, "n_left": 0, "n_doubtful": 0, "n_empty": 0, "n_guarded": 0, **changes}
    _report(PredictSummary(**counts), output, least)
    shown = capsys.readouterr()
    assert shown.out == ""
    return [line.removeprefix("automl-text: ") for line in shown.err.splitlines()]


def test_where_nothing_stands_out_one_line_says_where_the_rows_are(capsys):
    assert said(capsys) == ["4 rows read and predicted, written to out.csv."]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"n_left": 1}, "1 row (25%) is below 0.5 and left for a human."),
        ({"n_left": 2}, "2 rows (50%) are below 0.5 and left for a human."),
        (
            {"n_left": 2, "n_unlike": 1},
            "2 rows (50%) are below 0.5, or unlike the training texts, and left for a human.",
        ),
    ],
)
def test_rows_that_are_left_are_said_with_the_reason(capsys, changes, line):
    assert said(capsys, least=0.5, **changes)[1] == line


def test_what_was_expected_of_the_threshold_stands_behind_what_came_of_it(capsys):
    lines = said(capsys, least=0.5, n_left=1, expected=EXPECTED)
    assert lines[2] == "At 0.5 the search saw 20% left for a human and an error of 5.0% in the others."


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"n_empty": 1}, "1 row has no text; its prediction rests on"),
        ({"n_empty": 3}, "3 rows have no text; their prediction rests on"),
        (
            {"n_doubtful": 1},
            "1 row is below a confidence of 0.5 and more likely wrong than right: --min-confidence 0.5",
        ),
        ({"n_unlike": 2}, "2 rows are unlike the training texts, of which 1 in 20 would be marked so"),
        ({"n_guarded": 1}, "1 cell begins like a formula and got a leading '. --raw leaves it out."),
        ({"n_guarded": 1200}, "1,200 cells begin like a formula"),
    ],
)
def test_each_kind_of_row_is_counted_in_a_line_of_its_own(capsys, changes, begins):
    second = said(capsys, **changes)[1]
    assert second.startswith(begins)


def test_what_the_reader_noticed_comes_first_as_a_warning(capsys):
    found = finding("no_number", "warning", "2 cells count as missing", "Write numbers", [7, 3])
    first, *_ = said(capsys, findings=(found,))
    assert first == "warning: 2 cells count as missing (lines 3 and 7). Write numbers."


def test_standard_output_is_said_to_be_exact(capsys):
    assert "standard output exactly" in said(capsys, output="-")[0]
