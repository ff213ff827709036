"""What is typed is what is asked for: every option of search is a field of the request."""

from dataclasses import fields
from inspect import signature
from pathlib import Path

import pytest

from automl_text.cli.search import _request, search
from automl_text.errors import InputError
from automl_text.experiment.request import SearchRequest
from automl_text.files import ReadAs

PARAMETERS = signature(search).parameters
TYPED = {name: each.default for name, each in PARAMETERS.items()} | {"data": Path("tickets.csv")}


def test_nothing_typed_is_the_request_as_it_stands():
    assert _request(TYPED) == SearchRequest(data=Path("tickets.csv"))


def test_every_field_can_be_typed_but_those_that_only_python_has():
    apart = {"table", "pool", "read_as", "mode", "show_text"}
    assert {each.name for each in fields(SearchRequest)} - apart <= PARAMETERS.keys()
    others = {
        "encoding",
        "separator",
        "quote",
        "no_header",
        "sheet",
        "resume",
        "overwrite",
        "no_text",
        "quiet",
        "open",
    }
    assert others == PARAMETERS.keys() - {each.name for each in fields(SearchRequest)}


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ({"families": "logreg, linear,"}, {"families": ("logreg", "linear")}),
        ({"time_budget": "1h30m"}, {"time_budget": 5400.0}),
        ({"text": ["subject", "body"]}, {"text": ("subject", "body")}),
        ({"no_text": True}, {"show_text": False}),
        ({"resume": True}, {"mode": "resume"}),
        ({"overwrite": True}, {"mode": "overwrite"}),
        ({"no_header": True, "sheet": "May"}, {"read_as": ReadAs(has_header=False, sheet="May")}),
        ({"encoders": ["none"]}, {"encoders": ("none",)}),
    ],
)
def test_what_is_typed_is_asked_for(typed, asked):
    assert _request(TYPED | typed) == SearchRequest(data=Path("tickets.csv"), **asked)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"families": ","}, "--families ',' names no family. Write --families logreg,lightgbm"),
        ({"resume": True, "overwrite": True}, "choose one of them"),
        ({"preset": "fast"}, "--preset 'fast': there is no such choice. Did you mean 'quick'"),
        ({"references": "some"}, "--references 'some': there is no such choice"),
        ({"time_budget": "soon"}, "--time-budget 'soon' is not a duration"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_read(typed, said):
    with pytest.raises(InputError, match=said):
        _request(TYPED | typed)
