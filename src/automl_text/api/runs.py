"""`search`: a whole run from Python, and the `Run` that it returns."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from automl_text.errors import InputError, nearest
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search
from automl_text.files import Rare, ReadAs
from automl_text.tables.memory import frame_columns, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from automl_text.experiment.observer import Observer, Progress, RunStage
    from automl_text.experiment.request import Mode, References
    from automl_text.experiment.runs import Run
    from automl_text.tables.table import Table

LOGGER = logging.getLogger("automl_text")
"""Stages and notes of a run at level INFO, single fits at DEBUG."""

_MEMORY = "DataFrame"
_SECONDS_BETWEEN_LINES = 0.5
_READ_AS = tuple(field.name for field in fields(ReadAs))


class SearchOptions(TypedDict, total=False):
    """What `search` takes beside the data: the fields of `SearchRequest`, described there."""

    text: str | Sequence[str]
    label: str | None
    group: str | None
    features: str | Sequence[str]
    families: str | Sequence[str]
    preset: str
    n_trials: int | None
    time_budget: float | None
    n_folds: int | None
    n_repeats: int | None
    seed: int
    jobs: int | None
    search_spaces: str | Path | Sequence[str | Path]
    references: References
    encoding: str | None
    separator: str | None
    quote: str | None
    has_header: bool | None
    sheet: str | None
    output: str | Path | None
    mode: Mode
    rare: Rare
    min_rows: int
    show_text: bool
    force: bool
    encoders: str | Sequence[str] | None
    fixes: str | Path | None
    split: str | None
    time: str | None
    test: str | Path | None
    baseline: str | None
    cluster: str | None
    pool: Executor | None


def search(data: Any, *, observer: Observer | None = None, **options: Unpack[SearchOptions]) -> Run:
    """Find the best model for labelled texts, measure it, and leave the same folder as the command line.

    Parameters
    ----------
    data : str, Path, or a DataFrame of pandas or polars
        A file, or the same columns in memory.
    observer : Observer, optional
        Hears how the run goes; by default the logger ``automl_text`` does.
    **options
        As in `SearchRequest`; ``references`` are "none" where not given, and ``output`` is
        reports/<name of the file>.

    Raises
    ------
    InputError
        If the data or an option is wrong.
    RunError
        If the run cannot go on.
    """
    return run_request(_request_of(data, options), observer)


def run_request(request: SearchRequest, observer: Observer | None = None) -> Run:
    """Run a search; without an observer the logger hears of it, and a notebook shows it."""
    return run_search(request, observer or _observer())


def _request_of(data: Any, options: SearchOptions) -> SearchRequest:
    """Return the request that ``search(data, **options)`` means."""
    own = [field.name for field in fields(SearchRequest) if field.name not in {"data", "table", "read_as"}]
    known = [*own, *_READ_AS]
    for name in options:
        if name not in known:
            raise InputError(
                f"search has no option {name!r}.{nearest(name, known)} Known: {', '.join(known)}."
            )
    table: Table | None = None
    if not isinstance(data, str | Path):
        if not hasattr(data, "columns"):
            raise InputError(
                f"search takes a path or a DataFrame, not {type(data).__name__}. "
                "For lists of texts and labels use AutoTextClassifier."
            )
        table = table_of(frame_columns(data), name=_MEMORY)
    given: dict[str, Any] = {"references": "none", **options}
    for name in ("text", "features", "families", "search_spaces", "encoders"):
        value = given.get(name)
        given[name] = (value,) if isinstance(value, str | Path) else tuple(value or ())
    given["search_spaces"] = tuple(Path(each) for each in given["search_spaces"])
    for name in ("output", "fixes", "test"):
        given[name] = Path(given[name]) if given.get(name) else None
    read_as = ReadAs(**{name: given.pop(name) for name in _READ_AS if name in given})
    return SearchRequest(data=Path(_MEMORY if table else data), table=table, read_as=read_as, **given)


class _LogObserver:
    """An `Observer` that writes to `LOGGER`."""

    def stage(self, name: RunStage, detail: str = "") -> None:
        LOGGER.info("%s %s", name, detail)

    def note(self, message: str) -> None:
        LOGGER.info("%s", message)

    def planned(self, n_units: int) -> None:
        LOGGER.debug("%d more fits planned", n_units)

    def finished(self, progress: Progress) -> None:
        LOGGER.debug(
            "%s: %s, %d of %d fits", progress.family, progress.status, progress.n_done, progress.n_planned
        )


class CellObserver(_LogObserver):
    """An `Observer` that keeps one line of a notebook's cell up to date, and logs.

    Parameters
    ----------
    show : callable
        Takes the line as it should stand now.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._best: dict[str, float] = {}
        self._last = 0.0

    def stage(self, name: RunStage, detail: str = "") -> None:
        """See `Observer`."""
        super().stage(name, detail)
        self._show(f"automl-text: {name}")

    def finished(self, progress: Progress) -> None:
        """See `Observer`; the line changes no faster than it can be read."""
        super().finished(progress)
        if progress.best_inner is not None:
            self._best[progress.family] = progress.best_inner
        now = time.monotonic()
        if now - self._last < _SECONDS_BETWEEN_LINES and progress.n_done < progress.n_planned:
            return
        self._last = now
        left = "" if progress.seconds_left is None else f", about {progress.seconds_left:.0f} s left"
        best = ", ".join(f"{family} {score:.3f}" for family, score in self._best.items())
        self._show(f"automl-text: {progress.n_done} of {progress.n_planned} fits{left}{best and f'; {best}'}")


def _observer() -> _LogObserver:
    """Return who watches a run that names nobody: a line of the cell in a notebook, else the log alone."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        return _LogObserver()
    from IPython.display import display  # noqa: PLC0415  (there only inside a notebook)

    handle = display({"text/plain": "automl-text"}, raw=True, display_id=True)
    return CellObserver(lambda line: handle.update({"text/plain": line}, raw=True))
