"""What the whole search delivers: the rule applied inside every outer split, judged by that split's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import Procedure
from automl_text.statistics.recommendation import recommend
from automl_text.verdict.automation import accuracy_of
from automl_text.verdict.curves import NO_CURVE, curves_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.statistics.recommendation import Recommendation
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.evidence import SearchEvidence
    from automl_text.verdict.predictions import Predictions


def recommendation_of(candidates: Sequence[Predictions], truth: Truth, rope: float) -> Recommendation | None:
    """Return what the rule says of the final trials' predictions over all rows; None without a candidate."""
    offered = [
        each.offered(each.evidence.final_predicted)
        for each in candidates
        if each.evidence.final_predicted is not None
    ]
    return recommend(offered, truth, rope) if offered else None


def procedure_of(
    evidence: SearchEvidence, candidates: Sequence[Predictions], recommended: str | None, rope: float
) -> Procedure:
    """Return the estimate of what the search delivers, chosen family and all.

    Parameters
    ----------
    candidates : sequence of Predictions
        Families that may be recommended and predicted every row.
    recommended : str or None
        The family recommended over all rows; its learning curve corrects the estimate to all rows.
    """
    complete = [each for each in candidates if each.evidence.inner_predicted is not None]
    if not complete or recommended is None:
        return Procedure(interval_reason="no family can be recommended")
    picks, predicted = _pick(evidence, complete, rope)
    truth = evidence.truth.repeated(len(evidence.partitions))
    measured = truth.macro_f1(predicted)
    source = next(each for each in candidates if each.family == recommended)
    if source.blocks is not None:
        expected, interval = measured, truth.interval_in_time(predicted, source.blocks)
        accuracy, accuracy_interval = accuracy_of(source, predicted)
    elif (curves := curves_of(source, predicted)) is not None:
        expected, interval = curves.macro_f1(), curves.interval()
        accuracy, accuracy_interval = accuracy_of(source, predicted, curves)
    else:
        return Procedure(macro_f1=measured, interval_reason=NO_CURVE, picks=picks)
    return Procedure(
        macro_f1=measured,
        expected_macro_f1=expected,
        interval=interval,
        accuracy=accuracy,
        accuracy_interval=accuracy_interval,
        picks=picks,
    )


def _pick(
    evidence: SearchEvidence, candidates: Sequence[Predictions], rope: float
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Apply the rule to the inner predictions of each outer split and let its rows judge.

    Returns
    -------
    picks : tuple of str
        Families, by partition and fold.
    predicted : ndarray of int64, shape (n_partitions * n_rows,)
        What they predict.
    """
    picks: list[str] = []
    predicted = np.empty((len(evidence.partitions), evidence.dataset.n_rows), dtype=np.int64)
    by_family = {each.family: each.predicted.reshape(len(evidence.partitions), -1) for each in candidates}
    for repeat, partition in enumerate(evidence.partitions):
        for fold in range(partition.n_folds):
            family = _pick_inside(evidence, candidates, (repeat, fold), rope)
            picks.append(family)
            rows = partition.rows((fold,))
            predicted[repeat, rows] = by_family[family][repeat, rows]
    return tuple(picks), predicted.ravel()


def _pick_inside(
    evidence: SearchEvidence, candidates: Sequence[Predictions], split: tuple[int, int], rope: float
) -> str:
    inner = [
        each.evidence.inner_predicted[split]
        for each in candidates
        if each.evidence.inner_predicted is not None
    ]
    rows = np.flatnonzero(np.all(np.stack(inner) >= 0, axis=0))
    offered = [each.offered(predicted[rows]) for each, predicted in zip(candidates, inner, strict=True)]
    return recommend(offered, (evidence.inner_truth or evidence.truth).take(rows), rope).family
