"""A comparison is the same thing seen from either family."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.results import Comparison

SHARES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)


@st.composite
def comparisons(draw):
    difference, half = draw(st.floats(-1, 1)), draw(st.floats(0, 0.5))
    low, high = draw(SHARES)
    return Comparison(
        a="logreg",
        b="lstm",
        difference=difference,
        interval=(difference - half, difference + half),
        p_better=low,
        p_equivalent=high - low,
        p_worse=1 - high,
        verdict=draw(st.sampled_from(["better", "worse", "equivalent", "undecided"])),
    )


@given(comparisons())
def test_seen_from_the_other_side_and_back_it_is_what_it_was(pair):
    assert pair.seen_from("lstm").seen_from("logreg") == pair
    assert pair.seen_from("logreg") is pair


@given(comparisons())
def test_from_the_other_side_gain_is_loss(pair):
    other = pair.seen_from("lstm")
    assert (other.a, other.b) == (pair.b, pair.a)
    assert other.difference == -pair.difference
    assert other.interval == (-pair.interval[1], -pair.interval[0])
    assert (other.p_better, other.p_worse) == (pair.p_worse, pair.p_better)
    assert other.p_equivalent == pair.p_equivalent


@pytest.mark.parametrize(
    ("here", "there"),
    [("better", "worse"), ("worse", "better"), ("equivalent", "equivalent"), ("undecided", "undecided")],
)
def test_better_here_is_worse_there_and_what_is_level_stays_level(here, there):
    pair = Comparison(
        a="a", b="b", difference=0.1, interval=(0.0, 0.2), p_better=0.9, p_equivalent=0.05, p_worse=0.05,
        verdict=here,
    )  # fmt: skip
    assert pair.seen_from("b").verdict == there
