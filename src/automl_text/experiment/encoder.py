"""Which sentence encoder this run may use: told to worker processes through their environment."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from automl_text.families.sentence_encoder import FOLDER_VARIABLE, STORE_VARIABLE, use_encoder

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def encoder_at(folder: str | None) -> Iterator[str]:
    """While entered, ``folder`` is the encoder of this process and of those it starts; yields its digest.

    Vectors are kept in a file that the processes share, and that goes when the run ends. None changes nothing and
    yields an empty string.

    Raises
    ------
    InputError
        If the folder lacks a file.
    """
    if folder is None:
        yield ""
        return
    before = {name: os.environ.get(name) for name in (FOLDER_VARIABLE, STORE_VARIABLE)}
    with TemporaryDirectory(prefix="automl-text-") as shared:
        try:
            yield use_encoder(Path(folder), store=Path(shared) / "vectors")
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
