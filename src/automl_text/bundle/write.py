"""Writes the exported model: the file, its manifest, and the packages it needs."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import pickle
import platform
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any

from automl_text.data.beside import reads_frame
from automl_text.engine.dask.check import installed_version
from automl_text.files import write_whole
from automl_text.results import ModelInfo
from automl_text.results.model import Manifest, Promise, TextHashes, TrainingData, manifest_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from automl_text.families.contract import Estimator
    from automl_text.results import FeatureColumn, Scalar

_COMPRESSION = 3
_ADDRESS = "_stop_words_id"
"""What scikit-learn's vectorizers hold of a place in memory; without it they check their stop words once more."""
_ALWAYS = ("joblib", "numpy")
"""The pickle is read by joblib, and predictions are numpy arrays."""
_OTHER_NAMES = {"sklearn": "scikit-learn"}
"""Of packages whose module is named otherwise, the usual ones: to look through all that are installed takes longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Where an exported model comes from: everything about it but its file."""

    family: str
    title: str
    parameters: Mapping[str, Scalar]
    """The trial that was refitted."""
    trial: int = 0
    steps: int = 0
    temperature: float = 1.0
    """Above 0."""
    imported_late: tuple[str, ...] = ()
    """Import names that it imports only when it predicts (``ModelFamily.requires``)."""
    texts: Sequence[str]
    """The training rows."""
    text_columns: tuple[str, ...]
    label_column: str
    features: tuple[FeatureColumn, ...] = ()
    """Columns beside the text; the manifest holds them where the model reads them."""
    data_file_name: str
    data_sha256: str
    promise: Promise = field(default_factory=Promise)
    """What the report says of it."""


def write_bundle(
    path: Path,
    estimator: Estimator,
    source: ModelSource,
    *,
    encode: Callable[[Estimator], bytes] | None = None,
) -> ModelInfo:
    """Write ``path`` with its manifest (``.json``) and ``.requirements.txt`` beside it, as `pack` makes them."""
    packed = pack(path.name, estimator, source, encode=encode)
    for name, content in packed.files.items():
        write_whole(path.with_name(name), content)
    return packed.info


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A model on its way to the disk."""

    info: ModelInfo
    files: Mapping[str, bytes]
    """Names to contents, the model last: written in this order a model always has its manifest."""


def pack(
    name: str,
    estimator: Estimator,
    source: ModelSource,
    *,
    encode: Callable[[Estimator], bytes] | None = None,
) -> Packed:
    """Return the model file called ``name``, its manifest (``.json``) and ``.requirements.txt``.

    Parameters
    ----------
    estimator : Estimator
        Fitted.
    encode : callable, optional
        Turns the estimator into the bytes of the file; a joblib pickle by default.
    """
    content = (encode or _pickle_bytes)(estimator)
    versions = _required_versions(estimator, imported_late=source.imported_late)
    manifest = _manifest(name, hashlib.sha256(content).hexdigest(), estimator, source, versions)
    path = Path(name)
    files = {
        path.with_suffix(".requirements.txt").name: "".join(
            f"{pin}\n" for pin in manifest.requirements
        ).encode(),
        manifest_path(path).name: (manifest.model_dump_json(indent=1) + "\n").encode(),
        name: content,
    }
    info = ModelInfo(
        file_name=name,
        sha256=manifest.sha256,
        family=manifest.family,
        trial=manifest.trial,
        steps=manifest.steps,
        temperature=manifest.temperature,
        requirements=manifest.requirements,
    )
    return Packed(info=info, files=files)


def _pickle_bytes(estimator: Estimator) -> bytes:
    """Return the estimator as a compressed joblib pickle: equal models give equal bytes, in whichever process."""
    import joblib

    buffer = io.BytesIO()
    joblib.dump(estimator, buffer)
    buffer.seek(0)
    again = joblib.load(buffer)  # what two parts of a fresh model share by chance it no longer shares
    _forget_addresses(again)
    buffer = io.BytesIO()
    joblib.dump(again, buffer, compress=_COMPRESSION)
    return buffer.getvalue()


def _forget_addresses(estimator: Any) -> None:  # scikit-learn has no types
    """Take out where in memory scikit-learn's vectorizers found their stop words."""
    inner = estimator.get_params().values() if hasattr(estimator, "get_params") else ()
    for each in (estimator, *inner):
        if hasattr(each, _ADDRESS):
            delattr(each, _ADDRESS)


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
        features=source.features if reads_frame(estimator) else (),
        trained_on=trained_on,
        promise=source.promise,
        python=platform.python_version(),
        versions=versions,
        requirements=_pins(versions),
        encoders=_walked(estimator).encoders,
    )


def _required_versions(estimator: object, *, imported_late: tuple[str, ...] = ()) -> dict[str, str]:
    """Return package name to installed version for everything that loading and predicting needs.

    Parameters
    ----------
    estimator : object
        Its pickle is walked, so a class that merely sits inside it counts.
    imported_late : tuple of str
        Import names that the estimator imports only when it predicts.
    """
    needs = _walked(estimator)
    modules = {*needs.modules, *imported_late, *_ALWAYS} - sys.stdlib_module_names - {"__main__"}
    names = {_normal(_distribution_of(module)) for module in modules}
    return {name: installed_version(name) for name in sorted(names)}


def _walked(estimator: object) -> _Needs:
    needs = _Needs()
    needs.dump(estimator)
    return needs


def _pins(versions: dict[str, str]) -> tuple[str, ...]:
    """Return lines for pip, such as ``scikit-learn==1.9.1``; local builds lose their suffix."""
    return tuple(f"{name}=={version.partition('+')[0]}" for name, version in versions.items() if version)


class _Needs(pickle.Pickler):
    """Notes the package of every class and function that a pickle refers to, and the encoders that it needs."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), protocol=pickle.HIGHEST_PROTOCOL)
        self.modules: set[str] = set()
        self.encoders: dict[str, str] = {}

    def persistent_id(self, obj: object) -> None:
        """Look at ``obj`` as the pickler passes it; nothing is replaced."""
        from automl_text.families.encoder.features import (
            SentenceFeatures,  # whoever loads a model needs no family
        )

        if isinstance(obj, SentenceFeatures):  # a step of a pipeline, which knows what its encoders import
            self.modules.update(obj.imported_late)
            self.encoders |= {digest: name for name, _, digest in obj.encoders}
        named = obj if isinstance(obj, type | FunctionType | BuiltinFunctionType) else type(obj)
        self.modules.add((named.__module__ or "builtins").partition(".")[0])


def _normal(name: str) -> str:
    """Return the one spelling of a package's name that all tools agree on (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _distribution_of(module: str) -> str:
    """Return the name of the package that brings a module, which is most often the module's own."""
    name = _OTHER_NAMES.get(module, module)
    return name if installed_version(name) else _distributions().get(module, [module])[0]


@cache
def _distributions() -> Mapping[str, list[str]]:
    """Return import name to package names; it reads a file of every installed package."""
    return importlib.metadata.packages_distributions()
