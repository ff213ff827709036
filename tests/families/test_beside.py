"""Columns beside the text as a model sees them: by the training rows alone; no outlier moves the rest."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from automl_text.families.beside import _WEIGHTS, _has_steps, _scale, encoded, given_to, with_beside
from automl_text.families.contract import Sample
from automl_text.families.tfidf import Features


def frame(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"text": pd.Series(["t"] * n, dtype=object), **columns})


def words(*cells):
    return pd.Series(cells, dtype=object)


def dense(matrix):
    return matrix.toarray()


def test_a_number_is_its_place_among_those_of_training():
    values = np.random.default_rng(0).normal(0, 100, 20) ** 3
    found = dense(encoded(frame(x=values))[0])[:, 0] / _WEIGHTS["numbers"]
    assert np.argsort(found).tolist() == np.argsort(values).tolist()
    assert np.sort(found) == pytest.approx(np.linspace(0, 1, 20), abs=1e-6)


def test_beyond_the_training_rows_a_number_is_at_their_end():
    train, new = frame(x=np.linspace(0, 7, 20) ** 2), frame(x=[-1e9, 1e9])
    assert dense(encoded(train, new)[1])[:, 0] / _WEIGHTS["numbers"] == pytest.approx([0, 1])


def test_a_number_that_is_missing_is_in_the_middle_and_said_to_be_missing():
    train = frame(x=[*np.linspace(0.5, 10.5, 21), np.nan])
    found = dense(encoded(train)[0]) / _WEIGHTS["numbers"]
    assert found[-1] == pytest.approx([found[10, 0], 1], abs=0.02)
    assert (found[:-1, 1] == 0).all()


def test_few_whole_numbers_are_categories_of_their_own():
    grades = frame(x=[1.0, 2.0, 3.0, 1.0, 2.0, 3.0])
    found = dense(encoded(grades)[0]) / _WEIGHTS["steps"]
    np.testing.assert_allclose(found, np.tile(np.eye(3), (2, 1)))


@pytest.mark.parametrize(
    ("values", "is_so"),
    [([1, 2, 3], True), ([1, 2.5], False), (range(11), False), ([1, np.nan, 2], True)],
)
def test_steps_are_whole_and_few(values, is_so):
    assert _has_steps(np.array(values, dtype=float)) is is_so


def test_a_category_seen_once_counts_like_one_that_was_never_seen():
    train = frame(x=words("web", "web", "mail", "mail", "fax", "telex"))
    new = frame(x=words("pigeon", "fax", "", "web"))
    seen, asked = (dense(each) for each in encoded(train, new))
    assert seen.shape[1] == 3
    assert asked[0].tolist() == asked[1].tolist() == seen[4].tolist() == seen[5].tolist()
    assert asked[3].tolist() == seen[0].tolist()


def test_columns_of_several_kinds_stand_side_by_side_each_with_its_weight():
    train = frame(kind=words(*"ab" * 15), x=np.linspace(0.5, 9.7, 30), step=[1.0, 2.0] * 15)
    found = dense(encoded(train)[0])
    assert found.shape == (30, 5)
    assert set(found[:, :4].ravel().round(6)) == {0, _WEIGHTS["categorical"]} == {0, _WEIGHTS["steps"]}
    assert found[:, 4].max() == pytest.approx(_WEIGHTS["numbers"])


@pytest.mark.parametrize(
    ("lengths", "scale"), [((1.0, np.sqrt(2)), 1.0), ((2.0, 1.0), np.sqrt(2)), ((0, 0), 1)]
)
def test_columns_weigh_as_much_beside_longer_rows_of_text(lengths, scale):
    assert _scale(csr_matrix(np.diag(lengths))) == pytest.approx(scale)
    assert _scale(np.diag(lengths)) == pytest.approx(scale)


def test_columns_follow_those_of_the_text_in_training_and_test_rows_alike():
    train, test = frame(x=[1.0, 2.0, 1.0]), frame(x=[2.0])
    text = Features(train=csr_matrix(np.eye(3)), test=csr_matrix(np.ones((1, 3))), notes=())
    made = Sample(
        train_texts=["t"] * 3,
        train_codes=np.array([0, 1, 0]),
        train_groups=np.arange(3),
        test_texts=["t"],
        n_classes=2,
        key="of the test of columns beside",
        train_frame=train,
        test_frame=test,
    )
    found = with_beside(text, made)
    assert found.n_beside == 2
    np.testing.assert_array_equal(dense(found.train)[:, :3], np.eye(3))
    np.testing.assert_array_equal(dense(found.test)[0, 3:], dense(found.train)[1, 3:])


def test_a_model_is_given_the_frame_only_if_it_was_fitted_on_one():
    class Reader:
        feature_names_in_ = ("text", "x")

    rows = frame(x=[1.0])
    assert given_to(Reader(), ["t"], rows) is rows
    assert given_to(object(), ["t"], rows) == ["t"]
    assert given_to(Reader(), ["t"], None) == ["t"]
