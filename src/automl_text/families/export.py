"""What linear families export: a scikit-learn pipeline that holds their weights, and nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator

NO_TEXT = "\ue000"
"""A private-use character: the one column of a model whose training texts hold nothing to look at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """A linear model: logits are ``features @ coef.T + intercept``.

    Attributes
    ----------
    coef : ndarray of float32, shape (n_classes, n_features)
    intercept : ndarray of float32, shape (n_classes,)
    """

    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]


def constant_features() -> Any:  # a TfidfVectorizer, imported late
    """Return a vectorizer of one column, 0 for every text: a classifier behind it knows shares alone."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", vocabulary=[NO_TEXT], use_idf=False, dtype=np.float32)
    return vectorizer.fit([""])


def linear_pipeline(
    features: Any, weights: Weights, classes: Sequence[str], *, temperature: float
) -> Estimator:
    """Return ``features`` and a LogisticRegression whose probabilities are softmax(logits / temperature).

    Parameters
    ----------
    features : fitted scikit-learn vectorizer
    weights : Weights
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
