"""The Python face: `search` for a whole run, `AutoTextClassifier` for scikit-learn."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from automl_text.bundle.load import load_bundle
from automl_text.data.given import check_length, checked_labels, checked_texts
from automl_text.data.memory import frame_columns, plain_list, table_of
from automl_text.errors import InputError, RunError, nearest
from automl_text.experiment.outputs import MODEL_FILE
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search
from automl_text.report.page import notebook_html, render_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from automl_text.data.rare import Rare
    from automl_text.data.table import Table
    from automl_text.experiment.request import Mode, Observer, Progress, References
    from automl_text.families.contract import Estimator
    from automl_text.results import RunResult

LOGGER = logging.getLogger("automl_text")
"""Stages and notes of a run at level INFO, single fits at DEBUG."""

TEXT, LABEL, GROUP = "text", "label", "group"
_MEMORY = "DataFrame"
_SEVERAL = (("text", str), ("families", str), ("search_spaces", (str, Path)))


class SearchOptions(TypedDict, total=False):
    """What `search` takes beside the data: the fields of `SearchRequest`, described there."""

    text: str | Sequence[str]
    label: str | None
    group: str | None
    families: str | Sequence[str]
    preset: str
    n_trials: int | None
    time_budget: float | None
    n_parts: int | None
    n_repeats: int | None
    seed: int
    jobs: int | None
    search_spaces: str | Path | Sequence[str | Path]
    references: References
    encoding: str | None
    separator: str | None
    output: str | Path | None
    mode: Mode
    rare: Rare
    min_rows: int
    show_text: bool
    force: bool
    encoder: str | None
    cluster: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run; as the last line of a notebook's cell it shows itself."""

    result: RunResult

    def _repr_html_(self) -> str:
        return notebook_html(self.result)

    def save(self, path: str | Path) -> Path:
        """Write the page, which needs no other file, and return where."""
        path = Path(path)
        path.write_text(render_html(self.result), encoding="utf-8", newline="\n")
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished search.

    Attributes
    ----------
    folder : Path
        Where its files are.
    result : RunResult
        What stands in result.json.
    """

    folder: Path
    result: RunResult

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
    known = [field.name for field in fields(SearchRequest) if field.name not in {"data", "table"}]
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
    for name, kind in _SEVERAL:
        if isinstance(given.get(name), kind):
            given[name] = (given[name],)
    for name in ("text", "families", "search_spaces"):
        given[name] = tuple(given.get(name) or ())
    given["search_spaces"] = tuple(Path(each) for each in given["search_spaces"])
    given["output"] = Path(given["output"]) if given.get("output") else None
    request = SearchRequest(data=Path(_MEMORY if table else data), table=table, **given)
    return _run(request, observer or _Logged())


class AutoTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A scikit-learn classifier of texts that is the best model a search finds.

    Parameters
    ----------
    preset : "quick", "standard" or "thorough"
    families : sequence of str, optional
        All that are not references where None.
    references : "none", "majority" or "all"
    n_trials : int, optional
        Points for every family; the preset's where None.
    n_parts : int, optional
        Parts that the rows are cut into; the preset's where None.
    time_budget : float, optional
        Seconds for the whole search.
    seed : int
    jobs : int, optional
        Processes; the cores available where None.
    output : str or Path, optional
        Folder that keeps the run's files, replacing an earlier run; a temporary one where None.
    force : bool
        Fit a model even where nothing can be learned; otherwise `fit` raises then.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels as given, sorted.
    estimator_ : Estimator
        The recommended family's model, fitted on all rows; it names labels as strings.
    leaderboard_ : pandas.DataFrame
        One row per family, in rank order.
    result_ : RunResult
        Everything that was measured.
    report_ : Report
        Shows itself in a notebook.
    """

    def __init__(  # noqa: PLR0913  (scikit-learn's contract: one keyword for each setting)
        self,
        *,
        preset: str = "standard",
        families: Sequence[str] | None = None,
        references: References = "none",
        n_trials: int | None = None,
        n_parts: int | None = None,
        time_budget: float | None = None,
        seed: int = 0,
        jobs: int | None = None,
        output: str | Path | None = None,
        force: bool = False,
    ) -> None:
        self.preset = preset
        self.families = families
        self.references = references
        self.n_trials = n_trials
        self.n_parts = n_parts
        self.time_budget = time_budget
        self.seed = seed
        self.jobs = jobs
        self.output = output
        self.force = force

    def fit(self, X: Any, y: Any, groups: Any = None) -> AutoTextClassifier:
        """Search, and keep the recommended model.

        Parameters
        ----------
        X : sequence of str, length n_rows
            A list, an array, or a Series of pandas or polars.
        y : sequence of length n_rows
            Labels of any one type.
        groups : sequence of length n_rows, optional
            Rows with equal values stay on one side of every split.

        Raises
        ------
        InputError
            If texts, labels or a parameter are wrong.
        RunError
            If the search cannot go on, or finds nothing to learn.
        """
        texts = checked_texts(X)
        labels = checked_labels(y, len(texts))
        columns = {TEXT: texts, LABEL: [str(label) for label in labels.tolist()]}
        if groups is not None:
            columns[GROUP] = plain_list(groups)
            check_length("groups", len(columns[GROUP]), len(texts))
        self.classes_ = np.unique(labels)
        with TemporaryDirectory(prefix="automl-text-") as folder:
            run = _run(self._request(columns, Path(self.output or folder)), _Logged())
            self.estimator_ = run.load_model()
        self.result_ = run.result
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the labels of the texts, shape (n_texts,)."""
        most_likely = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[most_likely])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities of shape (n_texts, n_classes), columns as in ``classes_``."""
        check_is_fitted(self)
        texts = checked_texts(X)
        place = {str(name): column for column, name in enumerate(self.estimator_.classes_)}
        order = [place[str(label)] for label in self.classes_.tolist()]
        probabilities = self.estimator_.predict_proba(texts)
        return np.asarray(probabilities, dtype=np.float64)[:, order]

    @property
    def leaderboard_(self) -> pd.DataFrame:
        """One row per family, in rank order."""
        check_is_fitted(self)
        return leaderboard_frame(self.result_)

    @property
    def report_(self) -> Report:
        """The report; it shows itself in a notebook."""
        check_is_fitted(self)
        return Report(self.result_)

    def __sklearn_tags__(self) -> Any:  # sklearn.utils.Tags
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, False
        tags.input_tags.string = True
        return tags

    def _request(self, columns: dict[str, list[Any]], output: Path) -> SearchRequest:
        return SearchRequest(
            data=Path("texts"),
            table=table_of(columns, name="texts"),
            text=(TEXT,),
            label=LABEL,
            group=GROUP if GROUP in columns else None,
            families=tuple(self.families or ()),
            preset=self.preset,
            n_trials=self.n_trials,
            n_parts=self.n_parts,
            time_budget=self.time_budget,
            seed=self.seed,
            jobs=self.jobs,
            references=self.references,
            output=output,
            mode="overwrite",
            force=self.force,
        )


def leaderboard_frame(result: RunResult) -> pd.DataFrame:
    """Return the leaderboard with one row per family, in rank order, the interval in two columns."""
    import pandas as pd  # noqa: PLC0415  (half a second that a fit need not wait for)

    rows = [row.model_dump() for row in result.leaderboard]
    for row in rows:
        row["interval_low"], row["interval_high"] = row.pop("interval") or (None, None)
    return pd.DataFrame(rows)


class _Logged:
    """An `Observer` that writes to `LOGGER`."""

    def stage(self, name: str, detail: str = "") -> None:
        LOGGER.info("%s %s", name, detail)

    def note(self, message: str) -> None:
        LOGGER.info("%s", message)

    def planned(self, n_units: int) -> None:
        LOGGER.debug("%d more fits planned", n_units)

    def finished(self, progress: Progress) -> None:
        LOGGER.debug(
            "%s: %s, %d of %d fits", progress.family, progress.status, progress.n_done, progress.n_planned
        )


def _run(request: SearchRequest, observer: Observer) -> Run:
    output = run_search(request, observer)
    return Run(folder=output.folder, result=output.result)


def _why_no_model(result: RunResult) -> str:
    if result.recommended is not None:
        return result.timing.limited[-1]
    remedy = " force=True fits a model all the same." if result.verdict.code == "no_signal" else ""
    return f"No model was fitted. {result.verdict.headline}{remedy}"
