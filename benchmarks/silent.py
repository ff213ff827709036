"""An observer of a search that looks away."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl_text.experiment.observer import Progress


class Silent:
    """Watches a run without a word."""

    def stage(self, name: str, detail: str = "") -> None: ...
    def note(self, message: str) -> None: ...
    def planned(self, n_units: int) -> None: ...
    def finished(self, progress: Progress) -> None: ...
