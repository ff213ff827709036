"""What the linear families have in common: features in, logits or a pipeline out; only the solver differs.

With fewer rows than features the weights of a fit with a squared penalty are a sum of the training rows (the
representer theorem, Kimeldorf & Wahba 1971). So the n_rows x n_features matrix X may be replaced by L of n_rows x
n_rows with L L' = X X': the same loss, the same penalty, the same logits. 400 short texts with 10,000 features: 27
iterations of multinomial logistic regression take .15 s instead of 1.3 s, and all trials on the same features share L.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from automl_text.families.beside import fitted_beside, with_beside
from automl_text.families.contract import Scores, label_codes, spread, training_macro_f1
from automl_text.families.imbalance import Balance, ImbalanceSettings, balance
from automl_text.families.memory import Memory
from automl_text.families.side_by_side import SideBySide
from automl_text.families.tfidf import (
    Features,
    TfidfSettings,
    fitted_vectorizer,
    sample_features,
    tfidf_settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator, RefitPlan, Sample
    from automl_text.families.counts import Matrix


Products = Callable[[], "NDArray[np.float64]"]
"""Gives X X', shape (n_rows, n_rows)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearSettings(TfidfSettings, ImbalanceSettings):
    """What every linear family can set: its features and its imbalance strategy."""


MAX_ROWS = 1500
"""Above this the n_rows x n_rows products cost more than the sparse ones."""
_COMMON, _COLUMNS_AT_A_TIME = 0.1, 4096
"""Share of the rows that makes a column common. 400 texts of 180 words: .05 s in place of .125."""
_JITTER = 1e-9
"""Added to the diagonal, relative to its mean, so that repeated rows leave X X' positive definite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """A linear model: logits are ``features @ coef.T + intercept``."""

    coef: NDArray[np.float32]
    """Shape (n_classes, n_features)."""
    intercept: NDArray[np.float32]
    """Shape (n_classes,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _RowSpace:
    """The training rows in coordinates that a solver is quick in."""

    features: Matrix | SideBySide
    """Shape (n_rows, n_features), sparse or dense."""
    lower: NDArray[np.float64] | None
    """L, shape (n_rows, n_rows); None where the features themselves are the better coordinates."""

    @property
    def matrix(self) -> Any:  # a csr_matrix or an ndarray
        """What a solver is given in place of the features."""
        return self.features if self.lower is None else self.lower

    def coef(self, solved: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the weights of the features, shape (n_outputs, n_features), from those of ``matrix``."""
        from scipy.linalg import solve_triangular

        if self.lower is None:
            return solved.astype(np.float32)
        of_rows = solve_triangular(self.lower, solved.T, lower=True, trans="T")
        return np.ascontiguousarray(
            SideBySide.of(self.features).transposed_times(of_rows).T, dtype=np.float32
        )


_squares: Memory[NDArray[np.float64]] = Memory(max_bytes=2**28, size=lambda square: square.nbytes)
"""L and X X' alone: a remembered _RowSpace would hold on to its features, which have a bound of their own elsewhere."""


def _row_space(
    features: Matrix | SideBySide, key: Hashable = None, products: Products | None = None
) -> _RowSpace:
    """Return coordinates for ``features``; L is remembered under ``key`` where one is given.

    The features are left alone where there are many rows or few columns. ``products`` gives X X' where that is known.
    """
    n_rows, n_features = features.shape
    if n_rows > min(MAX_ROWS, n_features):
        return _RowSpace(features=features, lower=None)

    def lower() -> NDArray[np.float64]:
        return _factor(row_products(features, key) if products is None else products())

    return _RowSpace(features=features, lower=lower() if key is None else _squares.get(("L", key), lower))


def row_products(features: Matrix | SideBySide, key: Hashable = None) -> NDArray[np.float64]:
    """Return X X', shape (n_rows, n_rows), not to be changed; it is remembered under ``key`` where one is given."""

    def products() -> NDArray[np.float64]:
        of_each = [_products(matrix) for matrix in SideBySide.of(features).matrices]
        return np.sum(of_each, axis=0) if len(of_each) > 1 else of_each[0]

    return products() if key is None else _squares.get(("X X'", key), products)


def _products(features: Matrix) -> NDArray[np.float64]:
    """Return X X' of one matrix; in float32 repeated rows would leave eigenvalues of -1e-7."""
    precise = features.astype(np.float64)
    return precise @ precise.T if isinstance(precise, np.ndarray) else _sparse_products(precise)


def _sparse_products(features: Matrix) -> NDArray[np.float64]:
    """Return X X', columns that are in many rows taken dense: a sparse product looks at each pair of their rows."""
    n_rows, n_features = features.shape
    is_common = np.bincount(features.indices, minlength=n_features) > _COMMON * n_rows
    rare, common = features[:, ~is_common], features[:, is_common].tocsc()
    products: NDArray[np.float64] = (rare @ rare.T).toarray()
    for start in range(0, common.shape[1], _COLUMNS_AT_A_TIME):
        dense = common[:, start : start + _COLUMNS_AT_A_TIME].toarray()
        products += dense @ dense.T
    return products


def _factor(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return L, shape (n_rows, n_rows)."""
    steadied: Any = products.copy()
    n_rows = len(steadied)
    steadied[np.diag_indices(n_rows)] += _JITTER * max(1.0, float(np.trace(products)) / n_rows)
    lower: NDArray[np.float64] = np.linalg.cholesky(steadied)
    return lower


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """One linear fit."""

    features: Matrix | SideBySide
    """Shape (n_rows, n_features), sparse or dense."""
    key: Hashable
    """Names the features, so that what is derived from them is made once; None where nothing is kept."""
    codes: NDArray[np.int64]
    """Classes 0..n_classes-1, shape (n_rows,); at least two, and each occurs."""
    balance: Balance
    """A solver takes its weights; the offset is added afterwards."""
    seed: int
    products: Products | None = None
    """Gives X X' of the features, where it is known better than from them."""

    def rows(self) -> _RowSpace:
        """Return the coordinates in which dense solvers are quick."""
        return _row_space(self.features, self.key, self.products)

    def fewest_numbers(self) -> _RowSpace:
        """Return the coordinates with fewer numbers that are not 0, for a solver that takes them one by one."""
        rows = self.rows()
        is_shorter = (
            rows.lower is not None
            and len(rows.lower) * (len(rows.lower) + 1) < 2 * SideBySide.of(self.features).n_numbers
        )
        return rows if is_shorter else _RowSpace(features=self.features, lower=None)


class LinearFamily(ABC):
    """What every linear family does; one of them says how it solves a fit, and which features are not TF-IDF alone."""

    is_reference = False
    reads_beside = True
    requires: tuple[str, ...] = ()
    runtime: Literal["light", "tensorflow"] = "light"

    @abstractmethod
    def solve(self, problem: Problem, settings: Any) -> tuple[Weights, tuple[str, ...]]:
        """Return the weights, and notes worth showing."""

    def features_of(self, sample: Sample, settings: Any) -> tuple[Features, Hashable]:
        """Return the features of a sample, and the key under which what is derived from them is kept."""
        tfidf = tfidf_settings_of(settings)
        return sample_features(sample, tfidf), (sample.key, tfidf)

    def products_of(self, sample: Sample, settings: Any) -> Products | None:  # noqa: ARG002  (of use elsewhere)
        """Return what gives X X' of the training texts, where it is made of parts that trials share; else None."""
        return None

    def vectorizer_of(self, texts: Sequence[str], settings: Any) -> tuple[Any, Matrix | SideBySide]:
        """Return what turns texts into features, fitted, and the features of the texts."""
        return fitted_vectorizer(texts, settings)

    def score(self, sample: Sample, settings: Any, *, seed: int) -> Scores:
        """Fit on the training rows and return the logits of the test rows."""
        started = time.perf_counter()
        of_text, key = self.features_of(sample, settings)
        features = with_beside(of_text, sample)
        present, codes = np.unique(sample.train_codes, return_inverse=True)
        problem = Problem(
            features=features.train,
            key=key,
            codes=codes,
            balance=balance(codes, sample.train_groups, settings, seed=seed),
            seed=seed,
            products=None if features.n_beside else self.products_of(sample, settings),
        )
        weights, notes = self._fit(problem, settings)
        fitted = time.perf_counter()
        logits = spread(_logits(features.test, weights), present, sample.n_classes)
        predicted = time.perf_counter()
        training = {}
        if sample.with_training_curve:
            training = {"macro_f1": (training_macro_f1(codes, _logits(features.train, weights)),)}
        return Scores(
            steps=(0,),
            logits=logits[np.newaxis],
            training=training,
            notes=(*features.notes, *notes),
            n_parameters=weights.coef.size + weights.intercept.size,
            fit_seconds=fitted - started,
            predict_seconds=predicted - fitted + features.seconds_per_text * len(logits),
        )

    def refit(self, plan: RefitPlan, settings: Any) -> Estimator:
        """Return a scikit-learn pipeline fitted on all rows of ``plan``, whose classifier is a LogisticRegression.

        Raises
        ------
        InputError
            If all rows carry the same label.
        """
        classes, codes = label_codes(plan)
        vectorizer, features = fitted_beside(*self.vectorizer_of(plan.texts, settings), plan)
        problem = Problem(
            features=features,
            key=None,
            codes=codes,
            balance=balance(codes, plan.groups, settings, seed=plan.seed),
            seed=plan.seed,
        )
        weights, _ = self._fit(problem, settings)
        return linear_pipeline(vectorizer, weights, classes, temperature=plan.temperature)

    def _fit(self, problem: Problem, settings: Any) -> tuple[Weights, tuple[str, ...]]:
        """Solve, and add the strategy's offset to the intercepts; a category alone needs no solver."""
        if problem.codes.max() == 0:
            alone = np.zeros((1, problem.features.shape[1]), dtype=np.float32)
            return Weights(coef=alone, intercept=np.zeros(1, dtype=np.float32)), ()
        weights, notes = self.solve(problem, settings)
        moved = (weights.intercept + problem.balance.offset).astype(np.float32)
        return Weights(coef=weights.coef, intercept=moved), notes


def two_columns(coef: NDArray[np.float64], intercept: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return one row per category, also where scikit-learn keeps one row for two of them.

    The softmax of (-d/2, d/2) is the sigmoid of d.
    """
    coef, intercept = np.atleast_2d(coef), np.atleast_1d(intercept)
    if len(coef) > 1:
        return coef, intercept
    signs = np.array([-0.5, 0.5])
    return signs[:, np.newaxis] * coef, signs * intercept


def _logits(features: Matrix | SideBySide, weights: Weights) -> NDArray[np.float32]:
    """Return the logits, shape (n_rows, n_classes)."""
    logits: NDArray[np.float32] = features @ weights.coef.T + weights.intercept
    return logits


def linear_pipeline(
    features: Any, weights: Weights, classes: Sequence[str], *, temperature: float
) -> Estimator:
    """Return ``features`` and a LogisticRegression whose probabilities are softmax(logits / temperature).

    Parameters
    ----------
    features : fitted scikit-learn vectorizer
    classes : sequence of str, length n_classes, at least two
    temperature : float, above 0
        Divides coefficients and intercepts, so the argmax stays.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    coef, intercept = weights.coef / np.float32(temperature), weights.intercept / np.float32(temperature)
    if len(classes) == 2:  # noqa: PLR2004  (scikit-learn keeps the difference alone where there are two)
        coef, intercept = coef[1:] - coef[:1], intercept[1:] - intercept[:1]
    model = LogisticRegression()
    model.classes_ = np.array(classes, dtype=object)
    model.coef_, model.intercept_ = coef, intercept
    model.n_features_in_ = coef.shape[1]
    model.n_iter_ = np.zeros(1, dtype=np.int32)
    estimator: Estimator = Pipeline([("features", features), ("classifier", model)])
    return estimator
