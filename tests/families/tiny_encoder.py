"""An ONNX model of one lookup table, written by hand: an encoder of which every vector is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.place import EncoderPlace

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARY = ("[UNK]", "late", "parcel", "password")
TABLE = np.array([[0, 0, 0, 1], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]], dtype=np.float32)
"""One row per token."""
_FLOAT, _INT64 = 1, 7


def write_tiny_encoder(folder: Path, *, model: str = "model.onnx", is_outside: bool = False) -> Path:
    """Write the model and its tokenizer into ``folder`` and return it."""
    (folder / model).parent.mkdir(parents=True, exist_ok=True)
    (folder / model).write_bytes(_model(is_outside=is_outside))
    tokenizer = {
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {
            "type": "WordLevel",
            "vocab": {word: place for place, word in enumerate(VOCABULARY)},
            "unk_token": "[UNK]",
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps({"version": "1.0", "added_tokens": [], **tokenizer}))
    return folder


def place_of(folder: Path) -> EncoderPlace:
    """Return where the encoder in ``folder`` lies, under the folder's name."""
    return EncoderPlace(name=folder.name, folder=str(folder), digest=folder_digest(folder))


def _model(*, is_outside: bool) -> bytes:
    """Return a ModelProto with one Gather(table, input_ids); numbers are fields of onnx.proto."""
    table = (
        _varint(1, 4) + _varint(1, 4) + _varint(2, _FLOAT) + _bytes(8, b"table") + _bytes(9, TABLE.tobytes())
    )
    table += _varint(14, 1) if is_outside else b""  # its numbers are said to be in another file
    node = _bytes(1, b"table") + _bytes(1, b"input_ids") + _bytes(2, b"vectors") + _bytes(4, b"Gather")
    graph = _bytes(1, node) + _bytes(2, b"tiny") + _bytes(5, table)
    graph += _bytes(11, _value(b"input_ids", _INT64, 2)) + _bytes(12, _value(b"vectors", _FLOAT, 3))
    return _varint(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _varint(2, 13))


def _value(name: bytes, kind: int, n_dimensions: int) -> bytes:
    shape = b"".join(_bytes(1, _bytes(2, f"{name.decode()}{axis}".encode())) for axis in range(n_dimensions))
    return _bytes(1, name) + _bytes(2, _bytes(1, _varint(1, kind) + _bytes(2, shape)))


def _varint(field: int, value: int) -> bytes:
    return _number(field << 3) + _number(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _number(field << 3 | 2) + _number(len(content)) + content


def _number(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + _number(value >> 7)
