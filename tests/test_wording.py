import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.wording import BLOCK, excerpt, listed, printable, refusal, short_label

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
def test_nothing_invisible_is_left(text):
    assert all(unicodedata.category(c) not in HIDDEN for c in printable(text))
    assert all(unicodedata.category(c) not in HIDDEN for c in printable(text, kept=BLOCK) if c not in BLOCK)


@given(st.text(string.printable.replace("\r", "").replace("\x0b", "").replace("\x0c", "")))
def test_ordinary_text_is_untouched(text):
    assert printable(text, kept=BLOCK) == text


@given(ANY_TEXT, st.integers(2, 50))
def test_an_excerpt_is_one_line_within_its_limit(text, limit):
    shown = excerpt(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert "\t" not in shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("abc\u202egnp", "abc\\u202egnp"),
        ("\x1b]8;;x\x07", "\\x1b]8;;x\\x07"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028two", "line\\u2028two"),
        ("👩\u200d💻 na\u0308h", "👩\u200d💻 na\u0308h"),
        ("\ud800", "\\ud800"),
        ("", ""),
    ],
)
def test_hidden_characters_are_written_out(given, shown):
    assert printable(given, kept=BLOCK) == shown


def test_a_cut_text_says_that_it_was_cut():
    assert excerpt("one two three", 9) == "one two…"
    assert excerpt("word " * 1000, 9).endswith("…")


def test_a_blank_label_is_named():
    assert short_label("  ") == "(blank)"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b", "c"), "a, b and c"),
        (tuple("abcdefgh"), "a, b, c, d, e and 3 more"),
    ],
)
def test_a_long_listing_is_counted(words, shown):
    assert listed(words) == shown


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["a"], "'a'"),
        (list("abcdefg"), "'a', 'b', 'c', 'd', 'e' and 2 more"),
        (["x" * 80], "'" + "x" * 60 + "\N{HORIZONTAL ELLIPSIS}'"),
        (["line\nend"], "'line\\nend'"),
    ],
)
def test_names_are_quoted_and_cut(names, shown):
    assert listed(names, in_quotes=True) == shown


def test_a_refusal_shows_a_blank_that_is_none():
    assert str(refusal("a.csv", "there is no column 'the\xa0text'", "Look")) == (
        r"a.csv: there is no column 'the\xa0text'. Look."
    )
