from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from automl_text.data import similarity
from automl_text.data.similarity import ngram_tfidf, normalise, similar_texts

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
sentences = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=3, max_size=8).map(" ".join),
    min_size=2,
    max_size=40,
    unique=True,
)


def oracle(texts: list[str]) -> np.ndarray:
    """All cosines by scikit-learn."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(3, 5)).fit_transform(texts)
    return (vectors @ vectors.T).toarray()


def same_components(first: np.ndarray, second: np.ndarray) -> bool:
    return len(set(zip(first, second, strict=True))) == len(set(first)) == len(set(second))


@settings(max_examples=30, deadline=None)
@given(sentences)
def test_weights_are_those_of_scikit_learn(texts):
    vectors = ngram_tfidf(texts)
    np.testing.assert_allclose((vectors @ vectors.T).toarray(), oracle(texts), atol=1e-3)


@settings(max_examples=30, deadline=None)
@given(sentences, st.sampled_from([0.3, 0.5, 0.75, 0.9]))
def test_components_are_those_of_all_pairs(texts, threshold):
    texts = [text for text in texts if len(text) >= 12]
    if not texts:
        return
    cosines = oracle(texts)
    if np.any(np.abs(cosines - threshold) < 1e-3):
        return  # a pair on the threshold itself may fall to either side
    links = similar_texts(texts, threshold=threshold)
    graph = sparse.coo_array((np.ones(len(links.first)), (links.first, links.second)), shape=cosines.shape)
    expected = connected_components(sparse.csr_array(cosines >= threshold))[1]
    assert same_components(connected_components(graph, directed=False)[1], expected)


def test_links_keep_every_stricter_component():
    rng = np.random.default_rng(0)
    texts = sorted({" ".join(rng.choice(WORDS, 9)) for _ in range(150)})
    links, cosines = similar_texts(texts, threshold=0.6), oracle(texts)
    for stricter in (0.7, 0.8, 0.9):
        kept = links.cosine >= stricter
        graph = sparse.coo_array(
            (np.ones(kept.sum()), (links.first[kept], links.second[kept])), shape=cosines.shape
        )
        expected = connected_components(sparse.csr_array(cosines >= stricter))[1]
        assert same_components(connected_components(graph, directed=False)[1], expected)


def test_small_blocks_give_the_same_links(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(1)
    texts = sorted({" ".join(rng.choice(WORDS, 9)) for _ in range(120)})
    whole = similar_texts(texts)
    monkeypatch.setattr(similarity, "_BLOCK", 100)
    monkeypatch.setattr(similarity, "_MAX_PRODUCTS", 50)
    monkeypatch.setattr(similarity, "_MAX_VERIFIED", 7)
    monkeypatch.setattr(similarity, "_MAX_PAIRS", 10)
    blocks = similar_texts(texts)
    assert sorted(whole.cosine.round(5)) == sorted(blocks.cosine.round(5))


def test_long_texts_are_compared_by_a_sample_of_their_ngrams():
    rng = np.random.default_rng(0)
    vocabulary = ["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 6)) for _ in range(2000)]
    texts = [" ".join(rng.choice(vocabulary, 400)) for _ in range(20)]
    copies = [" ".join([*text.split()[:200], "one", "more", *text.split()[203:]]) for text in texts]
    vectors, cosines = ngram_tfidf(texts + copies), oracle(texts + copies)
    assert np.diff(vectors.indptr).max() < 800
    np.testing.assert_allclose((vectors @ vectors.T).toarray(), cosines, atol=0.12)
    links = similar_texts(texts + copies)
    assert {frozenset(pair) for pair in zip(links.first.tolist(), links.second.tolist(), strict=True)} == {
        frozenset([n, n + 20]) for n in range(20)
    }


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Hello,   WORLD! ", "hello world"),
        ("can't stop", "cant stop"),
        ("can\N{RIGHT SINGLE QUOTATION MARK}t stop", "cant stop"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER F}ull width", "full width"),
        ("Straße", "strasse"),
        (" ?! ", "?!"),
        ("", ""),
        ("我的 包裹", "我的 包裹"),
    ],
)
def test_normalising_keeps_the_words_alone(text, normal):
    assert normalise(text) == normal


def test_of_many_texts_nearly_all_near_duplicates_are_found_among_those_that_share_a_rare_run(
    monkeypatch: pytest.MonkeyPatch,
):
    rng = np.random.default_rng(0)
    texts = [" ".join("".join(rng.choice(list("abcdefghij"), 6)) for _ in range(6)) for _ in range(400)]
    slips = [
        text[:at] + "x" + text[at + 1 :] for text, at in zip(texts, rng.integers(0, 40, 400), strict=True)
    ]
    exact = similar_texts([*texts, *slips])
    assert len(exact.first) == 400
    monkeypatch.setattr(similarity, "MOST_EXACT", 799)
    found = similar_texts([*texts, *slips])
    assert len(found.first) >= 0.98 * 400
    assert set(zip(found.first, found.second, strict=True)) <= set(
        zip(exact.first, exact.second, strict=True)
    )
