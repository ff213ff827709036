"""Which packages a fitted estimator needs, with the versions that made it."""

from __future__ import annotations

import importlib.metadata
import io
import pickle
import re
import sys
from functools import cache
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALWAYS = ("joblib", "numpy")
"""The pickle is read by joblib, and predictions are numpy arrays."""


def required_versions(estimator: object, *, imported_late: tuple[str, ...] = ()) -> dict[str, str]:
    """Return package name to installed version for everything that loading and predicting needs.

    Parameters
    ----------
    estimator : object
        Its pickle is walked, so a class that merely sits inside it counts.
    imported_late : tuple of str
        Import names that the estimator imports only when it predicts.
    """
    recorder = _ModuleRecorder()
    recorder.dump(estimator)
    modules = {*recorder.modules, *imported_late, *_ALWAYS} - sys.stdlib_module_names - {"__main__"}
    names = {_normal(_distributions().get(module, [module])[0]) for module in modules}
    return {name: _version(name) for name in sorted(names)}


def pins(versions: dict[str, str]) -> tuple[str, ...]:
    """Return lines for pip, such as ``scikit-learn==1.9.1``; local builds lose their suffix."""
    return tuple(f"{name}=={version.partition('+')[0]}" for name, version in versions.items() if version)


class _ModuleRecorder(pickle.Pickler):
    """Notes the package of every class and function that a pickle refers to."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), protocol=pickle.HIGHEST_PROTOCOL)
        self.modules: set[str] = set()

    def persistent_id(self, obj: object) -> None:
        """Look at ``obj`` as the pickler passes it; nothing is replaced."""
        named = obj if isinstance(obj, type | FunctionType | BuiltinFunctionType) else type(obj)
        self.modules.add((named.__module__ or "builtins").partition(".")[0])


def _normal(name: str) -> str:
    """Return the one spelling of a package's name that all tools agree on (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _distributions() -> Mapping[str, list[str]]:
    """Return import name to package names; it reads a file of every installed package."""
    return importlib.metadata.packages_distributions()


def _version(name: str) -> str:
    """Return the installed version, or an empty string for a module that is not an installed package."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
