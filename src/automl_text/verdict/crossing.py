"""At how many rows would another family draw level? A range, or an honest "cannot be told"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.comparison import compare
from automl_text.verdict.curves import posterior_of, rows_trained_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.statistics.learning_curve import CurvePosterior
    from automl_text.verdict.predictions import Predictions

MULTIPLES = 2.0 ** np.arange(0, 6.01, 0.25)
"""Beyond 64 times the rows nothing measured here says anything."""
N_DRAWS = 2000
TOLD = 0.8
"""A range is given if this share of the draws lies within it or the rival never draws level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where the rival draws level.

    Attributes
    ----------
    share : float
        Share of the draws in which it does within 64 times the rows.
    low, high : float
        The 10th and 90th percentile of the multiple of today's rows, over those draws; NaN without any.
    """

    share: float
    low: float
    high: float


def crossing_sentence(chosen: Predictions, rival: Predictions) -> str:
    """Return when ``rival`` would draw level with ``chosen``, in words; empty where it is level already."""
    of_chosen, of_rival = posterior_of(chosen), posterior_of(rival)
    pair = compare(chosen.truth, chosen.predicted, rival.predicted)
    if of_chosen is None or of_rival is None or pair.mean <= 0:
        return ""
    title, n_rows = rival.evidence.title, chosen.n_rows
    found = find_crossing(_draws(chosen, of_chosen), _draws(rival, of_rival, noise=pair.scale))
    if 1 - found.share >= TOLD:
        return f"{title} would hardly draw level within {round(MULTIPLES[-1])} times the rows."
    if found.share >= TOLD:
        low, high = rounded(found.low * n_rows), rounded(found.high * n_rows)
        return f"{title} would draw level somewhere between {low:,} and {high:,} rows."
    return f"When {title} would draw level cannot be told from these rows."


def find_crossing(chosen: NDArray[np.float64], rival: NDArray[np.float64]) -> Crossing:
    """Return where the rival's error first falls to the other's.

    Parameters
    ----------
    chosen, rival : ndarray of float64, shape (n_draws, n_multiples)
        Errors at ``MULTIPLES`` times today's rows, one row for each draw.
    """
    is_level = rival <= chosen
    crosses = is_level.any(axis=1)
    if not crosses.any():
        return Crossing(share=0.0, low=float("nan"), high=float("nan"))
    at = MULTIPLES[is_level.argmax(axis=1)[crosses]]
    low, high = np.quantile(at, [0.1, 0.9])
    return Crossing(share=float(crosses.mean()), low=float(low), high=float(high))


def _draws(judged: Predictions, posterior: CurvePosterior, *, noise: float = 0.0) -> NDArray[np.float64]:
    """Return errors over ``MULTIPLES`` for draws of the curve; ``noise`` is that of the paired difference.

    Both families are judged on the same rows, so only the noise of their difference matters, and it is put on
    one of them.
    """
    generator = np.random.default_rng(judged.evidence.simplicity % 2**32)  # a plug-in's may be negative
    picked = generator.choice(posterior.weights.size, size=N_DRAWS, p=posterior.weights.ravel())
    ratios = np.stack(
        [
            posterior.ratios(rows_trained_on(judged), multiple * judged.n_rows).ravel()[picked]
            for multiple in MULTIPLES
        ],
        axis=1,
    )
    levels = np.maximum(1 - judged.macro_f1 + generator.normal(0, noise, N_DRAWS), 1e-6)
    return np.asarray(levels[:, np.newaxis] * ratios)


def rounded(n_rows: float) -> int:
    """Return two significant digits: a forecast has no more."""
    return int(float(f"{n_rows:.1e}"))
