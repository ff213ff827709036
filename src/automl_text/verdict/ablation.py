"""What each way of treating unequal classes is worth against doing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import Ablation
from automl_text.statistics.comparison import Truth, compare

if TYPE_CHECKING:
    from automl_text.data.dataset import Dataset
    from automl_text.search.evidence import FamilyEvidence

BASELINE = "none"


def ablation_of(evidence: FamilyEvidence, data: Dataset, n_parts: int) -> tuple[Ablation, ...]:
    """Return one row for each strategy tried, the best first; empty where doing nothing was not tried.

    Predictions are out-of-fold, with all other settings chosen anew inside each outer split from the points tried
    with that strategy, so that a strategy is not judged at settings that suit another.
    """
    nothing = evidence.by_strategy.get(BASELINE)
    if nothing is None:
        return ()
    truth = Truth(codes=data.codes, groups=data.groups, measurable=data.measurable, n_parts=n_parts)
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
            )
        )
    return tuple(sorted(rows, key=lambda row: -row.macro_f1))
