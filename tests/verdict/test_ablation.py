"""Imbalance strategies and tuning, each with a paired interval."""

import dataclasses

import pytest

from automl_text.results import SplitChoice, TrialRecord
from automl_text.statistics.metrics import macro_f1
from automl_text.tuning.plan import truth_about
from automl_text.verdict.evaluation import _ablation_of, _optimism_of
from automl_text.verdict.predictions import predictions_of


def test_each_strategy_is_compared_with_doing_nothing_on_the_same_rows(build, data):
    family = build["family"](data, "own", error_rate=0.1)
    rows = {row.strategy: row for row in _ablation_of(family, truth_about(data, 5), data.classes)}
    scores = {name: macro_f1(data.codes, each, data.measurable) for name, each in family.by_strategy.items()}
    assert rows["balanced"].gain == pytest.approx(scores["balanced"] - scores["none"])
    assert rows["balanced"].is_chosen
    assert rows["balanced"].interval[0] < rows["balanced"].gain < rows["balanced"].interval[1]
    assert (rows["none"].gain, rows["none"].interval) == (0, None)


def test_where_doing_nothing_was_not_tried_there_is_nothing_to_compare_with(build, data):
    family = build["family"](data, "own", error_rate=0.1, by_strategy={})
    assert _ablation_of(family, truth_about(data, 5), data.classes) == ()


def test_a_strategy_that_some_split_never_tried_is_judged_by_inner_scores(build, data):
    def trial(number, strategy, score):
        return TrialRecord(
            number=number,
            params={"imbalance": strategy},
            steps=0,
            inner_score=score,
            inner_scores=(),
            status="done",
        )

    family = build["family"](data, "own", error_rate=0.1)
    trials = (
        trial(0, "balanced", 0.8),
        trial(1, "none", 0.7),
        trial(2, "tempered", 0.75),
        trial(3, "none", 0.72),
    )
    rows = _ablation_of(dataclasses.replace(family, trials=trials), truth_about(data, 5), data.classes)
    assert [(row.strategy, row.by) for row in rows[2:]] == [("tempered", "inner")]
    assert rows[2].gain == pytest.approx(0.03)
    assert rows[2].interval is None


def test_only_categories_whose_effect_excludes_zero_are_named(build, data):
    nothing = data.codes.copy()
    nothing[data.codes == 3] = 0
    family = build["family"](
        data,
        "own",
        error_rate=0.0,
        by_strategy={"none": nothing, "balanced": data.codes},
        strategy="balanced",
    )
    balanced = next(
        row for row in _ablation_of(family, truth_about(data, 5), data.classes) if row.strategy == "balanced"
    )
    effects = {effect.label: effect for effect in balanced.per_class}
    assert set(effects) == {
        "category 0",
        "category 3",
    }  # the latter goes from all wrong to all right on 20 rows
    low, high = effects["category 3"].interval
    assert 0 < low < high - 0.5
    assert effects["category 0"].gain == pytest.approx(1 - 120 / 140)


def test_what_tuning_bought_is_the_outer_figure_against_the_default_trial(build, data):
    family = build["family"](data, "own", error_rate=0.1)
    (own,) = predictions_of(build["evidence"](data, family))
    found = _optimism_of(own)
    default = macro_f1(data.codes, family.default_predicted, data.measurable)
    assert (found.inner_best, found.default_params) == (0.8, pytest.approx(default))
    assert found.tuning_gain == pytest.approx(own.macro_f1 - default)


def test_a_family_that_was_not_tuned_has_no_optimism(build, data):
    family = build["family"](data, "own", error_rate=0.1, trials=())
    (own,) = predictions_of(build["evidence"](data, family))
    assert _optimism_of(own) is None


def test_chosen_trials_count_as_different_by_their_settings_not_by_their_numbers(build, data):
    def choice(split, trial, C):
        scores = {"inner_score": 0.5, "outer_score": 0.5, "training_score": None}
        return SplitChoice(split=split, trial=trial, params={"C": C}, steps=0, **scores)

    choices = (choice(0, 3, 1.0), choice(1, 7, 1.0), choice(2, 3, 2.0))
    family = build["family"](data, "own", error_rate=0.1, choices=choices)
    (own,) = predictions_of(build["evidence"](data, family))
    assert _optimism_of(own).n_distinct_choices == 2
