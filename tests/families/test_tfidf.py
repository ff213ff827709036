from __future__ import annotations

import re
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from automl_text.families import counts as counts_module
from automl_text.families.contract import Sample
from automl_text.families.counts import CountTable, Pieces
from automl_text.families.tfidf import (
    WORDS_OF_ANY_LENGTH,
    WORDS_OF_TWO_LETTERS,
    TfidfSettings,
    _table,
    fitted_vectorizer,
    sample_features,
)

BASE = TfidfSettings(
    pieces="both",
    word_ngram_max=2,
    one_letter_words=True,
    char_ngram_min=2,
    char_ngram_max=4,
    sublinear=True,
    min_df=1,
    max_features=0,
)
TEXTS = [
    "I need  a refund, a refund!",
    "Wo ist mein Päckchen?",
    "你好 世界 你好",
    "\tlogin\nlogin fails",
    "ΟΔΟΣ Σ",
]


def _sample(train: list[str], test: list[str], key: str) -> Sample:
    codes = np.zeros(len(train), dtype=np.int64)
    return Sample(
        train_texts=train, train_codes=codes, train_groups=codes, test_texts=test, n_classes=1, key=key
    )


@pytest.mark.parametrize(
    ("pieces", "is_found"), [("characters", True), ("characters_across", True), ("words", False)]
)
def test_characters_find_what_texts_without_blanks_share(pieces: str, *, is_found: bool):
    parcel, also_parcel = "我的包裹在哪里呢", "包裹还没有到"
    chosen = replace(BASE, pieces=pieces, char_ngram_min=2)
    ours = sample_features(_sample([parcel, "我被收了两次钱"], [also_parcel], f"blanks {pieces}"), chosen)
    assert bool(ours.test @ ours.train[0].T) is is_found


@pytest.mark.parametrize("pieces", ["words", "characters", "both", "characters_across"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sublinear": False, "one_letter_words": False},
        {"min_df": 2, "word_ngram_max": 1},
        {"max_features": 7},
    ],
)
def test_features_are_those_of_scikit_learn_to_the_last_bit(pieces: str, changes: dict[str, object]):
    chosen = replace(BASE, pieces=pieces, **changes)
    train, test = TEXTS * 2, ["a new refund", "", *TEXTS]
    ours = sample_features(_sample(train, test, f"bits {pieces} {changes}"), chosen)
    vectorizer, fitted = fitted_vectorizer(train, chosen)
    np.testing.assert_array_equal(ours.train.toarray(), fitted.toarray())
    np.testing.assert_array_equal(ours.test.toarray(), vectorizer.transform(test).toarray())
    assert ours.train.dtype == np.float32


@pytest.mark.parametrize("changes", [{}, {"min_df": 2}, {"max_features": 7}])
def test_features_made_in_blocks_by_a_table_that_forgets_are_the_same(changes, monkeypatch):
    chosen, train, test = replace(BASE, **changes), TEXTS * 2, ["a new refund", "", *TEXTS]
    whole = sample_features(_sample(train, test, f"whole {changes}"), chosen)
    monkeypatch.setattr(counts_module, "_BLOCK_ROWS", 2)
    monkeypatch.setattr(counts_module, "_MUCH", 0)
    for name in ("blocks", "again"):
        made = sample_features(_sample(train, test, f"{name} {changes}"), chosen)
        np.testing.assert_array_equal(made.train.toarray(), whole.train.toarray())
        np.testing.assert_array_equal(made.test.toarray(), whole.test.toarray())
    assert not any(_table(pieces)._row_of for _, pieces in chosen.blocks())


def test_nothing_of_the_test_rows_is_learned():
    seen = sample_features(_sample(TEXTS, ["unheard of"], "leak 1"), BASE)
    other = sample_features(_sample(TEXTS, ["unheard unheard refund"] * 50, "leak 2"), BASE)
    np.testing.assert_array_equal(seen.train.toarray(), other.train.toarray())


def test_features_are_counted_with_all_their_arrays():
    features = sample_features(_sample(TEXTS, TEXTS[:2], "bytes"), BASE)
    arrays = [array for each in (features.train, features.test) for array in vars(each).values()]
    assert features.n_bytes == sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


@pytest.mark.parametrize("analyzer", ["word", "char_wb", "char"])
def test_a_table_counts_what_it_takes(analyzer: str):
    draw = np.random.default_rng(0)
    words = ["".join(chr(97 + letter) for letter in draw.integers(0, 26, 6)) for _ in range(2000)]
    CountTable(Pieces(analyzer=analyzer, ngram_min=1, ngram_max=3)).counts(["what is imported late"])
    tracemalloc.start()
    try:
        table = CountTable(Pieces(analyzer=analyzer, ngram_min=1, ngram_max=3))
        table.counts([" ".join(draw.choice(words, 20)) for _ in range(500)])
        table.alphabetical_ranks()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert table.n_bytes == pytest.approx(taken, rel=0.25)


def test_a_large_table_forgets_the_texts_of_other_data(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counts_module, "MAX_BYTES", 1000)
    table = CountTable(Pieces(analyzer="word", ngram_min=1, ngram_max=1))
    first, other = ([f"{name}{number} again" for number in range(50)] for name in ("first", "other"))
    table.counts(first)
    alone = table.n_bytes
    table.counts([*first, "one more"])
    assert table.n_bytes > alone
    counts = table.counts(other)
    assert table.n_bytes == alone
    by_rank = counts[:, np.argsort(table.alphabetical_ranks())].toarray()
    np.testing.assert_array_equal(by_rank, CountVectorizer().fit_transform(other).toarray())


def test_what_reading_a_text_takes_is_known_of_texts_that_were_read_before():
    texts = [f"{number} " + "some words of a long text " * 300 for number in range(20)]
    first, again = (sample_features(_sample(texts, texts[:5], key), BASE) for key in ("first", "again"))
    started = time.process_time()
    fitted_vectorizer(texts, BASE)[0].transform(texts)
    by_scikit_learn = (time.process_time() - started) / (2 * len(texts))
    for features in (first, again):
        assert by_scikit_learn / 50 < features.seconds_per_text < by_scikit_learn * 2


def test_trials_that_share_features_share_the_same_matrices():
    sample = _sample(TEXTS, TEXTS, "shared")
    assert sample_features(sample, BASE) is sample_features(sample, replace(BASE))
    assert sample_features(sample, BASE) is not sample_features(sample, replace(BASE, sublinear=False))


@pytest.mark.parametrize(
    ("texts", "changes", "note"),
    [
        (["one", "two"], {"min_df": 2}, "Nothing occurs in 2 training texts"),
        (["!!", "??"], {}, "no words; characters were used"),
        (["", " "], {}, "texts are empty"),
    ],
)
def test_too_little_text_falls_back_and_says_so(texts: list[str], changes: dict[str, object], note: str):
    chosen = replace(BASE, **changes)
    features = sample_features(_sample(texts, ["one"], str(texts)), chosen)
    vectorizer, fitted = fitted_vectorizer(texts, chosen)
    assert note in " ".join(features.notes)
    np.testing.assert_array_equal(features.train.toarray(), fitted.toarray())
    np.testing.assert_array_equal(features.test.toarray(), vectorizer.transform(["one"]).toarray())


def test_characters_serve_a_language_without_blanks():
    vectorizer, fitted = fitted_vectorizer(["我的包裹在哪里", "包裹丢了"], replace(BASE, pieces="characters"))
    assert "包裹" in vectorizer.get_feature_names_out()
    assert fitted.nnz > 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=6), st.sampled_from(["word", "char_wb", "char"]))
def test_counts_of_any_text_are_those_of_scikit_learn(texts: list[str], analyzer: str):
    pieces = Pieces(analyzer=analyzer, ngram_min=1, ngram_max=3)
    table = CountTable(pieces)
    table.counts(texts[: len(texts) // 2])
    counts = table.counts(texts)
    by_rank = counts[:, np.argsort(table.alphabetical_ranks())].toarray()
    vectorizer = CountVectorizer(analyzer=analyzer, ngram_range=(1, 3))
    if by_rank.shape[1]:
        np.testing.assert_array_equal(by_rank, vectorizer.fit_transform(texts).toarray())


@pytest.mark.parametrize(
    ("text", "any_length", "two_letters"),
    [
        ("C++, C# or F#?", ["c++", "c#", "or", "f#"], ["c++", "c#", "or", "f#"]),
        (
            "#sale by @bob, me@x.com",
            ["#sale", "by", "@bob", "me", "x", "com"],
            ["#sale", "by", "@bob", "me", "com"],
        ),
        ("ok :-) or :( ;D", ["ok", ":-)", "or", ":(", ";d"], ["ok", ":-)", "or", ":(", ";d"]),
        ("😡😡 for 5€", ["😡", "😡", "for", "5", "€"], ["😡", "😡", "for", "€"]),
        (
            "don't, 12:30, http://a.de",
            ["don", "t", "12", "30", "http", "a", "de"],
            ["don", "12", "30", "http", "de"],
        ),
        ("我的包裹 丢了。", ["我的包裹", "丢了"], ["我的包裹", "丢了"]),
        ("น้ำ", ["น", "ำ"], []),
    ],
)
def test_symbols_that_say_something_are_words(text: str, any_length: list[str], two_letters: list[str]):
    for pattern, expected in ((WORDS_OF_ANY_LENGTH, any_length), (WORDS_OF_TWO_LETTERS, two_letters)):
        assert re.findall(pattern, text.lower()) == expected
