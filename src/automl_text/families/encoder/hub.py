"""A sentence encoder named by its repository on huggingface.co, such as ``sentence-transformers/all-MiniLM-L6-v2``.

Files go to the user's Hugging Face cache, one folder for each commit, so that a pinned encoder is downloaded once.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.errors import InputError
from automl_text.families.encoder.folder import MODEL_PLACES, TOKENIZER, lacking

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(@[\w./-]+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NO_HUB = "Run: pip install 'automl-text[encoder]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEncoder:
    """An encoder of one commit, on this machine.

    Attributes
    ----------
    repository : str
    revision : str
        The commit, 40 hexadecimal digits.
    folder : Path
    """

    repository: str
    revision: str
    folder: Path


def is_hub_name(named: str) -> bool:
    """Return whether ``named`` is ``ORG/NAME`` or ``ORG/NAME@REVISION`` rather than a folder.

    A folder that exists wins, and so does a path that begins with one, unless a revision is given.
    """
    if not _NAME.fullmatch(named) or os.path.exists(named):  # noqa: PTH110  (Path's raises for a long name)
        return False
    return "@" in named or not os.path.exists(named.partition("/")[0])  # noqa: PTH110


def find_or_download(named: str, note: Callable[[str], None]) -> HubEncoder:
    """Return the encoder ``ORG/NAME`` or ``ORG/NAME@REVISION``; only a commit that lies here needs no network.

    Parameters
    ----------
    named : str
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


def cached(repository: str, revision: str) -> HubEncoder | None:
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
        tokenizer = hf_hub_download(repository, TOKENIZER, revision=revision, local_files_only=True)
    except LocalEntryNotFoundError:
        return None
    folder = Path(tokenizer).parent
    return None if lacking(folder) else HubEncoder(repository=repository, revision=revision, folder=folder)


def _download(repository: str, revision: str, note: Callable[[str], None]) -> HubEncoder:
    from huggingface_hub import hf_hub_download, model_info
    from huggingface_hub.utils import disable_progress_bars

    try:
        info = model_info(repository, revision=revision or None)
        commit = str(info.sha)
        model = _model_of(repository, {each.rfilename for each in info.siblings or ()})
        note(f"Downloading {model} and {TOKENIZER} of {repository}@{commit} to the Hugging Face cache.")
        disable_progress_bars()
        hf_hub_download(repository, model, revision=commit)
        tokenizer = hf_hub_download(repository, TOKENIZER, revision=commit)
    except InputError:
        raise
    except Exception as error:  # the errors of requests, of httpx, its own, the disk's
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"--encoder {repository}: cannot be had from huggingface.co ({reason}). Check the name and the network, "
            f"or fetch its {MODEL_PLACES[-1]} and {TOKENIZER} elsewhere and name their folder: --encoder DIR."
        ) from error
    return HubEncoder(repository=repository, revision=commit, folder=Path(tokenizer).parent)


def _model_of(repository: str, files: set[str]) -> str:
    """Return which file is the export in full precision; the names of quantised ones follow no rule."""
    model = next((place for place in MODEL_PLACES if place in files), None)
    if model is None or TOKENIZER not in files:
        raise InputError(
            f"--encoder {repository}: the repository lacks {' or '.join(MODEL_PLACES)}, or {TOKENIZER}. Choose one "
            "that has both, or export the model to ONNX and name the folder: --encoder DIR."
        )
    if f"{model}_data" in files:
        raise InputError(
            f"--encoder {repository}: it keeps weights outside {model}, which is not supported. Choose a smaller "
            "encoder, whose weights are in one file."
        )
    return model
