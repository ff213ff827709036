"""Which sentence encoder this run may use: told to worker processes through their environment."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from automl_text.families.encoder_hub import find_or_download, is_hub_name
from automl_text.families.sentence_encoder import FOLDER_VARIABLE, STORE_VARIABLE, use_encoder
from automl_text.results import EncoderInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def encoder_at(named: str | None, note: Callable[[str], None]) -> Iterator[EncoderInfo | None]:
    """While entered, ``named`` is the encoder of this process and of those it starts; yields what is to be recorded.

    Vectors are kept in a file that the processes share, and that goes when the run ends. None changes nothing and
    yields None.

    Parameters
    ----------
    named : str or None
        A folder; or ``ORG/NAME`` or ``ORG/NAME@REVISION``, which is downloaded from huggingface.co where that commit is
        not in the cache.
    note : callable
        Hears one line about a download, and which revision is used.

    Raises
    ------
    InputError
        If the folder lacks a file, or the encoder cannot be downloaded.
    """
    if named is None:
        yield None
        return
    folder, name, revision = Path(named), named, ""
    if is_hub_name(named):
        found = find_or_download(named, note)
        folder, name, revision = found.folder, found.repository, found.revision
        note(f"Sentence encoder {name}@{revision}")
    before = {variable: os.environ.get(variable) for variable in (FOLDER_VARIABLE, STORE_VARIABLE)}
    with TemporaryDirectory(prefix="automl-text-") as shared:
        try:
            digest = use_encoder(folder, store=Path(shared) / "vectors")
            yield EncoderInfo(name=name, revision=revision, sha256=digest)
        finally:
            for variable, value in before.items():
                os.environ.pop(variable, None)
                if value is not None:
                    os.environ[variable] = value
