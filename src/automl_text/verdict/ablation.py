"""What each way of treating unequal classes is worth against doing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import Ablation, ClassEffect
from automl_text.statistics.comparison import compare, compare_classes
from automl_text.tuning.params import strategy_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.statistics.comparison import Truth
    from automl_text.tuning.evidence import FamilyEvidence

BASELINE = "none"
DOUBT = 0.05


def ablation_of(evidence: FamilyEvidence, truth: Truth, classes: Sequence[str]) -> tuple[Ablation, ...]:
    """Return one row for each strategy tried, the best first; empty where doing nothing was not tried.

    Predictions are out-of-fold, with all other settings chosen anew inside each outer split from the trials tried
    with that strategy, so that a strategy is not judged at settings that suit another. A strategy that some
    split never tried is judged by inner scores, and says so.
    """
    rows = [*_by_outer(evidence, truth, classes), *_by_inner(evidence)]
    return tuple(sorted(rows, key=lambda row: (row.by == "inner", -row.macro_f1)))


def _by_outer(evidence: FamilyEvidence, truth: Truth, classes: Sequence[str]) -> list[Ablation]:
    nothing = evidence.by_strategy.get(BASELINE)
    if nothing is None:
        return []
    rows = []
    for strategy, predicted in evidence.by_strategy.items():
        gain = compare(truth, predicted, nothing)
        rows.append(
            Ablation(
                strategy=strategy,
                is_chosen=strategy == evidence.strategy,
                macro_f1=truth.macro_f1(predicted),
                gain=gain.mean,
                interval=None if strategy == BASELINE else gain.interval(),
                by="outer",
                per_class=_effects(truth, predicted, nothing, classes),
            )
        )
    return rows


def _effects(
    truth: Truth, predicted: NDArray[np.int64], nothing: NDArray[np.int64], classes: Sequence[str]
) -> tuple[ClassEffect, ...]:
    """Return the effects on single categories that exclude 0 even with as many tests as categories."""
    level = 1 - DOUBT / max(int(truth.measurable.sum()), 1)
    effects = []
    for code, gain in enumerate(compare_classes(truth, predicted, nothing)):
        low, high = gain.interval(level)
        has_spread = gain.scale > 0  # from all wrong to all right shows none to judge by
        if truth.measurable[code] and has_spread and (low > 0 or high < 0):
            effects.append(ClassEffect(label=classes[code], gain=gain.mean, interval=(low, high)))
    return tuple(effects)


def _by_inner(evidence: FamilyEvidence) -> list[Ablation]:
    best: dict[str, float] = {}
    for trial in evidence.trials:
        strategy = strategy_of(trial.params)
        if strategy and trial.inner_score is not None:
            best[strategy] = max(trial.inner_score, best.get(strategy, 0.0))
    if BASELINE not in best:
        return []
    return [
        Ablation(
            strategy=strategy,
            is_chosen=strategy == evidence.strategy,
            macro_f1=score,
            gain=score - best[BASELINE],
            interval=None,
            by="inner",
        )
        for strategy, score in best.items()
        if BASELINE not in evidence.by_strategy or strategy not in evidence.by_strategy
    ]
