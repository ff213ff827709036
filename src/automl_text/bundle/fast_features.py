"""What a model says of many short texts, several times faster where its features are plain TF-IDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.families.counts import PieceCounter, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator, Rows

    Predict = Callable[[Rows], tuple[NDArray[np.float64], NDArray[np.float64] | None]]


def fast_predict(estimator: Estimator) -> Predict:
    """Return what gives the same probabilities as ``estimator.predict_proba``, faster where it is known how.

    And each text's largest logit, shape (n_texts,), where a linear model ends the pipeline; None for others.
    """
    from sklearn.pipeline import Pipeline

    if not isinstance(estimator, Pipeline):
        return lambda texts: (np.asarray(estimator.predict_proba(texts), dtype=np.float64), None)
    first, last = estimator.steps[0][1], estimator.steps[-1][1]
    rest: Any = estimator[1:] if len(estimator.steps) > 2 else last  # noqa: PLR2004  (a pipeline leaves garbage)
    features = _fast_transform(first) or first.transform
    is_linear = hasattr(last, "coef_")

    def predict(texts: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        columns = features(texts)
        probability = np.asarray(rest.predict_proba(columns), dtype=np.float64)
        return probability, _largest_logit(rest.decision_function(columns)) if is_linear else None

    return predict


def _largest_logit(decided: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest logit of each text; of two categories scikit-learn gives the difference alone."""
    return np.asarray(np.abs(decided) / 2 if decided.ndim == 1 else decided.max(axis=1), dtype=np.float64)


def _fast_transform(features: Any) -> Callable[[Any], Any] | None:  # scikit-learn has no types
    """Return a replacement of ``features.transform``; None for what this file does not know."""
    from scipy.sparse import hstack
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    if type(features) is ColumnTransformer and features.transformers_[-1][0] != "remainder":
        return _fast_columns(features)
    if type(features) is FeatureUnion and features.transformer_weights is None:
        blocks = [_fast_transform(block) for _, block in features.transformer_list]
        known = [block for block in blocks if block is not None]
        if len(known) < len(blocks):
            return None
        return lambda texts: hstack([block(texts) for block in known], format="csr")
    if type(features) is TfidfVectorizer and is_plain(features):
        return _fast_tfidf(features)
    return None


def _fast_columns(features: Any) -> Callable[[Any], Any] | None:
    """Return a replacement of the ``transform`` of texts and columns beside them; None where the texts' is unknown."""
    from scipy.sparse import hstack

    (_, of_text, text), *beside = features.transformers_
    fast, weights = _fast_transform(of_text), features.transformer_weights or {}
    if fast is None:
        return None

    def transform(frame: Any) -> Any:  # a DataFrame, and a csr_matrix
        others = [each.transform(frame[columns]) * weights.get(name, 1) for name, each, columns in beside]
        return hstack([fast(frame[text]), *others], format="csr")

    return transform


def _fast_tfidf(vectorizer: Any) -> Callable[[Sequence[str]], Any]:
    """Return what gives the same as the ``transform`` of a TfidfVectorizer."""
    counter = PieceCounter(vectorizer, vectorizer.vocabulary_)
    weigh = vectorizer._tfidf.transform  # noqa: SLF001  (the second half of the vectorizer's own transform)

    def transform(texts: Sequence[str]) -> Any:  # a csr_matrix
        counts = counter.counts(texts)
        counts.sort_indices()
        return weigh(counts, copy=False)

    return transform
