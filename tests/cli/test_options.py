"""How the values of options are read, and what is said of those that cannot be."""

from inspect import signature

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.cli.options import one_of, read_as, seconds, share, spelt_out
from automl_text.errors import InputError
from automl_text.files import ReadAs


@given(st.integers(0, 99), st.integers(0, 59), st.integers(1, 59))
def test_a_duration_is_the_sum_of_its_parts(hours, minutes, rest):
    assert seconds(f"{hours}h{minutes}m{rest}s") == 3600 * hours + 60 * minutes + rest


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("90", 90), ("90s", 90), ("1.5h", 5400), ("10M", 600), (" 2m ", 120), (None, None)],
)
def test_a_duration_as_people_write_it(typed, expected):
    assert seconds(typed) == expected


@pytest.mark.parametrize("typed", ["", "soon", "10 m", "5m1h", "-3s", "1d", "1e3"])
def test_what_is_no_duration_is_refused_with_examples(typed):
    with pytest.raises(InputError, match=r"is not a duration. Write 90s, 10m, 1h30m, or seconds alone\."):
        seconds(typed)


@pytest.mark.parametrize("typed", ["0", "0s", "0h0m"])
def test_no_time_at_all_is_refused(typed):
    with pytest.raises(InputError, match="leaves no time"):
        seconds(typed)


@pytest.mark.parametrize(
    ("value", "known", "meant"),
    [
        ("fast", ("quick", "standard", "thorough"), "quick"),
        ("quik", ("quick", "standard", "thorough"), "quick"),
        ("best", ("quick", "standard", "thorough"), "thorough"),
        ("off", ("none", "majority", "all"), "none"),
        ("Markdown", ("html", "md", "json"), "md"),
        ("remove", ("keep", "merge", "drop"), "drop"),
    ],
)
def test_another_word_for_a_choice_is_understood_and_the_right_one_named(value, known, meant):
    with pytest.raises(
        InputError, match=f"there is no such choice. Did you mean '{meant}'. Known: {known[0]}"
    ):
        one_of("--option", value, known)


def test_a_known_choice_is_taken_as_it_is():
    assert one_of("--format", "md", ("html", "md")) == "md"


@given(st.floats(0, 1))
def test_a_confidence_lies_between_0_and_1(value):
    assert share("--min-confidence", value) == value


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_what_is_no_confidence_is_refused(value):
    with pytest.raises(InputError, match="a confidence lies between 0 and 1"):
        share("--min-confidence", value)


def test_a_file_is_read_as_the_options_say():
    assert read_as(None, None, None, False, None) == ReadAs()
    typed = read_as("cp1252", ";", "'", True, "May")
    assert typed == ReadAs(encoding="cp1252", separator=";", quote="'", has_header=False, sheet="May")


@spelt_out
def command(data: str, *, deep: bool = False, read_as: ReadAs, loud: bool = False):
    """Stand for a command that reads a file."""
    return data, deep, read_as, loud


def test_the_options_of_a_group_stand_where_its_parameter_stood():
    names = ["data", "deep", "encoding", "separator", "quote", "no_header", "sheet", "loud"]
    assert list(signature(command).parameters) == names
    assert command.__doc__ == "Stand for a command that reads a file."


def test_what_is_typed_arrives_as_one_value_and_what_is_not_leaves_it_to_the_reader():
    typed = {name: each.default for name, each in signature(command).parameters.items()}
    assert command(**typed | {"data": "x.csv"}) == ("x.csv", False, ReadAs(), False)
    found = command(**typed | {"data": "x.csv", "loud": True, "no_header": True, "sheet": "May"})
    assert found == ("x.csv", False, ReadAs(has_header=False, sheet="May"), True)
