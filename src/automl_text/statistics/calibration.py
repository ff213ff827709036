"""One temperature that turns scores into probabilities which mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOG_TEMPERATURES = (np.log(0.01), np.log(100.0))
_N_BINS = 10
_FIRST_RATE, _RATES, _N_ROUNDS = 0.05, (0.002, 0.4), 60
"""Where the share of wrong labels is looked for, and how long."""
_ABSENT = -999.0
"""Logits below this belong to categories that the fit had no rows of."""


def fit_temperature(logits: NDArray[np.floating], codes: NDArray[np.int64]) -> float:
    """Return the temperature that minimises the log loss of ``softmax(logits / temperature)``.

    One parameter, the argmax unchanged (Guo, Pleiss, Sun & Weinberger 2017, "On Calibration of Modern Neural
    Networks", section 4.2). Rows whose category the fit had never seen say nothing about it and are left out.
    The label of a row counts 1 - 1 / (n + 2), all others share the rest (Platt 1999, "Probabilistic Outputs for Support
    Vector Machines", section 2.2): where every row is right the plain loss would end at certainty, at any distance.

    Parameters
    ----------
    logits : ndarray, shape (n_rows, n_classes)
        Of rows that the fits had not seen.
    codes : ndarray of int64, shape (n_rows,)

    Returns
    -------
    float
        In 0.01..100; 1 where no row can be used.
    """
    seen = logits[np.arange(len(codes)), codes] > _ABSENT
    if not seen.any():
        return 1.0
    kept, truth = logits[seen], codes[seen]

    known = kept > _ABSENT
    kept = kept - kept.max(axis=1, keepdims=True)
    n_others = known.sum(axis=1) - 1
    doubt = 1 / (len(truth) + 2) / np.maximum(n_others, 1)
    of_truth = kept[np.arange(len(truth)), truth]
    of_others = np.where(known, kept, 0.0).sum(axis=1) - of_truth
    wanted = float(np.mean((1 - doubt * n_others) * of_truth + doubt * of_others))

    def loss(log_temperature: float) -> float:
        rate = float(np.exp(-log_temperature))
        return float(np.mean(np.log(np.exp(rate * kept).sum(axis=1)))) - rate * wanted

    grid = np.linspace(*_LOG_TEMPERATURES, 19)
    best = int(np.argmin([loss(value) for value in grid]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    found = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def expected_calibration_error(probabilities: NDArray[np.float64], codes: NDArray[np.int64]) -> float:
    """Return the mean distance between confidence and accuracy over ten bins of equally many rows.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n_rows, n_classes)
    codes : ndarray of int64, shape (n_rows,)

    Notes
    -----
    Bins hold equally many rows rather than equal widths (Nixon et al. 2019, "Measuring Calibration in Deep
    Learning"), since the confidences of one model crowd together.
    """
    confidence = probabilities.max(axis=1)
    is_right = (probabilities.argmax(axis=1) == codes).astype(np.float64)
    bins = np.array_split(np.argsort(confidence, kind="stable"), min(_N_BINS, len(codes)))
    gaps = [abs(confidence[rows].mean() - is_right[rows].mean()) * len(rows) for rows in bins]
    return float(np.sum(gaps) / len(codes))


def label_doubt(own: NDArray[np.float64], n_classes: int) -> NDArray[np.float64]:
    """Return for each row the probability that its label is wrong, shape (n_rows,).

    If a share e of the labels is wrong, and a wrong one may be any other class, then a probability calibrated
    against the labels as given is ``own = (1 - e) q + e (1 - q) / (k - 1)`` with q that of the class itself, and of the
    rows that carry the label so many are wrong as the second term is of ``own``. The share e is what makes the mean of
    these probabilities e again (Dawid & Skene 1979, "Maximum Likelihood Estimation of Observer Error-Rates", with one
    observer and one rate); where nothing else is known of the labels it errs on the low side.

    Parameters
    ----------
    own : ndarray of float64, shape (n_rows,)
        Calibrated out-of-fold probability of the label that each row carries.
    """
    given, rate = own.clip(min=1e-6), _FIRST_RATE
    doubt = np.zeros(len(own))
    for _ in range(_N_ROUNDS):
        by_mistake = rate / max(n_classes - 1, 1)
        of_itself = ((given - by_mistake) / (1 - rate - by_mistake)).clip(0, 1)
        doubt = (by_mistake * (1 - of_itself) / given).clip(0, 1)
        rate = float(np.clip(doubt.mean(), *_RATES))
    return np.asarray(doubt)
