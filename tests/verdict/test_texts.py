"""Texts shown to a person are cut or left out; repeated texts are answered as their repetitions say."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import f1_score

from automl_text.verdict.predictions import predictions_of
from automl_text.verdict.texts import Excerpts, _labels_of_others, repeated_macro_f1

from .conftest import make_evidence, make_family


@pytest.fixture
def own(data):
    return predictions_of(make_evidence(data, make_family(data, "logreg", error_rate=0.3)))[0]


def test_a_text_is_cut_at_two_hundred_characters(data):
    long = dataclasses.replace(data, texts=("x" * 200, "y" * 201, *data.texts[2:]))
    assert Excerpts(data=long).text(0) == "x" * 200
    assert Excerpts(data=long).text(1) == "y" * 199 + "…"


def test_an_example_names_the_row_as_the_file_has_it(data):
    found = Excerpts(data=data).example(70, predicted=0, confidence=0.75)
    assert (found.line, found.label, found.predicted) == (72, "category 1", "category 0")
    assert (found.text, found.confidence) == ("text number 70", 0.75)


def test_where_no_rows_repeat_there_is_no_figure(own, data):
    assert repeated_macro_f1(own, data, groups_repeat=True) is None


def test_rows_that_repeat_get_the_label_of_their_repetition(own, data):
    """Every row stands twice under its own label: answered by its repetition each is right."""
    groups = np.arange(data.n_rows) // 2
    paired = dataclasses.replace(data, groups=groups)  # categories have even sizes: pairs share a label
    assert repeated_macro_f1(own, paired, groups_repeat=True) == pytest.approx(1)


def test_a_repetition_under_another_label_misleads(own, data):
    groups = np.arange(data.n_rows)
    groups[60] = groups[0]  # of category 1, repeating a row of category 0
    found = repeated_macro_f1(own, dataclasses.replace(data, groups=groups), groups_repeat=True)
    predicted = own.predicted.copy()
    predicted[[0, 60]] = 1, 0
    assert found == pytest.approx(f1_score(data.codes, predicted, average="macro"))


def test_of_customers_only_equal_texts_repeat(own, data):
    customers = dataclasses.replace(data, groups=np.zeros(data.n_rows, dtype=np.int64))
    assert repeated_macro_f1(own, customers, groups_repeat=False) is None
    texts = ("Where IS it", "where  is it", *data.texts[2:])
    assert repeated_macro_f1(own, dataclasses.replace(data, texts=texts), groups_repeat=False) is not None


def test_the_most_frequent_label_of_the_others_counts_and_the_model_decides_between_equals():
    codes = np.array([0, 0, 1, 1])
    predicted = np.array([1, 2, 0, 1])
    # row 0: others are 0, 1, 1 -> 1; row 2: others are 0, 0, 1 -> 0
    assert _labels_of_others(codes, predicted, 3).tolist() == [1, 1, 0, 0]
    assert _labels_of_others(np.array([0, 1, 2]), np.array([2, 0, 0]), 3).tolist() == [2, 0, 0]


def test_a_family_without_predictions_is_not_judged(data):
    done = make_family(data, "logreg", error_rate=0.3)
    failed = make_family(data, "lstm", error_rate=0.3, status="failed")
    empty = make_family(data, "svm", error_rate=0.3, outer_logits=None)
    found = predictions_of(make_evidence(data, failed, done, empty))
    assert [each.family for each in found] == ["logreg"]


def test_predictions_of_two_repeats_stand_side_by_side(data):
    family = make_family(data, "logreg", error_rate=0.3, n_repeats=2)
    (own,) = predictions_of(make_evidence(data, family, n_repeats=2))
    assert (len(own.predicted), own.n_repeats) == (2 * data.n_rows, 2)
    assert own.first_partition().tolist() == list(range(data.n_rows))
    np.testing.assert_allclose(own.probabilities.sum(axis=1), 1)
    assert (own.probabilities.argmax(axis=1) == own.predicted).all()
