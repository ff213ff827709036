"""Reads back the result of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from automl_text.errors import InputError, nearest
from automl_text.results.run import FORMAT, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def read_result(folder: Path) -> RunResult:
    """Return the result of the run in ``folder``.

    Raises
    ------
    InputError
        If there is no finished run, or its result.json is damaged or of a later format.
    """
    path = folder / "result.json"
    content = _read(folder, path)
    try:
        tree = json.loads(content)
        found = tree["format"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"{path}: is damaged or not the result of a run. Run the search again.") from error
    if found != FORMAT:
        remedy = (
            "Update automl-text." if isinstance(found, int) and found > FORMAT else "Run the search again."
        )
        raise InputError(f"{path}: has format {found!r}, this version reads {FORMAT}. {remedy}")
    try:
        return RunResult.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InputError(f"{path}: {where} is missing or wrong. Run the search again.") from error


def _read(folder: Path, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except NotADirectoryError as error:
        raise InputError(
            f"{folder}: is a file. Give the folder of a run, such as reports/tickets."
        ) from error
    except FileNotFoundError as error:
        raise InputError(_why_missing(folder)) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error


def _why_missing(folder: Path) -> str:
    if not folder.exists():
        hint = nearest(folder.name, _folder_names(folder.parent))
        return f"{folder}: there is no such folder.{hint} Give the folder that a search wrote."
    if (folder / "journal.jsonl").exists():
        return f"{folder}: this run is not finished. Run the same search command again to continue it."
    inside = [name for name in _folder_names(folder) if (folder / name / "result.json").exists()]
    known = f" Runs in it: {', '.join(inside[:5])}." if inside else ""
    return f"{folder}: holds no run (no result.json).{known or ' Give the folder that a search wrote.'}"


def _folder_names(parent: Path) -> Iterable[str]:
    return sorted(path.name for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []
