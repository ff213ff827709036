"""Which versions a result was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = (
    "automl-text",
    "scikit-learn",
    "lightgbm",
    "tensorflow",
    "keras",
    "optuna",
    "numpy",
    "scipy",
    "pandas",
    "imbalanced-learn",
    "joblib",
)


def library_versions() -> dict[str, str]:
    """Return package name to version: Python, this package, and every library that a score depends on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
