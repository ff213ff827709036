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

ENCODER_LIBRARIES = ("onnxruntime", "tokenizers")
"""What the scores of a sentence encoder depend on besides."""


def library_versions(*, with_encoder: bool) -> dict[str, str]:
    """Return package name to version: Python, this package, and every library that a score depends on.

    Parameters
    ----------
    with_encoder : bool
        Whether the run has a sentence encoder; without one its libraries decide nothing.
    """
    found = {"python": platform.python_version()}
    for name in LIBRARIES + (ENCODER_LIBRARIES if with_encoder else ()):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
