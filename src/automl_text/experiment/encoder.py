"""Which sentence encoder this run may use: told to worker processes through their environment."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.errors import InputError
from automl_text.families.encoder.folder import (
    FOLDER_VARIABLE,
    STORE_VARIABLE,
    encoder_folder,
    folder_digest,
    lacking,
    use_encoder,
)
from automl_text.families.encoder.hub import cached, find_or_download, is_hub_name
from automl_text.results import EncoderInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def encoder_at(named: str | None, note: Callable[[str], None]) -> Iterator[EncoderInfo | None]:
    """While entered, ``named`` is the encoder of this process and of those it starts; yields what is to be recorded.

    Vectors are shared from when `share_vectors` is called to the end. None changes nothing and yields None.

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
    with _as_before():
        yield EncoderInfo(name=name, revision=revision, sha256=use_encoder(folder))


@contextmanager
def encoder_again(recorded: EncoderInfo) -> Iterator[None]:
    """While entered, the encoder of an earlier run is in use again; nothing is downloaded.

    Raises
    ------
    InputError
        If it is neither where it was then nor in the folder that AUTOML_TEXT_ENCODER names.
    """
    places = [encoder_folder(), _place_of(recorded)]
    found = [place for place in places if place and not lacking(place)]
    same = [place for place in found if folder_digest(place) == recorded.sha256]
    if not same:
        raise InputError(
            f"The run's sentence encoder {_name_of(recorded)} (sha256 {recorded.sha256[:12]}) is not there (any more), "
            f"or has changed. Set {FOLDER_VARIABLE} to the folder that holds it."
        )
    with _as_before():
        use_encoder(same[0])
        yield


@contextmanager
def _as_before() -> Iterator[None]:
    """Put the environment back at the end."""
    before = {variable: os.environ.get(variable) for variable in (FOLDER_VARIABLE, STORE_VARIABLE)}
    try:
        yield
    finally:
        for variable, value in before.items():
            os.environ.pop(variable, None)
            if value is not None:
                os.environ[variable] = value


def _place_of(recorded: EncoderInfo) -> Path | None:
    if not recorded.revision:
        return Path(recorded.name)
    found = cached(recorded.name, recorded.revision)
    return found.folder if found else None


def _name_of(recorded: EncoderInfo) -> str:
    return f"{recorded.name}@{recorded.revision}" if recorded.revision else recorded.name
