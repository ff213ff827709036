"""Writes the exported model: the file, its manifest, and the packages it needs."""

from __future__ import annotations

import hashlib
import io
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automl_text.bundle.requirements import pins, required_versions
from automl_text.files import write_whole
from automl_text.results import ModelInfo
from automl_text.results.manifest import Manifest, Promise, TextHashes, TrainingData

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from automl_text.families.contract import Estimator
    from automl_text.results import Scalar

_COMPRESSION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Where an exported model comes from: everything about it but its file.

    Attributes
    ----------
    family, title : str
    parameters : mapping of str to scalar
        The trial that was refitted.
    trial, steps : int
    temperature : float, above 0
    imported_late : tuple of str
        Import names that it imports only when it predicts (``ModelFamily.requires``).
    texts : sequence of str
        The training rows.
    text_columns : tuple of str
    label_column : str
    data_file_name, data_sha256 : str
    promise : Promise
        What the report says of it.
    """

    family: str
    title: str
    parameters: Mapping[str, Scalar]
    trial: int = 0
    steps: int = 0
    temperature: float = 1.0
    imported_late: tuple[str, ...] = ()
    texts: Sequence[str]
    text_columns: tuple[str, ...]
    label_column: str
    data_file_name: str
    data_sha256: str
    promise: Promise = field(default_factory=Promise)


def write_bundle(
    path: Path,
    estimator: Estimator,
    source: ModelSource,
    *,
    encode: Callable[[Estimator], bytes] | None = None,
) -> ModelInfo:
    """Write ``path`` with its manifest (``.json``) and ``.requirements.txt`` beside it.

    Each file is written whole or not at all; the model comes last, so a model always has its manifest.

    Parameters
    ----------
    path : Path
        Usually ``<run>/best_model.pkl``.
    estimator : Estimator
        Fitted.
    source : ModelSource
    encode : callable, optional
        Turns the estimator into the bytes of the file; a joblib pickle by default.
    """
    content = (encode or pickle_bytes)(estimator)
    versions = required_versions(estimator, imported_late=source.imported_late)
    manifest = _manifest(path.name, hashlib.sha256(content).hexdigest(), estimator, source, versions)
    write_whole(path.with_suffix(".requirements.txt"), "".join(f"{pin}\n" for pin in manifest.requirements))
    write_whole(manifest_path(path), manifest.model_dump_json(indent=1) + "\n")
    write_whole(path, content)
    return ModelInfo(
        file_name=path.name,
        sha256=manifest.sha256,
        family=manifest.family,
        trial=manifest.trial,
        steps=manifest.steps,
        temperature=manifest.temperature,
        requirements=manifest.requirements,
    )


def manifest_path(path: Path) -> Path:
    """Return where the manifest of the model file ``path`` stands."""
    return path.with_suffix(".json")


def pickle_bytes(estimator: Estimator) -> bytes:
    """Return the estimator as a compressed joblib pickle."""
    import joblib

    buffer = io.BytesIO()
    joblib.dump(estimator, buffer, compress=_COMPRESSION)
    return buffer.getvalue()


def _manifest(
    file_name: str, sha256: str, estimator: Estimator, source: ModelSource, versions: dict[str, str]
) -> Manifest:
    trained_on = TrainingData(
        file_name=source.data_file_name,
        sha256=source.data_sha256,
        n_rows=len(source.texts),
        rows=TextHashes.of(source.texts, salt=source.data_sha256[:16]),
    )
    return Manifest(
        file_name=file_name,
        sha256=sha256,
        family=source.family,
        title=source.title,
        trial=source.trial,
        steps=source.steps,
        temperature=source.temperature,
        parameters=dict(source.parameters),
        labels=tuple(str(label) for label in estimator.classes_),
        text_columns=source.text_columns,
        label_column=source.label_column,
        trained_on=trained_on,
        promise=source.promise,
        python=platform.python_version(),
        versions=versions,
        requirements=pins(versions),
    )
