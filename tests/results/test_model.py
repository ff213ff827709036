"""Training texts are recognised by salted digests, whatever their case, blanks and punctuation."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_text.results.model import TextHashes, text_key

TEXTS = st.lists(st.text(string.ascii_letters + string.digits + " .,!?äß", max_size=12), max_size=12)


@given(TEXTS, TEXTS)
def test_exactly_the_texts_of_training_are_recognised(training, others):
    known = TextHashes.of(training, salt="s")
    keys = {text_key(text) for text in training}
    assert known.recognise(training) == [True] * len(training)
    assert known.recognise(others) == [text_key(text) in keys for text in others]


@pytest.mark.parametrize(
    ("text", "same"),
    [("Where is it?", "where is  it"), ("ROBOT #2", "robot 2"), ("Straße", "STRASSE"), ("a\tb\n", "a b")],
)
def test_case_blanks_and_punctuation_make_no_other_text(text, same):
    assert TextHashes.of([text], salt="s").recognise([same]) == [True]


@pytest.mark.parametrize(
    ("text", "other"), [("a b", "ab"), ("+++", "---"), ("order 12", "order 13"), ("", "?")]
)
def test_another_text_is_another_one(text, other):
    assert TextHashes.of([text], salt="s").recognise([other]) == [False]


def test_a_digest_tells_nothing_without_its_salt():
    first, second = (TextHashes.of(["a secret text"], salt=salt) for salt in ("one", "two"))
    assert first.digests != second.digests
    assert len(base64.b64decode(first.digests)) == 8
    assert "secret" not in first.model_dump_json()


def test_the_order_of_the_rows_and_their_repetitions_leave_no_trace():
    assert TextHashes.of(["b", "a", "A "], salt="s") == TextHashes.of(["a", "b"], salt="s")


def test_a_file_of_a_version_that_kept_punctuation_is_read_as_it_was_written():
    """Digests as they were made then: of the folded text with its signs."""
    now = TextHashes.of(["is it"], salt="s")
    then = TextHashes(salt="s", digests=now.digests, form="blanks")
    assert then.recognise(["IS  it", "is it?"]) == [True, False]
    assert now.recognise(["IS  it", "is it?"]) == [True, True]
