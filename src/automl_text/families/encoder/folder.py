"""Sentence vectors of a pretrained encoder, run by ONNX Runtime from a folder that the user names.

The folder holds ``model.onnx`` (inputs input_ids, attention_mask and, if it likes, token_type_ids; the first output has
one vector per token, or one per text), itself or under ``onnx/``, and ``tokenizer.json``. Vectors of tokens are
averaged over the text, and every vector is scaled to length 1.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.store import VectorStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FOLDER_VARIABLE = "AUTOML_TEXT_ENCODER"
"""The folder to use; worker processes inherit it from the process that called `use_encoder`."""
STORE_VARIABLE = "AUTOML_TEXT_ENCODER_STORE"
"""A file in which the processes of one run share vectors; without it each process keeps its own."""
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
MODEL_PLACES = (MODEL, f"onnx/{MODEL}")
"""Where a folder or a repository keeps its model; the first that is there is taken."""
MAX_TOKENS = 256


def use_encoder(folder: Path) -> str:
    """Make ``folder`` the encoder of this process and of those it starts; return its digest.

    Each process keeps its own vectors until `share_vectors` is called.

    Raises
    ------
    InputError
        If the folder lacks a file.
    """
    digest = folder_digest(folder)
    os.environ[FOLDER_VARIABLE] = str(folder.resolve())
    os.environ.pop(STORE_VARIABLE, None)
    return digest


def share_vectors(path: Path) -> None:
    """Have this process and those it starts keep vectors in the file ``path``: digests of texts, and no text."""
    os.environ[STORE_VARIABLE] = str(path.resolve())


def encoder_folder() -> Path | None:
    """Return the folder in use, if any."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else None


def lacking(folder: Path) -> tuple[str, ...]:
    """Return the names of the files that ``folder`` lacks to be an encoder."""
    has_model = any(_is_file(folder / place) for place in MODEL_PLACES)
    has_tokenizer = _is_file(folder / TOKENIZER)
    return (MODEL,) * (not has_model) + (TOKENIZER,) * (not has_tokenizer)


def encoder_files(folder: Path) -> tuple[Path, Path]:
    """Return the paths of the model and of the tokenizer.

    Raises
    ------
    InputError
        If the folder lacks one of them.
    """
    missing = lacking(folder)
    if missing:
        raise InputError(
            f"The encoder folder {folder} lacks {' and '.join(missing)}; it must hold {MODEL} and {TOKENIZER}."
        )
    return next(folder / place for place in MODEL_PLACES if _is_file(folder / place)), folder / TOKENIZER


def _is_file(path: Path) -> bool:
    """Return whether a file can be seen there; unlike `Path.is_file`, also for a name that is too long."""
    return os.path.isfile(path)  # noqa: PTH113


def folder_digest(folder: Path) -> str:
    """Return the sha256 of both files, which names the encoder wherever it lies.

    Raises
    ------
    InputError
        If the folder lacks a file.
    """
    files = encoder_files(folder.resolve())
    return _digest(files, tuple(file.stat().st_mtime_ns for file in files))


@cache
def _digest(files: tuple[Path, Path], times: tuple[int, ...]) -> str:  # noqa: ARG001  (a changed file is read again)
    """Hash the files, once for each of their versions."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def open_encoder(folder: Path) -> SentenceEncoder:
    """Return the encoder in ``folder``, kept until another one is asked for."""
    return _opened(folder.resolve(), folder_digest(folder), os.environ.get(STORE_VARIABLE, ""))


@lru_cache(maxsize=1)  # a process serves one run after the other, and an encoder takes more than its file
def _opened(folder: Path, digest: str, store: str) -> SentenceEncoder:
    """Load the encoder with the store that its vectors go to."""
    model, tokenizer = (file.read_bytes() for file in encoder_files(folder))
    return SentenceEncoder(model, tokenizer, VectorStore(Path(store) if store else None, owner=digest))


class SentenceEncoder:
    """Turns texts into vectors, each text once.

    Parameters
    ----------
    model : bytes
        An ONNX model.
    tokenizer : bytes
        A tokenizer.json of the tokenizers library.
    store : VectorStore
    """

    def __init__(self, model: bytes, tokenizer: bytes, store: VectorStore) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_buffer(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._store = store

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 per text, shape (n_texts, n_dimensions)."""
        return self._store.vectors(texts, self._encode)

    def _encode(self, text: str) -> NDArray[np.float32]:
        """Encode one text alone: in a batch the scales of an int8 model can depend on the other texts."""
        tokens = self._tokenizer.encode(text)
        given = {
            "input_ids": tokens.ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": tokens.type_ids,
        }
        feed = {
            name: np.array([value], dtype=np.int64) for name, value in given.items() if name in self._inputs
        }
        output = self._session.run(None, feed)[0][0]
        pooled = output.mean(axis=0) if output.ndim > 1 else output
        vector: NDArray[np.float32] = (pooled / max(float(np.linalg.norm(pooled)), 1e-12)).astype(np.float32)
        return vector
