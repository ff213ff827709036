"""Reads an exported model: looks at its bytes first, constructs afterwards.

The file is read once, and the bytes that are hashed are the bytes that are loaded.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import io
import os
import sys
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from automl_text.bundle.bundle import Bundle
from automl_text.errors import InputError
from automl_text.files import read_whole
from automl_text.results.model import manifest_path, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.families.contract import Estimator
    from automl_text.results.model import Manifest

_SKLEARN = "scikit-learn"
_PICKLE = b"\x80"
_ZLIB = b"\x78"
_ZIP = b"PK\x03\x04"
_SAFE_SUFFIXES = (".skops", ".npz")
_KNOWN_AS_ELSE = (
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet table"),
    (b"\x89HDF", "an HDF5 file"),
    (b"{", "JSON; the manifest stands beside the model, which ends in .pkl"),
    (b"<", "a page or XML"),
)
_MOST_UNPACKED = 2**32
"""Bytes that a packed model may hold."""
_UNSIGNED = (
    "{model} has no manifest {manifest}: nothing shows that it is whole, or whose it is. "
    "Load only models you trust."
)
_DAMAGED = "is cut off or damaged. Copy it from the run again."
_REMEDY = "Give a run's folder or its best_model.pkl."
_MOVED = {
    "automl_text.families.lstm_as_posted_tokens": "automl_text.families.lstm.vocabulary",
    "automl_text.families.lstm_model": "automl_text.families.lstm.model",
    "automl_text.families.lstm_network": "automl_text.families.lstm.network",
    "automl_text.families.lstm_tokens": "automl_text.families.lstm.vocabulary",
}
"""Module that older models name to the one that holds their types today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadChecks:
    """What is asked of a model file before anything of it is constructed."""

    require_manifest: bool = False
    """Refuse a model without its manifest instead of warning."""
    sha256: str | None = None
    """Digest the file must have, from whoever made the model: the only check that stops a replaced file."""
    only_safe: bool = False
    """Refuse a pickle whatever it is called: only skops and npz, which run nothing, are read."""


def load_bundle(
    path: Path | str, checks: LoadChecks | None = None, *, warn: Callable[[str], None] | None = None
) -> Bundle:
    """Load an exported model after checking that it is the one that was written.

    Parameters
    ----------
    path : Path or str
        A model file, or the folder of a run.
    warn : callable, optional
        Hears, before anything is loaded, what a person should know before trusting the file; by default
        Python's warnings do.

    Raises
    ------
    InputError
        Missing, empty, truncated or foreign file; digest, format or library version that does not fit; a pickle
        where none may be read.
    """
    checks = checks or LoadChecks()
    file = _model_file(Path(path))
    content = _read(file)
    digest = hashlib.sha256(content).hexdigest()
    if checks.sha256 is not None:
        _check_digest(file, digest, checks.sha256.strip().lower())
    manifest = read_manifest(file)
    if manifest is not None:
        _check_manifest(file, digest, manifest)
    elif checks.require_manifest:
        raise InputError(
            f"{file}: its manifest {manifest_path(file).name} is missing, and --require-manifest asks "
            "for it. Copy it beside the model."
        )
    _check_may_run(file, content, only_safe=checks.only_safe)
    if manifest is None:
        (warn or _warn)(_UNSIGNED.format(model=file.name, manifest=manifest_path(file).name))
    return Bundle(estimator=_construct(file, content), manifest=manifest, path=file, sha256=digest)


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=3)


def _check_may_run(file: Path, content: bytes, *, only_safe: bool) -> None:
    """Refuse a pickle, which can run anything when it is loaded, under a name that promises that nothing runs.

    The content decides how a file is read; the name and ``only_safe`` decide whether.
    """
    if not content.startswith((_PICKLE, _ZLIB)):
        return
    if only_safe:
        raise InputError(
            f"{file}: is a pickle, which can run code when it is loaded, and --only-safe refuses that. Ask for a "
            "model exported with --format skops or npz."
        )
    if file.suffix.lower() in _SAFE_SUFFIXES:
        raise InputError(
            f"{file}: is a pickle, which can run code when it is loaded, under the name of a form that runs none. "
            "Nothing of it was run. Do not trust it."
        )


def _model_file(path: Path) -> Path:
    if not os.path.isdir(path):  # noqa: PTH112  (Path's raises for a long name, which reading explains)
        return path
    file = path / "best_model.pkl"
    if file.exists():
        return file
    if (path / "result.json").exists():
        raise InputError(f"{path}: this run wrote no model. Its report.html says why.")
    raise InputError(f"{path}: is a folder without best_model.pkl. {_REMEDY}")


def _read(file: Path) -> bytes:
    try:
        content = read_whole(file)
    except FileNotFoundError as error:
        raise InputError(f"{file}: no such file. {_REMEDY}") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}).") from error
    if not content:
        raise InputError(f"{file}: is empty. Copy it from the run again.")
    return content


def _check_digest(file: Path, digest: str, wanted: str) -> None:
    if digest != wanted:
        raise InputError(
            f"{file}: its sha256 is {digest}, not {wanted} as --sha256 asks. "
            "It is another model, or it was changed."
        )


def _check_manifest(file: Path, digest: str, manifest: Manifest) -> None:
    if digest != manifest.sha256:
        raise InputError(
            f"{file}: its sha256 {digest[:12]}… is not the {manifest.sha256[:12]}… of its manifest. "
            "It is damaged, or another run's. Copy both again."
        )
    if saved := manifest.versions.get(_SKLEARN):
        _check_version(file, saved)


def _check_version(file: Path, saved: str) -> None:
    """Refuse a model of another minor version of scikit-learn than the one installed."""
    installed = importlib.metadata.version(_SKLEARN)
    if installed.split(".")[:2] != saved.split(".")[:2]:
        raise InputError(
            f"{file}: was saved by {_SKLEARN} {saved}, but {installed} is installed and may predict "
            f"otherwise. Run: pip install {_SKLEARN}=={saved}"
        )


def _construct(file: Path, content: bytes) -> Estimator:
    """Turn bytes that passed all checks into an estimator."""
    if content.startswith(_ZIP):
        from automl_text.bundle.formats import read_safe

        return read_safe(str(file), content)
    if not content.startswith((_PICKLE, _ZLIB)):
        found = next((f"is {what}" for magic, what in _KNOWN_AS_ELSE if content.startswith(magic)), "")
        raise InputError(f"{file}: {found or 'is not a model'}. {_REMEDY}")
    estimator = _unpickle(file, _inflate(file, content) if content.startswith(_ZLIB) else content)
    lacking = [name for name in ("predict", "predict_proba", "classes_") if not hasattr(estimator, name)]
    if lacking:
        kind = type(estimator).__name__
        raise InputError(
            f"{file}: holds a {kind}, not a fitted classifier (no {', '.join(lacking)}). {_REMEDY}"
        )
    return cast("Estimator", estimator)


def _inflate(file: Path, content: bytes) -> bytes:
    """Decompress all of ``content``; joblib alone would not notice that the last bytes are missing."""
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(content, _MOST_UNPACKED)
    except zlib.error as error:
        raise InputError(f"{file}: {_DAMAGED}") from error
    if not inflater.eof:
        raise InputError(f"{file}: {_DAMAGED}")
    return inflated


def _unpickle(file: Path, content: bytes) -> object:
    import joblib

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _lead_to_moved_modules(content)
            estimator = _with_openmp(file, lambda: joblib.load(io.BytesIO(content)))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise InputError(
            f"{file}: needs the package {package!r}, which is not installed here. "
            f"Run: pip install -r {file.with_suffix('.requirements.txt').name}"
        ) from error
    except InputError:
        raise
    except EOFError as error:
        raise InputError(f"{file}: {_DAMAGED}") from error
    except Exception as error:  # unpickling foreign bytes may raise anything
        raise InputError(f"{file}: cannot be loaded ({type(error).__name__}). {_REMEDY}") from error
    for warning in caught:
        saved = getattr(warning.message, "original_sklearn_version", None)
        if saved is not None:
            _check_version(file, saved)
    return estimator


def _lead_to_moved_modules(content: bytes) -> None:
    """Let the names of former modules in ``content`` lead to where their types are now."""
    for former, now in _MOVED.items():
        if former.encode() in content:
            sys.modules.setdefault(former, importlib.import_module(now))


def _with_openmp(file: Path, load: Callable[[], object]) -> object:
    """Load; where LightGBM misses the system's OpenMP library, put scikit-learn's copy in its place first."""
    try:
        return load()
    except OSError as error:
        from automl_text.families.openmp import load_openmp

        reason = load_openmp()
        if reason:
            raise InputError(f"{file}: {reason}") from error
        return load()
