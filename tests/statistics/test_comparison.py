"""The posterior of a difference against baycomp, numeric integration and simulated pairs."""

import warnings

import numpy as np
import pytest
from scipy import integrate, stats

from automl_text.statistics.comparison import Posterior, compare, pair_verdict
from automl_text.statistics.interval import inflation
from automl_text.statistics.truth import Truth

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # baycomp's own escape sequences
    from baycomp import CorrelatedTTest


def make_truth(n_rows=200, n_classes=4, n_folds=5):
    codes = np.arange(n_rows) % n_classes
    return Truth(
        codes=codes,
        groups=np.arange(n_rows),
        measurable=np.ones(n_classes, dtype=bool),
        n_folds=n_folds,
    )


def make_predicted(truth, error_rate, seed):
    generator = np.random.default_rng(seed)
    wrong = (truth.codes + generator.integers(1, 4, len(truth.codes))) % 4
    return np.where(generator.random(len(truth.codes)) < error_rate, wrong, truth.codes)


def test_five_differences_give_baycomps_probabilities():
    generator = np.random.default_rng(0)
    a, b = generator.normal(0.75, 0.02, 5), generator.normal(0.73, 0.02, 5)
    differences = a - b
    scale = np.sqrt(differences.var(ddof=1) * (1 / 5 + 1 / 4))
    ours = Posterior(mean=differences.mean(), scale=scale, df=4)
    assert ours.probabilities(0.01) == pytest.approx(CorrelatedTTest(b, a, 0.01, runs=1).probs())


@pytest.mark.parametrize(("mean", "scale", "df"), [(0.02, 0.03, 4.0), (-0.05, 0.02, 30.0), (0.0, 0.01, 2.5)])
def test_expected_gain_is_the_integral_of_the_positive_fold(mean, scale, df):
    integrated, _ = integrate.quad(lambda x: x * stats.t.pdf(x, df, mean, scale), 0, np.inf, limit=200)
    assert Posterior(mean=mean, scale=scale, df=df).expected_gain() == pytest.approx(integrated, rel=1e-5)


def test_a_difference_adds_up_to_that_of_the_leaderboard_and_reverses_with_the_pair():
    truth = make_truth()
    a, b = make_predicted(truth, 0.2, 0), make_predicted(truth, 0.3, 1)
    forth, back = compare(truth, a, b), compare(truth, b, a)
    assert forth.mean == pytest.approx(truth.macro_f1(a) - truth.macro_f1(b))
    assert (back.mean, back.scale, back.df) == pytest.approx((-forth.mean, forth.scale, forth.df))
    assert back.probabilities(0.01) == pytest.approx(forth.probabilities(0.01)[::-1])


def test_variance_is_that_of_the_paired_influence_values_and_of_one_group_more_of_each_class():
    truth = make_truth()
    a, b = make_predicted(truth, 0.2, 0), make_predicted(truth, 0.3, 1)
    paired = truth.influence(a) - truth.influence(b)
    independent = np.hypot(paired.std() * np.sqrt(199), np.sqrt(4 * (1 / 51) ** 2) / 4)
    assert compare(truth, a, b).scale == pytest.approx(independent * inflation(5))


def test_equal_predictions_are_equivalent_for_certain():
    truth = make_truth()
    predicted = make_predicted(truth, 0.2, 0)
    posterior = compare(truth, predicted, predicted)
    assert posterior.probabilities(0.01) == (0.0, 1.0, 0.0)
    assert posterior.expected_gain() == 0
    assert pair_verdict(posterior, 0.01) == "equivalent"


@pytest.mark.parametrize(
    ("mean", "scale", "verdict"),
    [(0.2, 0.02, "better"), (-0.2, 0.02, "worse"), (0.0, 0.003, "equivalent"), (0.02, 0.02, "undecided")],
)
def test_a_verdict_needs_a_probability_above_ninety_five_percent(mean, scale, verdict):
    assert pair_verdict(Posterior(mean=mean, scale=scale, df=50), 0.01) == verdict


def test_families_that_differ_on_few_rows_have_few_degrees_of_freedom():
    truth = make_truth()
    base = make_predicted(truth, 0.2, 0)
    other = base.copy()
    other[:4] = (truth.codes[:4] + 1) % 4
    assert compare(truth, base, other).df < 5 < compare(truth, base, make_predicted(truth, 0.3, 5)).df


def test_rows_taken_leave_absent_categories_out_of_the_mean():
    truth = make_truth().take(np.flatnonzero(np.arange(200) % 4 < 2))
    assert truth.macro_f1(truth.codes) == 1.0


def test_two_groups_of_a_category_are_no_certainty_however_clearly_they_speak():
    codes = np.repeat([0, 1], [60, 2])
    truth = Truth(codes=codes, groups=np.arange(62), measurable=np.ones(2, dtype=bool), n_folds=5)
    lost = np.where(codes == 1, 0, codes)
    posterior = compare(truth, codes, lost)
    assert posterior.mean > 0.4
    assert pair_verdict(posterior, 0.01) == "undecided"
    assert posterior.expected_gain() > 0.4


def test_with_many_groups_one_more_hardly_widens():
    truth = make_truth(n_rows=800)
    a, b = make_predicted(truth, 0.2, 0), make_predicted(truth, 0.3, 1)
    paired = truth.influence(a) - truth.influence(b)
    plain = np.sqrt(np.sum((paired - paired.mean()) ** 2) * 799 / 800) * inflation(5)
    assert plain < compare(truth, a, b).scale < 1.06 * plain
