"""What a parameter may be, and what a search space makes of a trial."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from automl_text.tuning.params import ChoiceParam, FloatParam, IntParam, SearchSpace, strategy_of

WHOLE = st.integers(-100, 100)


@given(WHOLE, WHOLE, WHOLE)
def test_a_range_is_taken_where_its_default_lies_inside(low, high, default):
    if low <= default <= high:
        assert IntParam(low=low, high=high, default=default).default == default
        return
    fault = f"low is {low}, above high" if low > high else f"default is {default}, outside of {low} to {high}"
    with pytest.raises(ValidationError, match=fault):
        IntParam(low=low, high=high, default=default)


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_a_logarithm_needs_numbers_above_zero(low):
    with pytest.raises(
        ValidationError, match=r"with log = true it must be above 0\. Raise low or remove log"
    ):
        FloatParam(low=low, high=1.0, default=0.5, log=True)


def test_all_faults_of_a_range_are_said_at_once():
    with pytest.raises(ValidationError) as refused:
        FloatParam(low=-1.0, high=-2.0, default=0.0, log=True)
    assert "above high" in str(refused.value)
    assert "with log = true" in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"choices": [], "default": "a"}, "at least one value"),
        ({"choices": ["a", "b"], "default": "c"}, "none of its choices"),
        ({"choices": ["a", "a"], "default": "a"}, "holds a value twice"),
    ],
)
def test_choices_that_make_no_sense_are_refused(fields, fault):
    with pytest.raises(ValidationError, match=fault):
        ChoiceParam(**fields)


def test_true_and_1_are_two_choices():
    assert ChoiceParam(choices=[True, 1], default=1).choices == (True, 1)


@pytest.mark.parametrize("value", ["1", 1.5, True])
def test_nothing_is_converted(value):
    with pytest.raises(ValidationError):
        IntParam(low=0, high=2, default=value)


SPACE = SearchSpace(
    family="logreg",
    distributions={"C": FloatParam(low=0.1, high=10.0, default=1.0)},
    fixed={"min_df": 1, "imbalance": "none"},
)


def test_a_trial_holds_tuned_and_fixed_values():
    assert SPACE.default_params == {"C": 1.0, "min_df": 1, "imbalance": "none"}
    assert SPACE.complete({"C": 5.0}) == {"C": 5.0, "min_df": 1, "imbalance": "none"}


def test_a_parameter_that_is_fixed_is_tuned_no_more():
    fixed = SPACE.fixing("C", 3.0)
    assert (fixed.distributions, fixed.default_params["C"]) == ({}, 3.0)
    assert SPACE.default_params["C"] == 1.0  # the space itself stays


def test_the_strategy_of_a_trial_is_empty_where_the_family_has_none():
    assert strategy_of({"imbalance": "balanced"}) == "balanced"
    assert strategy_of({"C": 1.0}) == ""
