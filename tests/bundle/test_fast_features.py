"""Remembering words changes the time alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline

from automl_text.bundle import fast_features
from automl_text.bundle.fast_features import fast_predict
from automl_text.families import counts

from .conftest import LABELS, TEXTS

WORDS = [
    "invoice",
    "Screen",
    "a",
    "été",
    "ΑΣ",
    "İx",
    "你好",
    "ß",
    "don't",
    "x_1",
    "\u00a0",
    "\n",
    "  ",
    "number",
]
one_text = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=8).map(" ".join)


def vectorizers() -> dict[str, object]:
    pattern = r"(?u)\b\w+\b"
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32, token_pattern=pattern)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), dtype=np.float32)
    return {
        "words": words,
        "long words": TfidfVectorizer(ngram_range=(2, 3)),
        "characters": characters,
        "characters as they are": TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 3), lowercase=False, norm=None
        ),
        "both": FeatureUnion([("words", words), ("characters", characters)]),
    }


FITTED = {
    name: make_pipeline(vectorizer, LogisticRegression()).fit(
        [*TEXTS, *WORDS], [*LABELS, *(["chat"] * len(WORDS))]
    )
    for name, vectorizer in vectorizers().items()
}


@pytest.mark.parametrize("name", FITTED)
@settings(max_examples=30, deadline=None)
@given(texts=st.lists(one_text, min_size=1, max_size=5))
def test_features_and_probabilities_equal_scikit_learns(name, texts):
    vectorizer = FITTED[name][0]
    fast = fast_features._fast_transform(vectorizer)
    expected, got = vectorizer.transform(texts), fast(texts)
    assert (expected != got).nnz == 0
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(fast_predict(FITTED[name])(texts)[0], FITTED[name].predict_proba(texts))


def test_the_largest_logit_is_told_of_linear_models_alone():
    three = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, np.arange(len(TEXTS)) % 3)
    np.testing.assert_array_equal(fast_predict(three)(TEXTS)[1], three.decision_function(TEXTS).max(axis=1))
    two = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, np.arange(len(TEXTS)) % 2)
    halves = np.column_stack([-two.decision_function(TEXTS), two.decision_function(TEXTS)]) / 2
    np.testing.assert_allclose(fast_predict(two)(TEXTS)[1], halves.max(axis=1))
    nearest = make_pipeline(TfidfVectorizer(), KNeighborsClassifier(1)).fit(TEXTS, np.arange(len(TEXTS)) % 2)
    assert fast_predict(nearest)(TEXTS)[1] is None


def test_the_memory_for_words_is_bounded(monkeypatch):
    monkeypatch.setattr(counts, "_REMEMBERED_WORDS", 3)
    pipeline = FITTED["characters"]
    np.testing.assert_array_equal(fast_predict(pipeline)(TEXTS)[0], pipeline.predict_proba(TEXTS))


@pytest.mark.parametrize(
    "vectorizer",
    [
        TfidfVectorizer(analyzer="char"),
        TfidfVectorizer(binary=True),
        TfidfVectorizer(stop_words=["number"]),
        TfidfVectorizer(tokenizer=str.split, token_pattern=None),
        TfidfVectorizer(strip_accents="unicode"),
        FeatureUnion([("a", TfidfVectorizer()), ("b", TfidfVectorizer(binary=True))]),
        FeatureUnion([("a", TfidfVectorizer())], transformer_weights={"a": 2.0}),
    ],
)
def test_what_is_not_known_is_left_to_scikit_learn(vectorizer):
    pipeline = make_pipeline(vectorizer, LogisticRegression()).fit(TEXTS, LABELS)
    assert fast_features._fast_transform(pipeline[0]) is None
    np.testing.assert_array_equal(fast_predict(pipeline)(TEXTS)[0], pipeline.predict_proba(TEXTS))
