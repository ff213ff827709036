"""Whether all weights of an ONNX model are inside its file, found without a library.

Numbers are fields of onnx.proto. Large fields are skipped by their length, so a model of any size takes milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODEL = {7: "graph", 25: "function"}
_INSIDE = {
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""Message to the fields of it that may hold a tensor, with the message that each of them is."""
_EXTERNAL, _LOCATION = 13, 14
"""Fields of a tensor that say that its numbers are elsewhere."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def weights_outside(model: bytes) -> bool:
    """Return whether the model asks for weights in another file.

    Raises
    ------
    ValueError
        If it is no ONNX model.
    """
    return _any_outside(memoryview(model), _MODEL)


def _any_outside(message: memoryview, inside: dict[int, str]) -> bool:
    """Return whether a tensor of the message keeps its numbers in another file."""
    for field, value in _fields(message):
        kind = inside.get(field)
        if kind is None or isinstance(value, int):
            continue
        is_outside = _is_outside(value) if kind == "tensor" else _any_outside(value, _INSIDE[kind])
        if is_outside:
            return True
    return False


def _is_outside(tensor: memoryview) -> bool:
    return any(field == _EXTERNAL or (field == _LOCATION and bool(value)) for field, value in _fields(tensor))


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the number and the value of each field: an integer, or the bytes of what has a length."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        wire, size = key & 7, {_FIXED64: 8, _FIXED32: 4}.get(key & 7, 0)
        if wire == _VARINT:
            number, place = _varint(message, place)
            yield key >> 3, number
            continue
        if wire == _BYTES:
            size, place = _varint(message, place)
        elif not size:
            raise ValueError("no ONNX model")
        if place + size > len(message):
            raise ValueError("an ONNX model that is cut off")
        yield key >> 3, message[place : place + size]
        place += size


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    number = shift = 0
    while shift < 70:  # noqa: PLR2004  (ten bytes of seven bits)
        if place >= len(message):
            raise ValueError("an ONNX model that is cut off")
        byte = message[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:  # noqa: PLR2004
            return number, place
    raise ValueError("no ONNX model")
