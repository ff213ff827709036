"""Metrics against scikit-learn and against numbers worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from automl_text.statistics import metrics
from automl_text.statistics.pr_auc import keras_pr_auc, macro_pr_auc, micro_pr_auc


def draw(seed, n_rows=60, n_classes=5):
    generator = np.random.default_rng(seed)
    codes = generator.choice(n_classes, size=n_rows, p=generator.dirichlet(np.ones(n_classes)))
    probabilities = generator.dirichlet(np.ones(n_classes), size=n_rows)
    probabilities[np.arange(n_rows), codes] += generator.random(n_rows)
    return codes, probabilities / probabilities.sum(axis=1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.booleans(), min_size=5, max_size=5))
def test_macro_f1_is_scikit_learns_over_the_measurable_labels(seed, flags):
    codes, probabilities = draw(seed)
    predicted, measurable = probabilities.argmax(axis=1), np.array(flags)
    labels = np.flatnonzero(measurable)
    expected = (
        oracle.f1_score(codes, predicted, labels=labels, average="macro", zero_division=0)
        if len(labels)
        else 0
    )
    assert metrics.macro_f1(codes, predicted, measurable) == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_every_other_metric_is_scikit_learns(seed):
    codes, probabilities = draw(seed)
    predicted = probabilities.argmax(axis=1)
    measurable = np.bincount(codes, minlength=5) >= 2
    keep = measurable[codes]
    assert np.array_equal(
        metrics.confusion(codes, predicted, 5), oracle.confusion_matrix(codes, predicted, labels=range(5))
    )
    precision, recall, _, _ = oracle.precision_recall_fscore_support(
        codes, predicted, labels=range(5), zero_division=0
    )
    matrix = metrics.confusion(codes, predicted, 5)
    np.testing.assert_allclose(metrics.class_precision(matrix), precision)
    np.testing.assert_allclose(metrics.class_recall(matrix), recall)
    assert metrics.accuracy(codes, predicted) == pytest.approx(oracle.accuracy_score(codes, predicted))
    assert metrics.balanced_accuracy(codes, predicted, measurable) == pytest.approx(
        oracle.recall_score(
            codes, predicted, labels=np.flatnonzero(measurable), average="macro", zero_division=0
        )
    )
    assert metrics.log_loss(codes, probabilities) == pytest.approx(
        oracle.log_loss(codes, probabilities, labels=range(5))
    )
    one_hot = np.eye(5, dtype=int)[codes]
    assert micro_pr_auc(codes, probabilities) == pytest.approx(
        oracle.average_precision_score(one_hot, probabilities, average="micro")
    )
    assert keep.any()
    assert macro_pr_auc(codes, probabilities, measurable) == pytest.approx(
        oracle.average_precision_score(one_hot[:, measurable], probabilities[:, measurable], average="macro")
    )


def test_tied_scores_pass_together():
    codes, probabilities = np.array([0, 1, 0, 1]), np.full((4, 2), 0.5)
    assert micro_pr_auc(codes, probabilities) == pytest.approx(0.5)


def test_a_row_of_a_class_that_cannot_be_measured_costs_the_class_predicted_for_it():
    codes, predicted = np.array([0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1])
    measurable = np.array([True, True, False])
    assert metrics.macro_f1(codes, predicted, measurable) == pytest.approx((1 + 4 / 5) / 2)


def test_keras_area_of_hand_worked_decisions():
    # By falling score .9 is right, .6 wrong, .4 right, .1 wrong: (predicted, hits) runs through (0, 0), (1, 1),
    # (2, 1), (3, 2), (4, 2). The first step has precision 1; the third has slope 1 and intercept 1 - 2 = -1,
    # so its area is 1 - ln(3 / 2); the other two gain no hit.
    codes, probabilities = np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]])
    assert keras_pr_auc(codes, probabilities) == pytest.approx((1 + 1 - np.log(3 / 2)) / 2)


def test_keras_area_of_perfect_probabilities_is_one():
    codes = np.array([0, 1, 2, 1])
    assert keras_pr_auc(codes, np.eye(3)[codes]) == pytest.approx(1.0)


def test_chance_levels_of_eighteen_unequal_classes_differ_by_reference():
    sizes = np.linspace(96, 8, 18).astype(int)
    codes = np.repeat(np.arange(18), sizes)
    _, probabilities = draw(0, len(codes), 18)
    rows = {row.name: row for row in metrics.metric_rows(codes, probabilities, np.ones(18, dtype=bool))}
    keras = rows["keras_pr_auc"]
    assert keras.chance_random == pytest.approx(1 / 18, abs=0.004)
    assert keras.chance_shares > 0.08
    assert rows["accuracy"].chance_shares == pytest.approx(sizes[0] / sizes.sum())
    shares = sizes / sizes.sum()
    assert rows["log_loss"].chance_shares == pytest.approx(-(shares * np.log(shares)).sum())


def test_softmax_keeps_the_argmax_at_any_temperature_and_gives_absent_classes_nothing():
    logits = np.array([[2.0, 1.0, -1e3], [0.0, 5.0, -1e3]], dtype=np.float32)
    for temperature in (0.1, 1.0, 9.0):
        probabilities = metrics.softmax(logits, temperature)
        assert probabilities.sum(axis=1) == pytest.approx(1.0)
        assert probabilities.argmax(axis=1).tolist() == [0, 1]
        assert probabilities[:, 2].max() < 1e-40
