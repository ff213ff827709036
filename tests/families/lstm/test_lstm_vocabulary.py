import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.families.lstm.vocabulary import UNKNOWN, Vocabulary, _tokenize
from automl_text.families.tfidf import WORDS_OF_ANY_LENGTH


def learn(texts, *, min_count=1, max_words=100, length_percentile=100.0, max_tokens=50):
    return Vocabulary.learn(
        texts,
        min_count=min_count,
        max_words=max_words,
        length_percentile=length_percentile,
        max_tokens=max_tokens,
    )


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Where is my REFUND?!", ["where", "is", "my", "refund"]),
        ("don't 'quote' me", ["don't", "quote", "me"]),
        ("don\u2019t", ["don\u2019t"]),
        ("e-mail a_b 3.5", ["e", "mail", "a", "b", "3", "5"]),
        ("退款 please", ["退", "款", "please"]),
        ("\uff46ull", ["full"]),
        ("हिन्दी भाषा।", ["हिन्दी", "भाषा"]),
        ("Straße été", ["straße", "été"]),
        ("👍 ok", ["👍", "ok"]),
        ("love it😍😍 :) :-(( xD", ["love", "it", "😍", "😍", ":)", ":-((", "xd"]),
        ("C++ or C# or .NET, 5€", ["c++", "or", "c#", "or", "net", "5", "€"]),
        ("#sale @bob a#b x:y", ["#sale", "@bob", "a", "b", "x", "y"]),
        ("\u2764\ufe0f \U0001f469\u200d\U0001f4bb", ["\u2764", "\U0001f469", "\U0001f4bb"]),
        ("...", []),
        ("", []),
    ],
)
def test_words_are_cut_as_a_reader_would(text, tokens):
    assert _tokenize(text) == tokens


@given(st.text(alphabet=st.sampled_from('abCd19 \n.,!?:;()#@+-=*/<>|^[]&%$"~€★😍')))
def test_words_are_those_of_the_linear_families(text):
    assert _tokenize(text) == re.findall(WORDS_OF_ANY_LENGTH, text.lower())


def test_words_stand_by_frequency_then_alphabet():
    assert learn(["b a c", "c b", "c"]).words == ("c", "b", "a")


def test_rare_words_and_words_beyond_the_limit_are_unknown():
    vocabulary = learn(["b a c", "c b", "c"], min_count=2, max_words=1)
    assert vocabulary.words == ("c",)
    assert vocabulary.encode(["c b z"]).numbers.tolist() == [[2, UNKNOWN, UNKNOWN]]


def test_length_is_the_percentile_and_at_most_the_cap():
    texts = ["w " * n for n in (1, 2, 3, 4, 100)]
    assert learn(texts, length_percentile=75.0).max_tokens == 4
    assert learn(texts).max_tokens == 50


def test_texts_are_padded_behind_and_cut_behind():
    rows = learn(["a b c", "d"], max_tokens=2).encode(["a b c", "d", "!"])
    assert rows.numbers.tolist() == [[2, 3], [4, 0], [UNKNOWN, 0]]
    assert rows.lengths.tolist() == [2, 1, 1]


def test_texts_without_any_word_still_have_a_vocabulary():
    vocabulary = learn(["?", ""])
    assert vocabulary.words == ()
    assert vocabulary.encode(["?"]).numbers.tolist() == [[UNKNOWN]]
    assert vocabulary.encode([]).numbers.shape == (0, 1)


@given(st.lists(st.text(), min_size=1, max_size=8))
def test_every_row_holds_as_many_numbers_as_its_length(texts):
    rows = learn(texts).encode(texts)
    np.testing.assert_array_equal((rows.numbers > 0).sum(axis=1), rows.lengths)


def test_words_that_no_network_reads_are_not_known():
    assert learn(["b a", "b c z", "b z z z"], max_tokens=2).words == ("b", "a", "c", "z")
    assert learn(["b a", "b c", "b c z z"], max_tokens=2).words == ("b", "c", "a")
