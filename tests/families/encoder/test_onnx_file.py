"""Weights in another file are found wherever a model hides them; what is no model is refused, whatever its bytes."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automl_text.families.encoder.onnx_file import _fields, _varint, weights_outside

SMALL = settings(max_examples=40, deadline=None)


def varint(number):
    """Encode as protobuf's documentation says: seven bits a byte, the lowest first."""
    *low, last = [number >> shift & 127 for shift in range(0, max(number.bit_length(), 1), 7)]
    return bytes([*(each | 128 for each in low), last])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def flag(number, value):
    return varint(number << 3) + varint(value)


OUTSIDE = {"names a file": field(13, b"weights.bin"), "says where": flag(14, 1)}
INSIDE = flag(2, 1) + field(9, bytes(40)) + flag(14, 0)
PLACES = {
    "an initializer": (7, 5),
    "a constant": (7, 1, 5, 5),
    "one of several constants": (7, 1, 5, 10),
    "the branch of a condition": (7, 1, 5, 6, 5),
    "one of several branches": (7, 1, 5, 11, 1, 5, 5),
    "a sparse initializer": (7, 15, 1),
    "the indices of a sparse constant": (7, 1, 5, 22, 2),
    "a function": (25, 7, 5, 5),
}


def model(places, tensor):
    for number in reversed(places):
        tensor = field(number, tensor)
    return flag(1, 8) + field(2, b"pytorch") + tensor


@pytest.mark.parametrize("outside", OUTSIDE.values(), ids=OUTSIDE)
@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES)
def test_weights_outside_are_found_wherever_a_tensor_may_stand(places, outside):
    assert weights_outside(model(places, INSIDE + outside))
    assert not weights_outside(model(places, INSIDE))


def test_a_second_tensor_counts_as_much_as_the_first():
    graph = field(5, INSIDE) * 3 + field(5, OUTSIDE["says where"])
    assert weights_outside(field(7, graph))


@SMALL
@given(st.integers(0, 2**70 - 1))
@example(127)
@example(128)
def test_numbers_come_back_as_they_were_written(number):
    assert _varint(memoryview(varint(number) + b"rest"), 0) == (number, len(varint(number)))


@SMALL
@given(st.lists(st.tuples(st.integers(1, 500), st.one_of(st.integers(0, 2**40), st.binary(max_size=20)))))
def test_fields_come_back_in_their_order(given_fields):
    message = b"".join(
        field(number, value) if isinstance(value, bytes) else flag(number, value)
        for number, value in given_fields
    )
    found = [
        (number, value if isinstance(value, int) else bytes(value))
        for number, value in _fields(memoryview(message))
    ]
    assert found == given_fields


def test_numbers_of_fixed_width_are_passed_over():
    message = varint(3 << 3 | 1) + bytes(8) + varint(4 << 3 | 5) + bytes(4) + flag(9, 7)
    assert list(_fields(memoryview(message)))[-1] == (9, 7)


@SMALL
@given(st.binary(max_size=60))
def test_any_bytes_are_a_model_or_a_refusal(content):
    with suppress(ValueError):
        assert weights_outside(content) in {True, False}


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_model_that_is_cut_off_is_refused(cut):
    whole = field(7, field(5, field(9, bytes(20))))
    with pytest.raises(ValueError, match="cut off"):
        weights_outside(whole[:-cut])
