"""`Run`: a finished search, as Python holds it: its folder, its result, its report, its model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.bundle.load import load_bundle
from automl_text.errors import RunError
from automl_text.experiment.outputs import MODEL_FILE
from automl_text.experiment.tables import leaderboard_rows
from automl_text.report.briefing import briefing, rows_words
from automl_text.report.page import notebook_html, render_html

if TYPE_CHECKING:
    import pandas as pd

    from automl_text.families.contract import Estimator
    from automl_text.results import RunResult


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run; as the last line of a notebook's cell it shows itself."""

    result: RunResult

    def __repr__(self) -> str:
        """Return one line: what to use, and how good it is."""
        brief = briefing(self.result)
        figure, words = brief.promise
        return (
            f"<Report of {rows_words(self.result)}: {brief.title}{f'; {figure} {words}' if figure else ''}>"
        )

    def _repr_html_(self) -> str:
        return notebook_html(self.result)

    def save(self, path: str | Path) -> Path:
        """Write the page, which needs no other file, and return where."""
        path = Path(path)
        path.write_text(render_html(self.result), encoding="utf-8", newline="\n")
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished search."""

    folder: Path
    """Where its files are."""
    result: RunResult
    """What stands in result.json."""

    @property
    def leaderboard(self) -> pd.DataFrame:
        """One row per family, in rank order."""
        return leaderboard_frame(self.result)

    @property
    def report(self) -> Report:
        """The report; it shows itself in a notebook."""
        return Report(self.result)

    def load_model(self) -> Estimator:
        """Return the fitted model from its file.

        Raises
        ------
        RunError
            If the run has no model: it recommends nothing, or the time was over.
        InputError
            If the file is missing or is not the one that was written.
        """
        if self.result.timing.model is None:
            raise RunError(_why_no_model(self.result))
        return load_bundle(self.folder / MODEL_FILE).estimator


def leaderboard_frame(result: RunResult) -> pd.DataFrame:
    """Return the leaderboard with one row per family, in rank order, the interval in two columns."""
    import pandas as pd  # noqa: PLC0415  (half a second that a fit need not wait for)

    return pd.DataFrame(leaderboard_rows(result.leaderboard))


def _why_no_model(result: RunResult) -> str:
    if result.recommended is not None:
        return result.timing.limited[-1]
    remedy = " force=True fits a model all the same." if result.verdict.code == "no_signal" else ""
    return f"No model was fitted. {result.verdict.headline}{remedy}"
