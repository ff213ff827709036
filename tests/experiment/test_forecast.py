import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.data.dataset import Split
from automl_text.experiment.budget import Budget
from automl_text.experiment.forecast import (
    chance,
    forecast,
    foreseen,
    left_for_final_fit,
    sentence,
    steps,
)
from automl_text.experiment.prepare import prepare
from automl_text.experiment.searching import simplest_first
from automl_text.families.registry import family_names, load_family
from automl_text.tuning.cost import SECONDS

RANK = {"no": 0, "perhaps": 1, "yes": 2}


def test_what_was_asked_for_is_foreseen_in_the_order_of_a_budgeted_search(request_for, tmp_path):
    plan = prepare(request_for(tmp_path, families=("lightgbm", "lstm", "linear"), references="all")).plan
    names = [step.name for step in steps(plan)]
    assert names == [
        "majority",
        "linear",
        "lightgbm",
        "lstm",
        "lstm-as-posted",
        "all further trials",
        "the learning curves",
    ]


def test_where_splits_tune_by_themselves_default_trials_and_references_are_foreseen_first(
    request_for, tmp_path
):
    request = replace(request_for(tmp_path, families=("lightgbm", "linear")), preset="thorough")
    names = [step.name for step in steps(prepare(request).plan)]
    assert names == [
        "majority",
        "linear",
        "lightgbm",
        "all further trials",
        "the tuned trials on all training rows",
        "the learning curves",
    ]


def test_where_time_may_run_out_simple_families_go_first_in_each_turn_and_the_free_reference_before_all(
    request_for, tmp_path
):
    families = [*map(load_family, ("lstm", "lightgbm", "logreg", "majority"))]
    maker, split = prepare(request_for(tmp_path)).plan.maker, Split(partition=0, train=(0, 1), test=(2,))
    units = [maker.unit(family, split, {"number": turn}, turn=turn) for turn in (0, 1) for family in families]
    asked = [unit for unit in units if unit.family != "majority" or unit.turn == 1]
    ordered = sorted(simplest_first(asked), key=lambda unit: unit.turn)
    assert [(unit.family, unit.params["number"]) for unit in ordered] == [
        ("majority", 1), ("logreg", 0), ("lightgbm", 0), ("lstm", 0), ("logreg", 1), ("lightgbm", 1), ("lstm", 1),
    ]  # fmt: skip


def test_every_family_of_this_package_has_a_cost_that_grows_with_the_rows():
    assert set(SECONDS) == set(family_names())


@given(needed=st.floats(0, 1e6), available=st.floats(-1e3, 1e6), more=st.floats(0, 1e6))
def test_more_time_never_makes_anything_less_likely(needed, available, more):
    assert RANK[chance(needed, available + more)] >= RANK[chance(needed, available)]


def test_the_forecast_names_what_fits_and_what_does_not():
    chances = {"yes": ["linear"], "perhaps": ["lightgbm"], "no": ["lstm", "the learning curves"]}
    assert sentence(chances, budget=120, n_rows=21_000) == (
        "In 2 min these 21,000 rows allow: probably linear; perhaps lightgbm; probably not lstm, the learning curves."
    )
    assert "everything" in sentence({"yes": ["linear"], "perhaps": [], "no": []}, budget=45, n_rows=90)


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "probably linear.*probably not lstm"), (600, "everything")]
)
def test_a_network_on_a_slow_machine_does_not_fit_into_little_time_but_into_much(
    request_for, tmp_path, minutes, words
):
    plan = prepare(request_for(tmp_path, families=("linear", "lstm"), n_trials=20, references="none")).plan
    assert re.search(words, foreseen(plan, Budget(60.0 * minutes, time.monotonic()), 1, slowness=8.0))


def test_a_day_allows_a_small_search(request_for, tmp_path):
    plan = prepare(request_for(tmp_path)).plan
    assert forecast(plan, Budget(86_400.0, time.monotonic()), 2).endswith("everything that was asked for.")


def test_a_final_fit_has_what_the_other_fits_and_the_verdict_leave():
    assert left_for_final_fit(100.0, fits_end=20.0, verdict=3.0) == pytest.approx(93 - 20 - 3)
    assert left_for_final_fit(100.0, fits_end=500.0, verdict=3.0) == pytest.approx(93 - (85 - 35) - 3)


@pytest.mark.parametrize(("minutes", "is_named"), [(0.5, True), (60, False)])
def test_a_final_fit_that_would_not_end_in_time_is_named(request_for, tmp_path, minutes, is_named):
    plan = prepare(request_for(tmp_path, families=("lstm",), n_trials=1, references="none")).plan
    said = foreseen(plan, Budget(60.0 * minutes, time.monotonic()), 8, slowness=2.0)
    assert ("the final fit of lstm" in said) == is_named
