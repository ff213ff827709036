"""Imbalance strategies and tuning, each with a paired interval."""

import pytest

from automl_text.statistics.metrics import macro_f1
from automl_text.verdict.ablation import ablation_of
from automl_text.verdict.optimism import optimism_of
from automl_text.verdict.predictions import predictions_of


def test_each_strategy_is_compared_with_doing_nothing_on_the_same_rows(build, data):
    family = build["family"](data, "own", error_rate=0.1)
    rows = {row.strategy: row for row in ablation_of(family, data, 5)}
    scores = {name: macro_f1(data.codes, each, data.measurable) for name, each in family.by_strategy.items()}
    assert rows["balanced"].gain == pytest.approx(scores["balanced"] - scores["none"])
    assert rows["balanced"].is_chosen
    assert rows["balanced"].interval[0] < rows["balanced"].gain < rows["balanced"].interval[1]
    assert (rows["none"].gain, rows["none"].interval) == (0, None)


def test_where_doing_nothing_was_not_tried_there_is_nothing_to_compare_with(build, data):
    family = build["family"](data, "own", error_rate=0.1, by_strategy={})
    assert ablation_of(family, data, 5) == ()


def test_what_tuning_bought_is_the_outer_figure_against_the_default_point(build, data):
    family = build["family"](data, "own", error_rate=0.1)
    (own,) = predictions_of(build["evidence"](data, family))
    found = optimism_of(own, data)
    default = macro_f1(data.codes, family.default_predicted, data.measurable)
    assert (found.inner_best, found.default_point) == (0.8, pytest.approx(default))
    assert found.tuning_gain == pytest.approx(own.macro_f1 - default)


def test_a_family_that_was_not_tuned_has_no_optimism(build, data):
    family = build["family"](data, "own", error_rate=0.1, trials=())
    (own,) = predictions_of(build["evidence"](data, family))
    assert optimism_of(own, data) is None
