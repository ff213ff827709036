"""What the out-of-fold predictions of the recommended family show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import ConfusedPair, Insight
from automl_text.statistics.metrics import class_f1, confusion
from automl_text.verdict.automation import never_safe, threshold_rows
from automl_text.verdict.suspects import suspects_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.data.dataset import Dataset
    from automl_text.results import TextExample
    from automl_text.verdict.predictions import Predictions
    from automl_text.verdict.texts import Excerpts

N_PAIRS = 8
N_EXAMPLES = 3
N_ERRORS = 12
N_LABEL_NEXT = 5
FEWEST_CONFUSIONS = 2


def insight_of(recommended: Predictions | None, judged: Sequence[Predictions], excerpts: Excerpts) -> Insight:
    """Return what needs no fitted model: thresholds, confusions, errors, suspects, what to label next.

    Parameters
    ----------
    recommended : Predictions or None
        The family shown; without one, only label suspects are.
    judged : sequence of Predictions
        All families; suspects are what the good ones agree on.
    excerpts : Excerpts
    """
    suspects = suspects_of(judged, excerpts)
    if recommended is None:
        return Insight(suspects=suspects)
    return Insight(
        thresholds=threshold_rows(recommended),
        never_safe=never_safe(recommended, excerpts.data.classes),
        confused_pairs=confused_pairs(recommended, excerpts),
        worst_errors=worst_errors(recommended, excerpts),
        suspects=suspects,
        label_next=label_next(recommended, excerpts.data),
    )


def confused_pairs(judged: Predictions, excerpts: Excerpts) -> tuple[ConfusedPair, ...]:
    """Return the most frequent confusions of partition 0 with their most confident examples."""
    data, first = excerpts.data, judged.first_partition()
    counts = confusion(judged.truth.codes[first], judged.predicted[first], data.n_classes)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:N_PAIRS]
    errors = _errors(judged, excerpts)
    return tuple(
        ConfusedPair(
            label=data.classes[true],
            predicted=data.classes[taken],
            n=int(counts[true, taken]),
            examples=tuple(
                each
                for each in errors
                if (each.label, each.predicted) == (data.classes[true], data.classes[taken])
            )[:N_EXAMPLES],
        )
        for true, taken in zip(*np.unravel_index(order, counts.shape), strict=True)
        if counts[true, taken] >= FEWEST_CONFUSIONS
    )


def worst_errors(judged: Predictions, excerpts: Excerpts) -> tuple[TextExample, ...]:
    """Return the wrong predictions of partition 0 that were made with most confidence."""
    return tuple(_errors(judged, excerpts)[:N_ERRORS])


def _errors(judged: Predictions, excerpts: Excerpts) -> list[TextExample]:
    first = judged.first_partition()
    predicted, confidence = judged.predicted[first], judged.probabilities[first].max(axis=1)
    wrong = np.flatnonzero(predicted != judged.truth.codes[first])
    order = wrong[np.argsort(-confidence[wrong], kind="stable")]
    return [excerpts.example(int(row), int(predicted[row]), float(confidence[row])) for row in order]


def label_next(judged: Predictions, data: Dataset) -> tuple[str, ...]:
    """Return the categories where each further labelled text should bring most, the first most of all.

    If each category's error shrinks by the same power of its own rows, one more row takes off a fold that goes
    with its error divided by its number of groups; every category counts alike in macro-F1.
    """
    matrix = confusion(judged.truth.codes, judged.predicted, data.n_classes)
    worth = (1 - class_f1(matrix)) / data.groups_of_class
    order = np.argsort(-worth, kind="stable")[:N_LABEL_NEXT]
    return tuple(data.classes[code] for code in order if worth[code] > 0)
