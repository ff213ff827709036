"""`AutoTextClassifier`: a search behind scikit-learn's contract."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from automl_text.api.runs import run_request
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.runs import Report, leaderboard_frame
from automl_text.tables.memory import check_length, checked_labels, checked_texts, plain_list, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from automl_text.experiment.request import References

TEXT, LABEL, GROUP = "text", "label", "group"


class AutoTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A scikit-learn classifier of texts that is the best model a search finds.

    Parameters
    ----------
    preset : "quick", "standard" or "thorough"
    families : sequence of str, optional
        All that are not references where None.
    references : "none", "majority" or "all"
    n_trials : int, optional
        Trials of every family; the preset's where None.
    n_folds : int, optional
        Folds that the rows are cut into; the preset's where None.
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
        n_folds: int | None = None,
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
        self.n_folds = n_folds
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
            run = run_request(self._request(columns, Path(self.output or folder)))
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
            n_folds=self.n_folds,
            time_budget=self.time_budget,
            seed=self.seed,
            jobs=self.jobs,
            references=self.references,
            output=output,
            mode="overwrite",
            force=self.force,
        )
