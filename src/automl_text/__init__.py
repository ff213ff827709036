"""Honest model selection for a few hundred labelled texts."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl_text.api import AutoTextClassifier, search  # noqa: TC004  (`_Face` gives them at run time)

__version__ = "0.1.0"
__all__ = ["AutoTextClassifier", "__version__", "search"]


class _Face(ModuleType):
    """The package, with the Python face imported when it is first asked for: --help need not wait for scikit-learn."""

    @property
    def AutoTextClassifier(self) -> object:  # noqa: N802  (the name of the class)
        from automl_text import api  # noqa: PLC0415

        return api.AutoTextClassifier

    @property
    def search(self) -> object:
        from automl_text import api  # noqa: PLC0415

        return api.search

    @search.setter
    def search(self, room: ModuleType) -> None:
        """Keep the function: importing the room of the same name would put that here."""


sys.modules[__name__].__class__ = _Face
