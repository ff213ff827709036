"""What all records share: they cannot be changed or misspelt, and an interval has its ends in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from automl_text.results import Figures, Finding, Interval, finding

LINES = st.lists(st.integers(1, 10**6), max_size=60, unique=True)


@given(st.floats(0, 1), st.floats(0, 1))
def test_an_interval_is_taken_only_with_its_lower_end_first(a, b):
    ends = TypeAdapter(Interval)
    assert ends.validate_python((min(a, b), max(a, b))) == (min(a, b), max(a, b))
    if a > b:
        with pytest.raises(ValidationError, match="its lower end lies above its upper one"):
            ends.validate_python((a, b))


def test_a_misspelt_field_is_an_error_and_no_field_can_be_changed():
    with pytest.raises(ValidationError, match="macro_fl"):
        Figures(macro_fl=0.5)
    with pytest.raises(ValidationError, match="frozen"):
        Figures(macro_f1=0.5).macro_f1 = 0.9


@pytest.mark.parametrize(
    ("measured", "corrected", "promised"), [(0.6, 0.65, 0.65), (0.6, None, 0.6), (None, None, None)]
)
def test_what_is_promised_is_the_corrected_figure_where_there_is_one(measured, corrected, promised):
    assert Figures(macro_f1=measured, expected_macro_f1=corrected).promised_macro_f1 == promised


@given(LINES)
def test_a_finding_names_the_first_twenty_lines_and_counts_all(lines):
    found = finding("code", "note", "message", "remedy", lines)
    assert list(found.lines) == sorted(lines)[:20]
    assert found.n_lines == len(lines)


def test_a_finding_shows_what_is_invisible():
    found = finding("code", "warning", "file \u202egnp.csv", "look\x1b[2J")
    assert found == Finding(
        code="code", severity="warning", message="file \\u202egnp.csv", remedy="look\\x1b[2J"
    )
