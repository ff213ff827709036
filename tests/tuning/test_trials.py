import dataclasses

import pytest

from automl_text.tuning.params import ChoiceParam, FloatParam, IntParam, SearchSpace
from automl_text.tuning.trials import shared_trials


@pytest.fixture
def space():
    return SearchSpace(
        family="any",
        distributions={
            "C": FloatParam(low=0.1, high=100.0, log=True, default=30.0),
            "pieces": ChoiceParam(choices=("words", "characters", "both"), default="both"),
            "n": IntParam(low=1, high=9, default=1),
        },
        fixed={"min_df": 1},
    )


def with_params(space, **params):
    return dataclasses.replace(space, distributions={**space.distributions, **params})


def test_the_default_trial_comes_first_and_fixed_values_are_in_every_trial(space):
    trials = shared_trials(space, 8, seed=0)
    assert trials[0] == {"C": 30.0, "pieces": "both", "n": 1, "min_df": 1}
    assert all(params["min_df"] == 1 for params in trials)


def test_the_default_trial_keeps_every_digit_while_others_are_rounded_to_three(space):
    exact = with_params(space, C=FloatParam(low=0.1, high=100.0, log=True, default=30.0625))
    first, *others = shared_trials(exact, 8, seed=0)
    assert first == exact.default_params
    assert all(params["C"] == float(f"{params['C']:.3g}") for params in others)


@pytest.mark.parametrize(
    ("default", "first"), [("b", ["b", "none", "balanced"]), ("none", ["none", "balanced"])]
)
def test_none_and_balanced_are_tried_first_all_else_as_in_the_default_trial(space, default, first):
    known = with_params(space, imbalance=ChoiceParam(choices=("balanced", "b", "none"), default=default))
    trials = shared_trials(known, 4, seed=0)[: len(first)]
    assert [params.pop("imbalance") for params in trials] == first
    assert all(params == trials[0] for params in trials)


def test_trials_are_distinct_and_inside_their_distributions(space):
    trials = shared_trials(space, 30, seed=0)
    assert len({tuple(sorted(params.items())) for params in trials}) == 30
    assert all(0.1 <= params["C"] <= 100 and 1 <= params["n"] <= 9 for params in trials)


def test_the_sequence_spreads_over_every_choice_and_both_halves_of_a_range(space):
    trials = shared_trials(space, 17, seed=0)[1:]
    for choice in ("words", "characters", "both"):
        assert 3 <= sum(params["pieces"] == choice for params in trials) <= 8
    assert 5 <= sum(params["C"] < 3.16 for params in trials) <= 11


def test_a_longer_list_begins_with_the_shorter_one(space):
    assert shared_trials(space, 20, seed=3)[:8] == shared_trials(space, 8, seed=3)


def test_seeds_give_different_trials(space):
    assert shared_trials(space, 8, seed=0)[1:] != shared_trials(space, 8, seed=1)[1:]


def test_a_small_space_gives_what_it_holds():
    space = SearchSpace(
        family="any",
        distributions={"a": ChoiceParam(choices=(True, False), default=False)},
        fixed={},
    )
    assert shared_trials(space, 10, seed=0) == ({"a": False}, {"a": True})


def test_true_and_one_are_different_choices():
    space = SearchSpace(
        family="any",
        distributions={"a": ChoiceParam(choices=(1, True), default=True)},
        fixed={},
    )
    assert shared_trials(space, 1, seed=0)[0]["a"] is True


def test_pretrained_word_vectors_are_tried_beside_learned_ones_all_else_as_in_the_default_trial(space):
    known = with_params(space, embedding=ChoiceParam(choices=("pretrained", "learned"), default="pretrained"))
    first, second, *_ = shared_trials(known, 3, seed=0)
    assert second == {**first, "embedding": "learned"}
    fixed = known.fixing("embedding", "learned")
    assert shared_trials(fixed, 9, seed=0) == tuple(
        {"embedding": "learned", **params} for params in shared_trials(space, 9, seed=0)
    )
