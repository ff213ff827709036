"""Columns beside the text, as columns after those of the text: scikit-learn's own encoders, fitted on training rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.beside import reads_frame
from automl_text.families.counts import Matrix, matrix_bytes
from automl_text.families.memory import Memory
from automl_text.families.side_by_side import SideBySide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame

    from automl_text.families.contract import Estimator, RefitPlan, Rows, Sample
    from automl_text.families.tfidf import Features

_MOST_STEPS = 10
"""Different whole numbers up to which each is a category of its own: codes and grades have no scale to lie on."""
_SEEN_TWICE = 2
"""Rows from which a category has a column of its own; all rarer ones share one, and so do those never seen."""

_WEIGHTS = {"categorical": 0.25, "steps": 0.25, "numbers": 0.5}
"""Beside a text of two blocks of length 1. At 1 a column of noise costs up to .13 macro-F1 (docs/decisions/0017)."""
_BLOCKS = 2
_QUANTILES = 50

_blocks: Memory[tuple[Matrix, Matrix]] = Memory(
    max_bytes=2**27, size=lambda blocks: sum(map(matrix_bytes, blocks))
)


def with_beside(features: Features, sample: Sample) -> Features:
    """Return the features of a sample, where it has columns beside the text with those after them."""
    train, test = sample.train_frame, sample.test_frame
    if train is None or test is None:
        return features
    blocks, scale = _blocks.get(sample.key, lambda: encoded(train, test)), _scale(features.train)
    return replace(
        features,
        train=_after(features.train, blocks[0] * scale),
        test=_after(features.test, blocks[1] * scale),
        n_beside=blocks[0].shape[1],
    )


def encoded(train: DataFrame, *others: DataFrame) -> tuple[Matrix, ...]:
    """Return the columns beside the text of each frame, whose first column is the text, as ``train`` has them."""
    from scipy.sparse import csr_matrix
    from sklearn.compose import ColumnTransformer

    fitted = ColumnTransformer(_encoders(train), transformer_weights=_WEIGHTS).fit(train)
    return tuple(csr_matrix(fitted.transform(each), dtype=np.float32) for each in (train, *others))


def fitted_beside(
    vectorizer: Any, features: Matrix | SideBySide, plan: RefitPlan
) -> tuple[Any, Matrix | SideBySide]:
    """Return the first step of a pipeline and its columns: where a plan has columns beside the text, both together.

    Parameters
    ----------
    vectorizer : fitted scikit-learn transformer
        Of the texts alone.
    features : Matrix or SideBySide
        What it makes of the texts of ``plan``.
    """
    from sklearn.compose import ColumnTransformer

    if plan.frame is None:
        return vectorizer, features
    both = [("text", vectorizer, plan.frame.columns[0]), *_encoders(plan.frame)]
    weights = {name: weight * _scale(features) for name, weight in _WEIGHTS.items()}
    together = ColumnTransformer(both, sparse_threshold=1.0, transformer_weights=weights)
    columns = together.fit_transform(plan.frame)[:, features.shape[1] :]
    return together, _after(features, columns.astype(np.float32))


def given_to(estimator: Estimator, texts: Sequence[str], frame: DataFrame | None) -> Rows:
    """Return what ``estimator`` is given of some rows: the frame if it was fitted on one, else the texts alone."""
    return texts if frame is None or not reads_frame(estimator) else frame


def _scale(text: Matrix | SideBySide) -> float:
    """Return how long a text's row is against one of two blocks: beside sentence vectors the columns weigh as much."""
    return float(SideBySide.of(text).lengths().max() / np.sqrt(_BLOCKS)) or 1.0


def _after(text: Matrix | SideBySide, beside: Matrix) -> Matrix | SideBySide:
    """Return the columns of the text and those beside it: one sparse matrix where the former are one."""
    from scipy.sparse import hstack

    if isinstance(text, (np.ndarray, SideBySide)):
        return SideBySide.of(text, beside)
    return hstack([text, beside], format="csr")


def _encoders(frame: DataFrame) -> list[tuple[str, Any, list[str]]]:
    """Return what turns the columns beside the text into numbers: name, unfitted transformer, columns.

    A cell that is missing is a category of its own, or the median and a column that says so. A number is its place
    among those of training, from 0 to 1, which no outlier moves.
    """
    from pandas.api.types import is_numeric_dtype
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

    numbers = [name for name in frame.columns[1:] if is_numeric_dtype(frame[name])]
    steps = [name for name in numbers if _has_steps(frame[name].to_numpy())]
    columns = {
        "categorical": [name for name in frame.columns[1:] if name not in numbers],
        "steps": steps,
        "numbers": [name for name in numbers if name not in steps],
    }
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=_SEEN_TWICE, dtype=np.float32)
    median = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    place = QuantileTransformer(n_quantiles=min(_QUANTILES, len(frame)), random_state=0)
    transformers = {
        "categorical": make_pipeline(SimpleImputer(strategy="constant", fill_value=""), one_hot),
        "steps": make_pipeline(median, one_hot),
        "numbers": make_pipeline(median, place),
    }
    return [(kind, transformers[kind], names) for kind, names in columns.items() if names]


def _has_steps(values: np.ndarray) -> bool:
    """Return whether numbers are whole and few."""
    present = np.unique(values[~np.isnan(values)])
    return len(present) <= _MOST_STEPS and bool(np.all(present == np.round(present)))
