"""Macro-F1 and what stands beside it, from predictions of rows that the model had not seen.

Macro-F1 is the mean over classes of each class's F1 (Opitz & Burst 2019, "Macro F1 and Macro F1", the averaged
F1 of the two definitions), over a fixed list of classes: the measurable ones. A row of any other class still
counts where it does harm, as a false positive of the class predicted for it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import MetricRow
from automl_text.statistics.pr_auc import keras_pr_auc, macro_pr_auc, micro_pr_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHANCE_DRAWS = 8
_CHANCE_DECISIONS = 100_000
"""Random scores are drawn up to _CHANCE_DRAWS times, fewer where that makes more (row, class) decisions."""

_TITLES = {
    "macro_f1": "Macro-F1",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "log_loss": "Log loss (lower is better)",
    "macro_pr_auc": "Macro PR-AUC",
    "micro_pr_auc": "Micro PR-AUC",
    "keras_pr_auc": "Keras's AUC(curve='PR')",
}


def confusion(codes: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Count how often each class was taken for each.

    Parameters
    ----------
    codes, predicted : ndarray of int64, shape (n_rows,)
        Class indices 0..n_classes-1.

    Returns
    -------
    ndarray of int64, shape (n_classes, n_classes)
        Rows are true classes, columns predicted ones. Confusions of several splits may be added up.
    """
    pairs = codes * n_classes + predicted
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def class_f1(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each class's F1 from a confusion matrix, shape (n_classes,); 0 where nothing is true or predicted."""
    hits = np.diag(matrix).astype(np.float64)
    size = matrix.sum(axis=1) + matrix.sum(axis=0)
    return np.asarray(np.divide(2 * hits, size, out=np.zeros_like(hits), where=size > 0))


def class_precision(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each class's precision from a confusion matrix, shape (n_classes,); 0 where it is never predicted."""
    return _share_of_hits(matrix, matrix.sum(axis=0))


def class_recall(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each class's recall from a confusion matrix, shape (n_classes,); 0 where it does not occur."""
    return _share_of_hits(matrix, matrix.sum(axis=1))


def _share_of_hits(matrix: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    hits = np.diag(matrix).astype(np.float64)
    return np.asarray(np.divide(hits, totals, out=np.zeros_like(hits), where=totals > 0))


def macro_f1_of(matrix: NDArray[np.int64], measurable: NDArray[np.bool_]) -> float:
    """Return macro-F1, in 0..1, of a confusion matrix, which may be pooled over splits."""
    return float(class_f1(matrix)[measurable].mean()) if measurable.any() else 0.0


def macro_f1(codes: NDArray[np.int64], predicted: NDArray[np.int64], measurable: NDArray[np.bool_]) -> float:
    """Return macro-F1, in 0..1, of pooled predictions.

    Parameters
    ----------
    codes, predicted : ndarray of int64, shape (n_rows,)
    measurable : ndarray of bool, shape (n_classes,)
        The classes that are averaged over, whether or not they occur in ``codes``; an absent one scores 0.
    """
    return macro_f1_of(confusion(codes, predicted, len(measurable)), measurable)


def macro_f1_by_step(
    codes: NDArray[np.int64], predicted: NDArray[np.int64], measurable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return `macro_f1` after each step, shape (n_steps,), of classes of shape (n_steps, n_rows)."""
    return np.array([macro_f1(codes, at_step, measurable) for at_step in predicted])


def accuracy(codes: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Return the share of rows predicted right, over all classes."""
    return float(np.mean(codes == predicted))


def balanced_accuracy(
    codes: NDArray[np.int64], predicted: NDArray[np.int64], measurable: NDArray[np.bool_]
) -> float:
    """Return the mean recall of the measurable classes that occur in ``codes``."""
    matrix = confusion(codes, predicted, len(measurable))
    counted = measurable & (matrix.sum(axis=1) > 0)
    return float(class_recall(matrix)[counted].mean()) if counted.any() else 0.0


def softmax(logits: NDArray[np.floating], temperature: float = 1.0) -> NDArray[np.float64]:
    """Return ``exp(logits / temperature)`` divided by its sum over the last axis, as float64."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    weights = np.exp(scaled)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def log_loss(codes: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Return the mean negative log probability of the true class, in nats.

    Probabilities are held away from 0 by the resolution of float64, as scikit-learn does; a true class that
    was given none costs 36.
    """
    of_truth = probabilities[np.arange(len(codes)), codes]
    return float(-np.log(np.clip(of_truth, np.finfo(np.float64).eps, 1.0)).mean())


def metric_rows(
    codes: NDArray[np.int64], probabilities: NDArray[np.float64], measurable: NDArray[np.bool_]
) -> tuple[MetricRow, ...]:
    """Return every metric with its two chance levels, computed on these very rows.

    Parameters
    ----------
    codes : ndarray of int64, shape (n_rows,)
    probabilities : ndarray of float64, shape (n_rows, n_classes)
        The class predicted is the most probable one.
    measurable : ndarray of bool, shape (n_classes,)
        Macro-F1, balanced accuracy and macro PR-AUC average over these; log loss is over their rows, since
        the others are given probability 0 by construction.

    Notes
    -----
    ``chance_random`` is the mean over draws of random scores, ``chance_shares`` what the class shares alone
    reach when every row is given them as probabilities. The two differ widely when classes are unequal.
    """
    measured = _all_metrics(codes, probabilities, measurable)
    at_random, by_shares = _chance_levels(codes.astype(np.int64).tobytes(), measurable.tobytes())
    return tuple(
        MetricRow(
            name=name,
            title=title,
            value=measured[name],
            chance_random=at_random[name],
            chance_shares=by_shares[name],
        )
        for name, title in _TITLES.items()
    )


def _all_metrics(
    codes: NDArray[np.int64], probabilities: NDArray[np.float64], measurable: NDArray[np.bool_]
) -> dict[str, float]:
    predicted = probabilities.argmax(axis=1)
    judged = measurable[codes]
    return {
        "macro_f1": macro_f1(codes, predicted, measurable),
        "accuracy": accuracy(codes, predicted),
        "balanced_accuracy": balanced_accuracy(codes, predicted, measurable),
        "log_loss": log_loss(codes[judged], probabilities[judged]) if judged.any() else 0.0,
        "macro_pr_auc": macro_pr_auc(codes, probabilities, measurable),
        "micro_pr_auc": micro_pr_auc(codes, probabilities),
        "keras_pr_auc": keras_pr_auc(codes, probabilities),
    }


@lru_cache(maxsize=1)
def _chance_levels(
    codes_as_bytes: bytes, measurable_as_bytes: bytes
) -> tuple[dict[str, float], dict[str, float]]:
    """Return what random scores and the class shares reach: half of all metrics' time, and one for all families."""
    codes = np.frombuffer(codes_as_bytes, dtype=np.int64)
    measurable = np.frombuffer(measurable_as_bytes, dtype=np.bool_)
    shares = np.bincount(codes, minlength=len(measurable)) / len(codes)
    by_shares = _all_metrics(codes, np.tile(shares, (len(codes), 1)), measurable)
    return _random_metrics(codes, measurable), by_shares


def _random_metrics(codes: NDArray[np.int64], measurable: NDArray[np.bool_]) -> dict[str, float]:
    shape = (len(codes), len(measurable))
    n_draws = int(np.clip(_CHANCE_DECISIONS // (shape[0] * shape[1]), 1, _CHANCE_DRAWS))
    generator = np.random.default_rng(0)  # a reference value: the same for every run of the same rows
    draws = [
        _all_metrics(codes, generator.dirichlet(np.ones(shape[1]), size=shape[0]), measurable)
        for _ in range(n_draws)
    ]
    return {name: float(np.mean([draw[name] for draw in draws])) for name in _TITLES}
