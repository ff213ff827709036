"""Forms of a model other than the pickle: reading them runs no code that the file brings.

``skops`` holds scikit-learn's and LightGBM's models, rebuilt from a list of types that stands here and never in the
file. ``npz`` holds the network as arrays and JSON, rebuilt by our own builder.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.families.contract import Estimator

TRUSTED_TYPES = (
    "automl_text.families.encoder.features.SentenceFeatures",
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
)
"""What a skops file may hold beyond the types of scikit-learn and NumPy that skops itself trusts."""

_INSTALL = "Run: pip install 'automl-text[skops]'"


def encoder_for(kind: str) -> Callable[[Estimator], bytes] | None:
    """Return what turns an estimator into a file of ``kind`` ("skops" or "npz"); None for a pickle."""
    return {"skops": skops_bytes, "npz": npz_bytes}.get(kind)


def skops_bytes(estimator: Estimator) -> bytes:
    """Return a linear model or LightGBM as a skops file.

    Raises
    ------
    InputError
        If the model is of types that we would refuse to read back, or skops is not installed.
    """
    skops = _skops()
    content: bytes = skops.dumps(estimator)
    foreign = sorted(set(skops.get_untrusted_types(data=content)) - set(TRUSTED_TYPES))
    if foreign:
        raise InputError(
            f"--format skops holds scikit-learn and LightGBM models alone, and this one needs {', '.join(foreign)}. "
            "Use --format npz for an LSTM."
        )
    return content


def npz_bytes(estimator: Estimator) -> bytes:
    """Return a network as arrays and JSON.

    Raises
    ------
    InputError
        If it is no network.
    """
    if not hasattr(estimator, "to_npz"):
        raise InputError("--format npz holds networks alone. Use --format skops for this family.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        estimator.to_npz(path)
        return path.read_bytes()


def read_safe(file: str, content: bytes) -> Estimator:
    """Return the model in a skops or npz file.

    Raises
    ------
    InputError
        If the file is neither, is damaged, or holds a type that is not on our list.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile as error:
        raise InputError(f"{file}: is cut off or damaged. Export it again.") from error
    if "schema.json" in names:
        return _read_skops(file, content)
    if "about.npy" in names:
        return _read_npz(file, content)
    raise InputError(f"{file}: is a zip archive, not a model. Give a run's folder or its best_model.pkl.")


def _read_skops(file: str, content: bytes) -> Estimator:
    skops = _skops()
    try:
        foreign = sorted(set(skops.get_untrusted_types(data=content)) - set(TRUSTED_TYPES))
        if not foreign:
            return cast("Estimator", skops.loads(content, trusted=list(TRUSTED_TYPES)))
    except Exception as error:  # skops raises whatever a damaged tree leads to
        raise InputError(f"{file}: cannot be loaded ({type(error).__name__}). Export it again.") from error
    raise InputError(
        f"{file}: holds {', '.join(foreign)}, which no model of ours does. Nothing of it was run; do not trust it."
    )


def _read_npz(file: str, content: bytes) -> Estimator:
    from automl_text.families.lstm.model import LstmClassifier

    try:
        model = LstmClassifier.from_npz(cast("str", io.BytesIO(content)))  # numpy reads an open file as well
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{file}: is not a network of ours ({type(error).__name__}). Export it again."
        ) from error
    return cast("Estimator", model)


def _skops() -> Any:  # skops has no types
    try:
        import skops.io
    except ModuleNotFoundError as error:
        raise InputError(f"The skops format needs the package skops. {_INSTALL}") from error
    return skops.io
