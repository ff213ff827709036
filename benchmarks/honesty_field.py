"""Intervals for macro-F1 as the field publishes them, from the same out-of-fold predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from automl_text.statistics.metrics import class_f1, confusion, macro_f1
from honesty_samples import drawn

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.results import Interval
    from honesty_samples import Fitter, Population

Z = 1.959964
N_DRAWS = 500
N_SPLITS, N_HALVINGS = 15, 10
TEST_SHARE = 0.2


def takahashi(matrix: NDArray[np.int64]) -> Interval:
    """Return the interval of Takahashi et al. (2022).

    "Confidence interval for micro-averaged F1 and macro-averaged F1 scores": the delta method on a multinomial,
    the variance of the gradient over the cells of the confusion matrix.
    """
    shares = matrix / matrix.sum()
    sizes = shares.sum(axis=0) + shares.sum(axis=1)
    hits = np.diag(shares)
    slope = np.divide(2 * hits, sizes**2, out=np.zeros(len(hits)), where=sizes > 0)
    gradient = -(slope[:, np.newaxis] + slope)
    gradient[np.diag_indices(len(hits))] += np.divide(2, sizes, out=np.zeros(len(hits)), where=sizes > 0)
    gradient /= len(hits)
    variance = np.sum(shares * gradient**2) - np.sum(shares * gradient) ** 2
    centre, half = float(class_f1(matrix).mean()), Z * float(np.sqrt(variance / matrix.sum()))
    return centre - half, centre + half


def corrected_t(folds: NDArray[np.float64]) -> Interval:
    """Return the interval of Nadeau & Bengio's corrected resampled t (2003), from macro-F1 of single folds."""
    n_folds = len(folds)
    error = np.sqrt((1 / n_folds + 1 / (n_folds - 1)) * folds.var(ddof=1))
    half = float(stats.t.ppf(0.975, n_folds - 1) * error)
    return float(folds.mean()) - half, float(folds.mean()) + half


def bootstrap(
    codes: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int, *, seed: int
) -> Interval:
    """Return the percentile interval of redrawn pooled predictions."""
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, len(codes), (N_DRAWS, len(codes)))
    scores = [class_f1(confusion(codes[each], predicted[each], n_classes)).mean() for each in rows]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def conservative_z(whole: NDArray[np.float64], halves: NDArray[np.float64]) -> Interval:
    """Return the conservative z of Nadeau & Bengio (2003, section 5), as Schulz-Kümpel et al. (2025) compare it.

    Parameters
    ----------
    whole : ndarray of float64, shape (n_splits,)
        Macro-F1 of random splits of all rows.
    halves : ndarray of float64, shape (n_halvings, 2, n_splits)
        The same of both halves of the rows, halved many times: their difference tells the variance.
    """
    gaps = np.diff(halves.mean(axis=-1), axis=1)
    half = Z * float(np.sqrt(np.mean(gaps**2) / 2))
    return float(whole.mean()) - half, float(whole.mean()) + half


def halved(
    population: Population, fitter: Fitter, *, n_rows: int, seed: int, folder: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what `conservative_z` takes, of one sample; fitted where ``folder`` does not keep it yet."""
    path = folder / f"halved.{population.name}.{n_rows}.{fitter.label}.{seed}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        generator, rows = np.random.default_rng(seed), drawn(population, fitter.data, n_rows, seed)[0]
        halves = []
        for _ in range(N_HALVINGS):
            shuffled = generator.permutation(rows)
            halves.append(
                [_scores(fitter, half, generator) for half in np.array_split(shuffled, 2)],
            )
        np.savez(path, whole=_scores(fitter, rows, generator), halves=np.array(halves))
    with np.load(path) as stored:
        return stored["whole"], stored["halves"]


def _scores(fitter: Fitter, rows: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.float64]:
    """Return macro-F1 over the classes of each test part, shape (n_splits,)."""
    codes, n_test = fitter.data.codes, round(TEST_SHARE * len(rows))
    scores = []
    for number in range(N_SPLITS):
        shuffled = generator.permutation(rows)
        test, train = shuffled[:n_test], shuffled[n_test:]
        logits = fitter.scores(train, np.arange(len(train)), test, key=f"{number}", seed=number)
        occurs = np.isin(np.arange(fitter.data.n_classes), codes[test])
        scores.append(macro_f1(codes[test], logits.argmax(axis=1), occurs))
    return np.array(scores)
