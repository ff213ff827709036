"""The end of a search: intervals stand where they belong, and a narrow terminal loses bars alone."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from automl_text.cli.summary import _interval_bar, summary
from sample_result import SAMPLES, all_failed, eighteen_categories, no_signal

WIDTH = 15


def shown(result, width=100):
    screen = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    screen.print(summary(result, Path("reports/tickets")))
    return screen.file.getvalue()


@given(st.floats(-0.3, 0.3), st.floats(0, 0.3), st.floats(0, 0.3))
def test_a_bar_has_its_width_and_its_middle_between_its_ends(middle, below, above):
    bar = _interval_bar((middle - below, middle + above), middle, scale=(-0.4, 0.4))
    assert len(bar) == WIDTH
    assert bar.count("●") == 1
    assert bar.strip("│ ")[0] in "├●"
    assert bar.strip("│ ")[-1] in "┤●"


def test_a_bar_lies_on_the_scale_as_worked_out_by_hand():
    assert _interval_bar((-0.2, 0.2), 0.0, scale=(-0.7, 0.7)) == "     ├─●─┤     "
    assert _interval_bar((0.3, 0.5), 0.4, scale=(-0.7, 0.7)) == "       │  ├●┤  "


def test_what_lies_below_the_scale_is_an_arrow():
    assert _interval_bar((-0.9, -0.7), -0.8, scale=(-0.4, 0.1)) == "◂"


def test_every_family_has_a_line_and_the_recommended_one_says_so():
    result = eighteen_categories()
    said = shown(result)
    for row in result.leaderboard:
        assert row.family in said
    line = next(line for line in said.splitlines() if line.split()[1:2] == ["logreg"])
    assert "recommended" in line


def test_a_narrow_terminal_loses_the_bars_and_no_word():
    wide, narrow = shown(eighteen_categories()), shown(eighteen_categories(), width=70)
    assert "●" in wide
    assert "●" not in narrow
    assert "cannot be told apart" in wide
    assert max(map(len, narrow.splitlines())) <= 70


@pytest.mark.parametrize("result", [no_signal(), all_failed()], ids=["no_signal", "all_failed"])
def test_where_nothing_is_recommended_no_model_is_promised(result):
    said = shown(result)
    assert "Use " not in said
    assert "no model was written" in said


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_of_the_data_moves_the_cursor(name):
    assert "\x1b" not in shown(SAMPLES[name]())
