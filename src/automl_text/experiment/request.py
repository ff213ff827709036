"""What a search is asked for, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from automl_text.data.rare import Rare
    from automl_text.results import RunResult
    from automl_text.tables.table import Table

Mode = Literal["new", "resume", "overwrite"]
References = Literal["none", "majority", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search, as asked for; None means the preset's value.

    Attributes
    ----------
    data : Path
    text : tuple of str
        Text columns, joined by a newline; empty: found by looking.
    label, group : str or None
        Columns of the category, and of what must stay on one side of every split.
    families : tuple of str
        Empty: all that are not references.
    preset : str
    n_trials : int or None
        Points for every family.
    time_budget : float or None
        Seconds for everything, the report included.
    n_folds, n_repeats : int or None
    seed : int
    jobs : int or None
        Processes; None: the cores available.
    search_spaces : tuple of Path
        Files that replace the search spaces of the families they name.
    references : "none", "majority" or "all"
    encoding, separator : str or None
    output : Path or None
        None: ``reports/<stem of the file>``.
    mode : "new", "resume" or "overwrite"
    rare : "keep", "merge" or "drop"
        What happens to categories with fewer than ``min_rows`` rows.
    show_text : bool
        False keeps words of the data out of every file but the model.
    force : bool
        Recommend even where no signal was found.
    encoder : str or None
        Sentence encoder: a folder, or ``ORG/NAME`` or ``ORG/NAME@REVISION`` on huggingface.co.
    cluster : str or None
        Address of a Dask scheduler.
    table : Table or None
        Rows in memory, taken in place of the file; ``data`` then only names them.
    """

    data: Path
    text: tuple[str, ...] = ()
    label: str | None = None
    group: str | None = None
    families: tuple[str, ...] = ()
    preset: str = "standard"
    n_trials: int | None = None
    time_budget: float | None = None
    n_folds: int | None = None
    n_repeats: int | None = None
    seed: int = 0
    jobs: int | None = None
    search_spaces: tuple[Path, ...] = ()
    references: References = "all"
    encoding: str | None = None
    separator: str | None = None
    output: Path | None = None
    mode: Mode = "new"
    rare: Rare = "keep"
    min_rows: int = 0
    show_text: bool = True
    force: bool = False
    encoder: str | None = None
    cluster: str | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutput:
    """Where the run's files are, and what stands in result.json."""

    folder: Path
    result: RunResult
