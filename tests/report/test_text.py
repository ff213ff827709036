import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.report.text import excerpt, listing, short_label, visible

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
def test_nothing_invisible_is_left(text):
    kept = "\n\t\u200c\u200d"
    assert all(unicodedata.category(c) not in HIDDEN for c in visible(text) if c not in kept)


@given(st.text(string.printable.replace("\r", "").replace("\x0b", "").replace("\x0c", "")))
def test_ordinary_text_is_untouched(text):
    assert visible(text) == text


@given(ANY_TEXT, st.integers(2, 50))
def test_an_excerpt_is_one_line_within_its_limit(text, limit):
    shown = excerpt(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert "\t" not in shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("abc\u202egnp", "abc[U+202E]gnp"),
        ("\x1b]8;;x\x07", "␛]8;;x␇"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("line\u2028two", "line[U+2028]two"),
        ("👩\u200d💻 na\u0308h", "👩\u200d💻 na\u0308h"),
        ("\ud800", "[U+D800]"),
        ("", ""),
    ],
)
def test_hidden_characters_are_written_out(given, shown):
    assert visible(given) == shown


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
        (tuple("abcdefgh"), "a, b, c, d, e, f and 2 more"),
    ],
)
def test_a_long_listing_is_counted(words, shown):
    assert listing(words) == shown
