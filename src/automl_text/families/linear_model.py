"""What the linear families have in common: features in, logits or a pipeline out; only the solver differs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from automl_text.families.classes import label_codes, spread, training_macro_f1
from automl_text.families.contract import Scores
from automl_text.families.export import Weights, linear_pipeline
from automl_text.families.imbalance import Balance, ImbalanceSettings, balance
from automl_text.families.row_space import RowSpace, row_space
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearSettings(TfidfSettings, ImbalanceSettings):
    """What every linear family can set: its features and its imbalance strategy."""


FeaturesOf = Callable[["Sample", Any], "tuple[Features, Hashable]"]
"""Makes the features of a sample; the settings are those of the family."""
VectorizerOf = Callable[["Sequence[str]", Any], "tuple[Any, Matrix]"]
"""Fits what turns texts into features, and returns it with the features of the texts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """One linear fit.

    Attributes
    ----------
    features : csr_matrix of float32, shape (n_rows, n_features)
    key : hashable
        Names the features, so that what is derived from them is made once; None where nothing is kept.
    codes : ndarray of int64, shape (n_rows,)
        Categories 0..n_classes-1; at least two, and each occurs.
    balance : Balance
        A solver takes its weights; the offset is added afterwards.
    seed : int
    """

    features: Matrix
    key: Hashable
    codes: NDArray[np.int64]
    balance: Balance
    seed: int

    def rows(self) -> RowSpace:
        """Return the coordinates in which dense solvers are quick."""
        return row_space(self.features, self.key)


class Solver(Protocol):
    """Fits one linear model."""

    def __call__(self, problem: Problem, settings: Any) -> tuple[Weights, tuple[str, ...]]:
        """Return the weights, and notes worth showing."""


def tfidf_of(sample: Sample, settings: LinearSettings) -> tuple[Features, Hashable]:
    """Return the TF-IDF features of a sample, and the key under which what is derived from them is kept."""
    part = tfidf_settings_of(settings)
    return sample_features(sample, part), (sample.key, part)


def score_linear(
    sample: Sample,
    settings: LinearSettings,
    solve: Solver,
    *,
    seed: int,
    features_of: FeaturesOf = tfidf_of,
) -> Scores:
    """Fit on the training rows and return the logits of the test rows."""
    started = time.perf_counter()
    features, key = features_of(sample, settings)
    present, codes = np.unique(sample.train_codes, return_inverse=True)
    problem = Problem(
        features=features.train,
        key=key,
        codes=codes,
        balance=balance(codes, sample.train_groups, settings, seed=seed),
        seed=seed,
    )
    weights, notes = _fit(problem, settings, solve)
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
        predict_seconds=predicted - fitted,
    )


def refit_linear(
    plan: RefitPlan,
    settings: LinearSettings,
    solve: Solver,
    *,
    vectorizer_of: VectorizerOf = fitted_vectorizer,
) -> Estimator:
    """Return a scikit-learn pipeline fitted on all rows of ``plan``.

    Raises
    ------
    InputError
        If all rows carry the same label.
    """
    classes, codes = label_codes(plan)
    vectorizer, features = vectorizer_of(plan.texts, settings)
    problem = Problem(
        features=features,
        key=None,
        codes=codes,
        balance=balance(codes, plan.groups, settings, seed=plan.seed),
        seed=plan.seed,
    )
    weights, _ = _fit(problem, settings, solve)
    return linear_pipeline(vectorizer, weights, classes, temperature=plan.temperature)


def two_columns(coef: NDArray[np.float64], intercept: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return one row per category, also where scikit-learn keeps one row for two of them.

    The softmax of (-d/2, d/2) is the sigmoid of d.
    """
    coef, intercept = np.atleast_2d(coef), np.atleast_1d(intercept)
    if len(coef) > 1:
        return coef, intercept
    signs = np.array([-0.5, 0.5])
    return signs[:, np.newaxis] * coef, signs * intercept


def _fit(problem: Problem, settings: LinearSettings, solve: Solver) -> tuple[Weights, tuple[str, ...]]:
    """Solve, and add the strategy's offset to the intercepts; a category alone needs no solver."""
    if problem.codes.max() == 0:
        alone = np.zeros((1, problem.features.shape[1]), dtype=np.float32)
        return Weights(coef=alone, intercept=np.zeros(1, dtype=np.float32)), ()
    weights, notes = solve(problem, settings)
    moved = (weights.intercept + problem.balance.offset).astype(np.float32)
    return Weights(coef=weights.coef, intercept=moved), notes


def _logits(features: Matrix, weights: Weights) -> NDArray[np.float32]:
    """Return the logits, shape (n_rows, n_classes)."""
    logits: NDArray[np.float32] = features @ weights.coef.T + weights.intercept
    return logits
