"""What both kinds of folders need: readable texts, a tokenizer that keeps its measure, tensors, unit vectors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from automl_text.families.encoder.folder import EncoderFiles

_MAX_CHARACTERS = 100_000
"""A text is read so far, some 15,000 words."""
_MAX_GROWTH = 1000
"""A tokenizer that makes more of a text than so many times its length is built to run out of memory."""
_KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "i1", "U8": "u1"}


def readable(text: str) -> str:
    """Return what a tokenizer can read: half of a character pair becomes a question mark, and the rest is cut."""
    return text[:_MAX_CHARACTERS].encode(errors="replace").decode()


def open_tokenizer(files: EncoderFiles, name: str) -> Any:  # a tokenizers.Tokenizer
    """Return the tokenizer, without padding.

    Raises
    ------
    InputError
        If it is damaged, or makes far more of a text than its length.
    """
    from tokenizers import Tokenizer

    said = files.json(name)
    if not isinstance(said, dict) or _growth(said.get("normalizer")) > _MAX_GROWTH:
        raise InputError(
            f"{files.folder / name}: would make a text more than {_MAX_GROWTH} times as long. Choose another encoder."
        )
    try:
        tokenizer = Tokenizer.from_buffer(files.read(name))
    except Exception as error:  # whatever the library raises
        raise InputError(
            f"{files.folder / name}: is no tokenizer ({first_line(error)}). Fetch the encoder again."
        ) from error
    tokenizer.no_padding()
    return tokenizer


def _growth(normalizer: Any) -> float:  # what JSON holds
    """Return how many times longer the steps of a tokenizer's normalizer can make a text, at most."""
    if not isinstance(normalizer, dict):
        return 1.0
    if normalizer.get("type") != "Replace":
        product = 1.0
        steps = normalizer.get("normalizers")
        for step in steps if isinstance(steps, list) else ():
            product *= _growth(step)
        return product
    pattern, content = normalizer.get("pattern"), str(normalizer.get("content", ""))
    plain = str(pattern.get("String", "")) if isinstance(pattern, dict) else ""
    return max(1.0, len(content) / len(plain) if plain else len(content) + 1.0)


def read_tensors(content: bytes, place: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a safetensors file, by name: a JSON header behind its length, then numbers.

    Raises
    ------
    InputError
        If it is none, is cut off, or holds a type that is not known here.
    """
    try:
        size = int.from_bytes(content[:8], "little")
        header, body = json.loads(content[8 : 8 + size]), memoryview(content)[8 + size :]
        return dict(_tensors(header, body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{place}: is damaged or no safetensors file ({first_line(error)}). Fetch the encoder again."
        ) from error


def _tensors(header: Any, body: memoryview) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, said in header.items():
        if name == "__metadata__":
            continue
        start, end = said["data_offsets"]
        raw = body[start:end]
        if said["dtype"] == "BF16":
            halves = np.frombuffer(raw, dtype="<u2").astype(np.uint32) << 16
            yield name, halves.view(np.float32).reshape(said["shape"])
        else:
            yield name, np.frombuffer(raw, dtype=_KINDS[said["dtype"]]).reshape(said["shape"])


def at_length_1(vector: NDArray[Any]) -> NDArray[Any]:
    """Return the vector at length 1; zeros stay."""
    scaled: NDArray[Any] = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return scaled


def first_line(error: Exception) -> str:
    """Return what an error of a library says, on one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def lacks_memory(error: Exception) -> bool:
    """Return whether a library says that it got no memory: that may be otherwise another time."""
    return isinstance(error, MemoryError) or "alloc" in str(error)
