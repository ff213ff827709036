"""Areas under precision-recall curves, with scikit-learn as the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from automl_text.statistics.pr_auc import _average_precision, keras_pr_auc, macro_pr_auc, micro_pr_auc

ROWS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.1, 0.25, 0.5, 0.5001, 0.9])), min_size=1, max_size=30
)


@given(ROWS)
def test_average_precision_is_scikit_learns_with_equal_scores_too(rows):
    is_positive, scores = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    expected = average_precision_score(is_positive, scores) if is_positive.any() else 0.0
    assert _average_precision(is_positive, scores) == pytest.approx(expected)


def scored(n_rows, n_classes, seed):
    luck = np.random.default_rng(seed)
    codes = luck.integers(n_classes, size=n_rows)
    logits = luck.normal(size=(n_rows, n_classes)) + 1.5 * np.eye(n_classes)[codes]
    return codes, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(3))
def test_macro_and_micro_are_scikit_learns(seed):
    codes, probabilities = scored(80, 5, seed)
    one_hot = np.eye(5)[codes]
    assert macro_pr_auc(codes, probabilities, np.ones(5, dtype=bool)) == pytest.approx(
        average_precision_score(one_hot, probabilities, average="macro")
    )
    assert micro_pr_auc(codes, probabilities) == pytest.approx(
        average_precision_score(one_hot, probabilities, average="micro")
    )


def test_a_class_that_cannot_be_measured_does_not_count():
    codes, probabilities = scored(60, 3, 0)
    alone = [average_precision_score(codes == code, probabilities[:, code]) for code in (0, 2)]
    found = macro_pr_auc(codes, probabilities, np.array([True, False, True]))
    assert found == pytest.approx(np.mean(alone))
    assert macro_pr_auc(codes, probabilities, np.zeros(3, dtype=bool)) == 0.0


@settings(max_examples=20)
@given(st.integers(2, 20), st.integers(0, 99))
def test_keras_figure_lies_near_the_micro_figure_and_knows_perfect_scores(n_classes, seed):
    codes, probabilities = scored(300, n_classes, seed)
    assert keras_pr_auc(codes, probabilities) == pytest.approx(micro_pr_auc(codes, probabilities), abs=0.05)
    assert keras_pr_auc(codes, np.eye(n_classes)[codes]) == pytest.approx(1)


def test_scores_that_say_nothing_get_the_share_of_the_positives():
    codes = np.arange(18).repeat(10)
    assert keras_pr_auc(codes, np.full((180, 18), 1 / 18)) == pytest.approx(1 / 18)
