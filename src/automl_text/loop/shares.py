"""How frequent categories are in texts without labels, and what may be expected of the model under such shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.results.after import ClassShare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.results import RunResult

_N_DRAWS = 200
_MOST_TEXTS = 5000
"""Texts that the correction looks at."""


def _corrected_shares(
    probability: NDArray[np.float64], training: NDArray[np.float64], *, n_rounds: int = 200
) -> NDArray[np.float64]:
    """Return category shares of texts from a model's probabilities, its errors taken into account.

    Expectation and maximisation of Saerens, Latinne & Decaestecker (2002, "Adjusting the Outputs of a Classifier to
    New a Priori Probabilities"): what is predicted is weighted by new shares over those of training until it agrees.
    """
    training = np.clip(training, 1e-6, None)
    shares = training.copy()
    for _ in range(n_rounds):
        weighted = probability * (shares / training)
        weighted /= np.clip(weighted.sum(axis=1, keepdims=True), 1e-12, None)
        after = weighted.mean(axis=0)
        if np.abs(after - shares).max() < 1e-6:  # noqa: PLR2004
            return np.asarray(after)
        shares = after
    return np.asarray(shares)


def class_shares(
    rows: OutOfFold, probability: NDArray[np.float64], luck: np.random.Generator
) -> tuple[ClassShare, ...]:
    """Return each category's share: of training, as predicted, and corrected, with a bootstrap interval."""
    training = np.bincount(rows.codes, minlength=len(rows.classes)) / rows.n_rows
    predicted = np.bincount(probability.argmax(axis=1), minlength=len(rows.classes)) / len(probability)
    kept = probability[luck.permutation(len(probability))[:_MOST_TEXTS]]
    draws = np.array(
        [
            _corrected_shares(kept[luck.integers(0, len(kept), len(kept))], training, n_rounds=30)
            for _ in range(_N_DRAWS)
        ]
    )
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    corrected = _corrected_shares(kept, training)
    return tuple(
        ClassShare(
            label=label,
            training=float(training[code]),
            predicted=float(predicted[code]),
            corrected=float(corrected[code]),
            interval=(float(min(low[code], corrected[code])), float(max(high[code], corrected[code]))),
        )
        for code, label in enumerate(rows.classes)
    )


def expected_under(
    rows: OutOfFold, result: RunResult, shares: NDArray[np.float64], luck: np.random.Generator
) -> tuple[float | None, tuple[float, float] | None]:
    """Return macro-F1 under new shares if recalls stay as they are, with an interval from redrawn groups.

    Each training row counts by how much more frequent its category is now; the run's own correction to all rows is
    added.
    """
    promised = result.procedure
    if not rows.families or promised.expected_macro_f1 is None or promised.macro_f1 is None:
        return None, None
    predicted, _ = rows.of_search(result.recommended)
    training = np.bincount(rows.codes, minlength=len(rows.classes)) / rows.n_rows
    weight = np.divide(shares, training, out=np.zeros_like(shares), where=training > 0)[rows.codes]
    _, group = np.unique(rows.groups, return_inverse=True)
    n_groups = int(group.max()) + 1
    correction = promised.expected_macro_f1 - promised.macro_f1

    def score(times: NDArray[np.float64]) -> float:
        counts = np.zeros((len(rows.classes), len(rows.classes)))
        for each in predicted:
            np.add.at(counts, (rows.codes, each), weight * times[group])
        sizes = counts.sum(axis=0) + counts.sum(axis=1)
        f1 = np.divide(2 * np.diag(counts), sizes, out=np.zeros(len(counts)), where=sizes > 0)
        return float(f1[rows.measurable].mean())

    draws = [
        score(np.bincount(luck.integers(0, n_groups, n_groups), minlength=n_groups).astype(float))
        for _ in range(_N_DRAWS)
    ]
    middle = score(np.ones(n_groups)) + correction
    half = 1.96 * float(np.std(draws))
    return float(np.clip(middle, 0, 1)), (max(0.0, middle - half), min(1.0, middle + half))
