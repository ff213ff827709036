import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from automl_text.cli.app import app
from automl_text.errors import InputError
from automl_text.experiment.request import SearchRequest
from automl_text.tuning.presets import PRESETS

REQUEST = SearchRequest(data=Path("tickets.csv"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"preset": "quik"}, "--preset 'quik': there is no such choice. Did you mean 'quick'?"),
        ({"references": "some"}, "--references 'some': there is no such choice."),
        ({"rare": "drops"}, "Did you mean 'drop'?"),
        ({"n_trials": 0}, "--trials 0: it must be at least 1."),
        ({"n_folds": 2}, "--outer-folds 2: it must be at least 3."),
        ({"n_repeats": 0}, "--repeats 0: it must be at least 1."),
        ({"n_repeats": 10**6}, "--repeats 1000000: it must be at most 1,000."),
        ({"jobs": 0}, "--jobs 0: it must be at least 1."),
        ({"seed": -1}, "--seed -1: it must be at least 0."),
        ({"seed": 2**32}, "--seed 4294967296: it must be at most 4,294,967,295."),
        ({"min_rows": -5}, "--min-rows -5: it must be at least 0."),
        ({"time_budget": 3.0}, "--time-budget 3.0: it must be at least 30."),
        ({"time_budget": float("nan")}, "--time-budget nan: it must be at least 30."),
    ],
)
def test_what_no_search_can_do_is_refused_by_its_option(changes, message):
    with pytest.raises(InputError) as refusal:
        replace(REQUEST, **changes).check()
    assert message in str(refusal.value)


def test_all_faults_are_named_at_once():
    with pytest.raises(InputError, match=r"^--trials 0: .*\n--seed -1: .*$"):
        replace(REQUEST, n_trials=0, seed=-1).check()


def test_the_page_on_python_names_the_field_of_each_option():
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "python.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)` for\s+`(--[a-z-]+)`", page))
    options = {(each.name, each.metadata["option"].flag) for each in fields(REQUEST) if each.metadata}
    assert named
    assert named <= options


def test_what_is_left_out_is_no_fault():
    REQUEST.check()


def test_every_preset_can_be_chosen():
    (preset,) = (each for each in fields(SearchRequest) if each.name == "preset")
    assert set(preset.metadata["option"].choices) == set(PRESETS)


def test_every_option_of_a_request_is_one_of_the_command():
    (search,) = (each.callback for each in app.registered_commands if each.callback.__name__ == "search")
    typed = set(search.__signature__.parameters) - {"quiet", "open"}
    read_as = {"encoding", "separator", "quote", "no_header", "sheet"}
    flags = {
        "mode": {"resume", "overwrite"},
        "show_text": {"no_text"},
        "table": set(),
        "pool": set(),
        "read_as": read_as,
    }
    assert typed == set().union(*(flags.get(each.name, {each.name}) for each in fields(SearchRequest)))
