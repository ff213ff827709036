"""Honest model selection for a few hundred labelled texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl_text.api import (
        AutoTextClassifier,
        compare,
        explain,
        next_to_label,
        search,
        suspects,
        watch,
        whatif,
    )

__version__ = "0.1.0"
__all__ = [
    "AutoTextClassifier",
    "__version__",
    "compare",
    "explain",
    "next_to_label",
    "search",
    "suspects",
    "watch",
    "whatif",
]


def __getattr__(name: str) -> object:
    """Import the Python face when it is first asked for: --help need not wait for scikit-learn."""
    if name in __all__:
        from automl_text import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
