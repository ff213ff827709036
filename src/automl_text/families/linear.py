"""TF-IDF and the strongest cheap linear classifiers: a support vector machine, or ridge regression on +1 and -1."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

from automl_text.families.linear_model import LinearFamily, LinearSettings, Problem, Weights, two_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModelSettings(LinearSettings):
    """Features, imbalance strategy, and the classifier."""

    imbalance: Literal["none", "balanced", "tempered", "oversample"]
    """Without "logit_adjustment": margins are no log-probabilities, and it lost .08 macro-F1 where it was
    tried."""
    classifier: Literal["svm", "ridge"]
    """"svm" (LinearSVC) or "ridge" (RidgeClassifier)."""
    C: float
    """Inverse strength of the penalty on the weights; ridge calls it 1 / alpha; above 0."""


class _Linear(LinearFamily):
    """Margins instead of probabilities: the caller fits one temperature to out-of-fold margins for the refit."""

    name = "linear"
    title = "Linear SVM or ridge"
    simplicity = 20
    settings = LinearModelSettings

    def solve(self, problem: Problem, settings: LinearModelSettings) -> tuple[Weights, tuple[str, ...]]:
        """Return one hyperplane per category against the rest."""
        solve = {"svm": _solve_svm, "ridge": _solve_ridge}[settings.classifier]
        return solve(problem, settings.C)


MAX_ITERATIONS = 4000
"""Over the rows; 3,000 texts with 1,000 words need some 1,000 at C = 30, and .3 s."""


def _solve_svm(problem: Problem, C: float) -> tuple[Weights, tuple[str, ...]]:
    """Fit the squared hinge loss; liblinear takes the numbers of a row one by one.

    Sparse rows are fitted in the dual even where they outnumber the features. scikit-learn would then take the primal:
    the same labels on 60,000 texts in 18 categories, in 39.6 s of CPU in place of 11.3 (``benchmarks/many_rows.py``).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    rows = problem.fewest_numbers()
    dual = True if rows.lower is None else "auto"
    model = LinearSVC(C=C, dual=dual, max_iter=MAX_ITERATIONS, random_state=problem.seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(rows.matrix, problem.codes, sample_weight=problem.balance.weights)
    coef, intercept = two_columns(model.coef_, model.intercept_)
    notes = ("The support vector machine stopped before it converged.",) if caught else ()
    return Weights(coef=rows.coef(coef), intercept=intercept.astype("float32")), notes


def _solve_ridge(problem: Problem, C: float) -> tuple[Weights, tuple[str, ...]]:
    """Fit the squared error of +1 and -1, in the space of the rows where there are few."""
    from sklearn.linear_model import RidgeClassifier

    rows = problem.rows()
    model = RidgeClassifier(alpha=1 / C)
    model.fit(rows.matrix, problem.codes, sample_weight=problem.balance.weights)
    coef, intercept = two_columns(model.coef_, model.intercept_)
    return Weights(coef=rows.coef(coef), intercept=intercept.astype("float32")), ()


FAMILY = _Linear()
