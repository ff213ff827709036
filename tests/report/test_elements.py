import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.report.elements import Axis, axis_over
from automl_text.wording import mid_sentence

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(SCORES)
def test_an_axis_holds_its_values_with_few_ticks(values):
    axis = axis_over(values)
    assert axis.low <= min(values) + 1e-9
    assert axis.high >= max(values) - 1e-9
    assert 2 <= len(axis.ticks) <= 6


@given(SCORES)
def test_no_two_ticks_of_an_axis_read_the_same(values):
    labels = [text for _, text in axis_over(values).ticks]
    assert len(set(labels)) == len(labels)


def test_positions_run_from_end_to_end_and_never_beyond():
    axis = Axis(low=0.2, high=0.6, step=0.1, digits=1)
    assert [axis.position(value) for value in (0.1, 0.2, 0.3, 0.6, 0.9)] == [
        "0.00%",
        "0.00%",
        "25.00%",
        "100.00%",
        "100.00%",
    ]


def test_a_mark_without_interval_is_a_point():
    axis = axis_over([0.0, 1.0])
    assert axis.mark(0.5, None, "x").low is None
    assert axis.mark(0.5, (0.4, 0.6), "x").low == pytest.approx("40.00%")


def test_a_value_beyond_the_axis_is_told_from_one_at_its_end():
    axis = Axis(low=0.2, high=0.6, step=0.1, digits=1)
    assert [axis.mark(value, None, "").beyond for value in (0.19, 0.2, 0.6, 0.61)] == [
        "below",
        "",
        "",
        "above",
    ]


def test_an_axis_of_nothing_still_stands():
    assert axis_over([]).ticks[0][1] == "0.0"


def test_an_axis_of_differences_holds_zero_without_a_sign():
    assert "0.0" in [text for _, text in axis_over([-0.3, 0.0, 0.4], within=(-1, 1)).ticks]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Logistic regression", "logistic regression"),
        ("LightGBM", "LightGBM"),
        ("LSTM", "the LSTM"),
        ("Sentence encoder", "the sentence encoder"),
        ("TF-IDF + logistic regression", "TF-IDF + logistic regression"),
    ],
)
def test_a_title_reads_well_inside_a_sentence(title, words):
    assert mid_sentence(title) == words
