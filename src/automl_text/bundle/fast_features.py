"""A pipeline's probabilities for many short texts, several times faster where its features are plain TF-IDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.families.counts import PieceCounter, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator

    Predict = Callable[[Sequence[str]], NDArray[np.float64]]


def fast_predict_proba(estimator: Estimator) -> Predict:
    """Return what gives the same probabilities as ``estimator.predict_proba``, faster where it is known how."""
    from sklearn.pipeline import Pipeline

    as_it_is: Predict = estimator.predict_proba
    if not isinstance(estimator, Pipeline):
        return as_it_is
    features = _fast_transform(estimator.steps[0][1])
    if features is None:
        return as_it_is
    rest = estimator[1:]
    return lambda texts: np.asarray(rest.predict_proba(features(texts)), dtype=np.float64)


def _fast_transform(features: Any) -> Callable[[Sequence[str]], Any] | None:  # scikit-learn has no types
    """Return a replacement of ``features.transform``; None for what this file does not know."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    if type(features) is FeatureUnion and features.transformer_weights is None:
        blocks = [_fast_transform(block) for _, block in features.transformer_list]
        known = [block for block in blocks if block is not None]
        if len(known) < len(blocks):
            return None
        return lambda texts: hstack([block(texts) for block in known], format="csr")
    if type(features) is TfidfVectorizer and is_plain(features):
        return _fast_tfidf(features)
    return None


def _fast_tfidf(vectorizer: Any) -> Callable[[Sequence[str]], Any]:
    """Return what gives the same as the ``transform`` of a TfidfVectorizer."""
    counter = PieceCounter(vectorizer, vectorizer.vocabulary_)
    weigh = vectorizer._tfidf.transform  # noqa: SLF001  (the second half of the vectorizer's own transform)

    def transform(texts: Sequence[str]) -> Any:  # a csr_matrix
        counts = counter.counts(texts)
        counts.sort_indices()
        return weigh(counts, copy=False)

    return transform
