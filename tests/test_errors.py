"""Errors end a command with one line and a number that says whose fault it is."""

import pytest

from automl_text.errors import AutomlTextError, InputError, RunError, nearest, refuse_below


@pytest.mark.parametrize(("kind", "code"), [(InputError, 2), (RunError, 1)])
def test_wrong_input_is_told_from_a_run_that_failed(kind, code):
    assert issubclass(kind, AutomlTextError)
    assert kind("why").exit_code == code


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("lable", ["text", "label"], " Did you mean 'label'?"),
        ("label", [], ""),
        ("quite another", ["text", "label"], ""),
        ("tex", iter(["text", "texts"]), " Did you mean 'text'?"),
    ],
)
def test_the_nearest_name_is_asked_for_where_one_is_near(name, known, said):
    assert nearest(name, known) == said


def test_the_first_value_that_is_too_small_is_named_with_the_least():
    refuse_below(1, n=1, seed=None)
    with pytest.raises(InputError, match=r"^seed is -1: it must be at least 0\.$"):
        refuse_below(0, n=0, seed=-1)
