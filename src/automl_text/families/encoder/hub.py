"""A sentence encoder named by its repository on huggingface.co, such as ``sentence-transformers/all-MiniLM-L6-v2``.

Files go to the user's Hugging Face cache, one folder for each commit, so that a pinned encoder is downloaded once.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_text.errors import InputError
from automl_text.families.encoder.folder import (
    MODEL_PLACES,
    TOKENIZER,
    EncoderFiles,
    parsed,
    read_recipe,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(@[\w./-]+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SECONDS_TO_ANSWER = 10.0
"""As huggingface_hub allows for a download; asked for what a repository holds it would wait for ever."""
_NO_HUB = "Run: pip install 'automl-text[encoder]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class _HubEncoder:
    """An encoder of one commit, on this machine."""

    repository: str
    revision: str
    """The commit, 40 hexadecimal digits."""
    folder: Path


def is_hub_name(named: str) -> bool:
    """Return whether ``named`` is ``ORG/NAME`` or ``ORG/NAME@REVISION`` rather than a folder.

    A folder that exists wins, and so does a path that begins with one, unless a revision is given.
    """
    if not _NAME.fullmatch(named) or os.path.exists(named):  # noqa: PTH110  (Path's raises for a long name)
        return False
    return "@" in named or not os.path.exists(named.partition("/")[0])  # noqa: PTH110


def find_or_download(named: str, note: Callable[[str], None]) -> _HubEncoder:
    """Return the encoder ``ORG/NAME`` or ``ORG/NAME@REVISION``; only a commit that lies here needs no network.

    Parameters
    ----------
    note : callable
        Hears what is downloaded, before it is.

    Raises
    ------
    InputError
        If huggingface_hub is missing, huggingface.co cannot be reached, or the repository has no such revision or no
        usable export.
    """
    repository, _, revision = named.partition("@")
    return cached(repository, revision) or _download(repository, revision, note)


def cached(repository: str, revision: str) -> _HubEncoder | None:
    """Return the encoder of that commit from the cache; None if it is not there or ``revision`` is no commit.

    Raises
    ------
    InputError
        If huggingface_hub is missing.
    """
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ModuleNotFoundError as error:
        raise InputError(f"--encoder {repository} needs the package huggingface_hub. {_NO_HUB}") from error
    if not _COMMIT.fullmatch(revision):
        return None
    try:
        folder = Path(hf_hub_download(repository, TOKENIZER, revision=revision, local_files_only=True)).parent
    except LocalEntryNotFoundError:
        return None
    files = EncoderFiles(folder=folder)
    try:
        is_whole = all(map(files.has, read_recipe(files).files))
    except InputError:
        is_whole = False
    return _HubEncoder(repository=repository, revision=revision, folder=folder) if is_whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repository:
    """The files of one commit, each fetched to the cache when it is read."""

    name: str
    commit: str
    listed: frozenset[str]

    @property
    def folder(self) -> Path:
        """What stands before a file's name in a refusal."""
        return Path(f"{self.name}@{self.commit[:12]}")

    def has(self, name: str) -> bool:
        """Return whether the repository lists such a file."""
        return name in self.listed

    def read(self, name: str) -> bytes:
        """Return the content of a file of settings."""
        return self.fetch(name).read_bytes()

    def json(self, name: str) -> Any:  # what a file of settings holds
        """Return what a file of settings holds."""
        return parsed(self.read(name), f"{self.folder}/{name}")

    def fetch(self, name: str) -> Path:
        """Return where a file lies in the cache, downloaded where it was not there."""
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(self.name, name, revision=self.commit))


def _download(repository: str, revision: str, note: Callable[[str], None]) -> _HubEncoder:
    from huggingface_hub import model_info
    from huggingface_hub.utils import disable_progress_bars

    try:
        info = model_info(repository, revision=revision or None, timeout=_SECONDS_TO_ANSWER)
        commit = str(info.sha)
        found = _Repository(
            name=repository, commit=commit, listed=frozenset(each.rfilename for each in info.siblings or ())
        )
        _check(found)
        disable_progress_bars()
        recipe = read_recipe(found)
        note(
            f"Downloading {recipe.model} and {recipe.tokenizer} of {repository}@{commit} to the Hugging Face cache."
        )
        paths = {name: found.fetch(name) for name in recipe.files}
    except InputError:
        raise
    except Exception as error:  # the errors of requests, of httpx, its own, the disk's
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"--encoder {repository}: cannot be had from huggingface.co ({reason}). Check the name and the network, "
            f"or fetch its {MODEL_PLACES[-1]} and {TOKENIZER} elsewhere and name their folder: --encoder DIR."
        ) from error
    depth = len(Path(recipe.tokenizer).parts)
    folder = paths[recipe.tokenizer].parents[depth - 1]
    return _HubEncoder(repository=repository, revision=commit, folder=folder)


def _check(found: _Repository) -> None:
    """Refuse what has no export in full precision (the names of quantised ones follow no rule), before a download."""
    model = next((place for place in MODEL_PLACES if found.has(place)), None)
    is_static = model is None and found.has("model.safetensors") and found.has(TOKENIZER)
    if (model is None and not is_static) or not found.has(TOKENIZER):
        raise InputError(
            f"--encoder {found.name}: the repository lacks {' or '.join(MODEL_PLACES)}, or {TOKENIZER}. Choose one "
            "that has both, or export the model to ONNX and name the folder: --encoder DIR."
        )
    if found.has(f"{model}_data"):
        raise InputError(
            f"--encoder {found.name}: it keeps weights outside {model}, which is not supported. Choose a smaller "
            "encoder, whose weights are in one file."
        )
