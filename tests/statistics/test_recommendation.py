"""The one rule: the simplest family that costs next to nothing."""

import numpy as np
import pytest

from automl_text.statistics.comparison import compare
from automl_text.statistics.recommendation import Candidate, recommend, second_opinion
from automl_text.statistics.truth import Truth

N_ROWS = 300


@pytest.fixture
def truth():
    return Truth(
        codes=np.arange(N_ROWS) % 3,
        groups=np.arange(N_ROWS),
        measurable=np.ones(3, dtype=bool),
        n_folds=5,
    )


def candidate(truth, name, simplicity, n_errors, offset=0):
    predicted = truth.codes.copy()
    rows = (np.arange(n_errors) * 7 + offset) % N_ROWS
    predicted[rows] = (predicted[rows] + 1) % 3
    return Candidate(family=name, simplicity=simplicity, predicted=predicted)


def test_the_best_family_wins_when_the_simpler_one_costs_too_much(truth):
    families = [candidate(truth, "simple", 0, 90), candidate(truth, "complex", 9, 20)]
    found = recommend(families, truth, 0.01)
    assert (found.family, found.shortfall) == ("complex", 0)


def test_of_families_that_cannot_matter_the_simplest_wins(truth):
    best = candidate(truth, "complex", 9, 20)
    nearly = Candidate(family="simple", simplicity=0, predicted=best.predicted.copy())
    nearly.predicted[7] = (truth.codes[7] + 2) % 3
    found = recommend([best, nearly], truth, 0.01)
    assert found.family == "simple"
    assert 0 <= found.shortfall <= 0.01


def test_a_category_counts_by_its_own_groups_and_by_its_share_of_all(truth):
    groups = np.array(
        [0, 1, *range(2, 10), 9, 9]
    )  # two groups of one category, eight of the other, one of three rows
    steady = Truth(
        codes=np.repeat([0, 1], [2, 10]), groups=groups, measurable=np.ones(2, dtype=bool), n_folds=5
    ).steadied()
    own = np.array([2 / 7, 8 / 13]) / 2
    assert steady.weights == pytest.approx(own + np.array([0.2, 0.8]) * (1 - own.sum()))
    assert truth.steadied().weights == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_one_text_of_a_rare_category_does_not_carry_a_recommendation(truth):
    rare = Truth(
        codes=np.where(np.arange(N_ROWS) < 2, 2, truth.codes % 2),
        groups=truth.groups,
        measurable=truth.measurable,
        n_folds=5,
    )
    lucky, better = rare.codes.copy(), rare.codes.copy()
    lucky[10:50] = (lucky[10:50] + 1) % 2
    better[0] = 0
    families = [
        Candidate(family="lucky", simplicity=9, predicted=lucky),
        Candidate(family="better", simplicity=9, predicted=better),
    ]
    assert rare.macro_f1(lucky) > rare.macro_f1(better)
    assert recommend(families, rare, 0.01).family == "better"


def test_a_shortfall_is_the_mean_of_the_positive_fold_of_the_posterior(truth):
    simple, other = candidate(truth, "simple", 0, 40), candidate(truth, "complex", 9, 30, offset=3)
    found = recommend([simple, other], truth, 0.01)
    posterior = compare(truth, other.predicted, simple.predicted)
    draws = posterior.mean + posterior.scale * np.random.default_rng(0).standard_t(posterior.df, 400_000)
    assert found.shortfalls["simple"] == pytest.approx(np.maximum(draws, 0).mean(), rel=0.02)


def test_the_order_in_which_families_are_named_does_not_matter(truth):
    families = [candidate(truth, f"family {i}", i, 30, offset=i) for i in range(4)]
    forth, back = recommend(families, truth, 0.01), recommend(families[::-1], truth, 0.01)
    assert forth.family == back.family


def test_redrawn_rows_pick_a_clear_winner_nearly_always_and_judge_it_by_rows_left_out(truth):
    families = [candidate(truth, "simple", 0, 90), candidate(truth, "complex", 9, 30)]
    opinion = second_opinion(families, truth, 0.01, seed=0, n_draws=30)
    assert opinion.shares["complex"] > 0.95
    assert sum(opinion.shares.values()) == pytest.approx(1)
    assert opinion.macro_f1 == pytest.approx(0.9, abs=0.02)


def test_the_luck_of_choosing_among_equals_is_taken_off(truth):
    generator = np.random.default_rng(0)
    families = []
    for i in range(8):
        wrong = generator.random(N_ROWS) < 0.3
        predicted = np.where(wrong, (truth.codes + 1) % 3, truth.codes)
        families.append(Candidate(family=f"family {i}", simplicity=i, predicted=predicted))
    best = max(truth.macro_f1(each.predicted) for each in families)
    opinion = second_opinion(families, truth, 0.0, seed=0, n_draws=30)
    assert opinion.macro_f1 < best
