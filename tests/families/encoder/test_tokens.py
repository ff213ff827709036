"""Texts that a tokenizer can read, tokenizers that keep their measure, and tensors as safetensors writes them."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_text.errors import InputError
from automl_text.families.encoder.tokens import (
    _growth,
    at_length_1,
    first_line,
    lacks_memory,
    read_tensors,
    readable,
)

SMALL = settings(max_examples=40, deadline=None)


def safetensors(header, body=b""):
    said = json.dumps(header).encode()
    return struct.pack("<Q", len(said)) + said + body


@SMALL
@given(st.text(alphabet=st.characters(), max_size=30))
def test_whatever_is_read_can_be_encoded_and_whole_characters_stay(text):
    found = readable(text)
    assert found.encode().decode() == found
    assert found == "".join("?" if "\ud800" <= sign <= "\udfff" else sign for sign in text)


def test_a_text_without_end_is_read_to_a_limit():
    assert len(readable("a" * 10**6)) == 100_000


def replace(pattern, content):
    return {"type": "Replace", "pattern": {"String": pattern}, "content": content}


@pytest.mark.parametrize(
    ("normalizer", "times"),
    [
        (None, 1),
        ({"type": "Lowercase"}, 1),
        (replace("a", "bb"), 2),
        (replace("aa", "b"), 1),
        (replace("", "xyz"), 4),
        ({"type": "Replace", "pattern": {"Regex": "."}, "content": "ab"}, 3),
        ({"type": "Sequence", "normalizers": [replace("a", "b" * 10), replace("b", "c" * 10)]}, 100),
        ({"type": "Sequence", "normalizers": "none"}, 1),
    ],
)
def test_a_normalizer_lengthens_a_text_at_most_so_many_times(normalizer, times):
    assert _growth(normalizer) == times


@SMALL
@given(
    st.lists(st.tuples(st.text("ab", min_size=1, max_size=2), st.text("ab", max_size=4)), max_size=3),
    st.text("ab"),
)
def test_no_text_outgrows_what_its_normalizer_was_found_to_do(steps, text):
    sequence = {"type": "Sequence", "normalizers": [replace(*step) for step in steps]}
    grown = text
    for pattern, content in steps:
        grown = grown.replace(pattern, content)
    assert len(grown) <= _growth(sequence) * len(text) + 1e-9


@pytest.mark.parametrize(
    ("name", "dtype"), [("F64", "<f8"), ("F32", "<f4"), ("F16", "<f2"), ("I64", "<i8"), ("U8", "u1")]
)
def test_tensors_come_back_with_their_type_and_shape(name, dtype):
    values = np.arange(6).reshape(2, 3).astype(dtype)
    header = {
        "__metadata__": {"format": "pt"},
        "w": {"dtype": name, "shape": [2, 3], "data_offsets": [2, 2 + values.nbytes]},
    }
    found = read_tensors(safetensors(header, b"--" + values.tobytes()), "m")
    assert list(found) == ["w"]
    np.testing.assert_array_equal(found["w"], values)
    assert found["w"].dtype == np.dtype(dtype)


def test_half_of_a_float_is_the_float_cut_behind_its_second_byte():
    values = np.array([1.0, -2.5, 3.140625], dtype="<f4")
    upper = values.view("<u4").astype(np.uint32) >> 16
    header = {"w": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}
    np.testing.assert_array_equal(
        read_tensors(safetensors(header, upper.astype("<u2").tobytes()), "m")["w"], values
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 20,
        safetensors([]),
        safetensors({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, bytes(4)),
        safetensors({"w": {"dtype": "F8", "shape": [1], "data_offsets": [0, 1]}}, bytes(1)),
        safetensors({"w": {"shape": [1]}}),
    ],
)
def test_what_is_no_safetensors_file_is_refused_by_name(content):
    with pytest.raises(InputError, match=r"^m: is damaged or no safetensors file"):
        read_tensors(content, "m")


def test_vectors_have_length_1_and_none_has_none():
    assert at_length_1(np.array([3.0, 4.0])) == pytest.approx([0.6, 0.8])
    assert at_length_1(np.zeros(2)).tolist() == [0, 0]


def test_an_error_is_told_in_a_line_of_its_own_or_by_its_kind():
    assert first_line(ValueError(" first\nsecond")) == "first"
    assert first_line(KeyError()) == "KeyError"
    assert len(first_line(ValueError("x" * 999))) == 200


@pytest.mark.parametrize(
    ("error", "lacks"), [(MemoryError(), True), (RuntimeError("bad alloc"), True), (ValueError("x"), False)]
)
def test_a_library_that_got_no_memory_is_told_from_a_file_that_is_wrong(error, lacks):
    assert lacks_memory(error) is lacks
