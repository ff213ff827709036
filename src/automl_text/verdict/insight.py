"""What the out-of-fold predictions of the recommended family show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.beside import given_to
from automl_text.families.encoder import sentence_vectors
from automl_text.families.explain import pushing_words, top_features
from automl_text.results import Insight
from automl_text.statistics.metrics import class_f1, confusion
from automl_text.statistics.projection import projected
from automl_text.verdict.automation import (
    advised_threshold,
    never_safe,
    threshold_rows,
    unlike_below,
    unseen_share,
)
from automl_text.verdict.curves import curves_of
from automl_text.verdict.suspects import suspects_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.families.contract import Estimator
    from automl_text.results import TextExample
    from automl_text.verdict.predictions import Predictions
    from automl_text.verdict.texts import Excerpts

MAX_EXAMPLES = 1000
_PER_CELL = 4
_N_LABEL_NEXT = 5
_MAX_EXPLAINED = 12
"""Wrong predictions, surest first, of which the report shows what pushed them."""


def insight_of(recommended: Predictions | None, judged: Sequence[Predictions], excerpts: Excerpts) -> Insight:
    """Return what needs no fitted model: thresholds, examples, suspects, what to label next.

    Parameters
    ----------
    recommended : Predictions or None
        The family shown; without one, only label suspects are.
    judged : sequence of Predictions
        All families; suspects are what the good ones agree on.
    """
    suspects = suspects_of(judged, excerpts)
    if recommended is None:
        return Insight(suspects=suspects)
    thresholds = threshold_rows(recommended)
    return Insight(
        thresholds=thresholds,
        advised_threshold=advised_threshold(thresholds),
        unlike_below=unlike_below(recommended, recommended.probabilities.max(axis=1)),
        unlike_logit_below=unlike_below(
            recommended, recommended.logits.max(axis=1) / recommended.temperature
        ),
        unseen_share=unseen_share(excerpts.data.groups_of_class),
        never_safe=never_safe(recommended, excerpts.data.classes),
        examples=_examples_of(recommended, excerpts),
        suspects=suspects,
        label_next=label_next(recommended, excerpts.data),
    )


def _examples_of(judged: Predictions, excerpts: Excerpts) -> tuple[TextExample, ...]:
    """Return rows as partition 0 predicted them: wrong ones first, each surest first.

    All rows of data that one page can hold; of more, the surest of every cell of the confusion matrix.
    """
    first = judged.first_partition()
    codes, predicted = judged.truth.codes[first], judged.predicted[first]
    confidence = judged.probabilities[first].max(axis=1)
    order = np.lexsort((-confidence, predicted == codes))
    if len(order) > MAX_EXAMPLES:
        cells = codes[order] * excerpts.data.n_classes + predicted[order]
        order = order[_place_in_cell(cells) < _PER_CELL][:MAX_EXAMPLES]
    return tuple(excerpts.example(int(row), int(predicted[row]), float(confidence[row])) for row in order)


def _place_in_cell(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many earlier entries lie in the same cell."""
    by_cell = np.argsort(cells, kind="stable")
    _, begins, counts = np.unique(cells[by_cell], return_index=True, return_counts=True)
    place = np.empty(len(cells), dtype=np.int64)
    place[by_cell] = np.arange(len(cells)) - np.repeat(begins, counts)
    return place


def label_next(judged: Predictions, data: Dataset) -> tuple[str, ...]:
    """Return the categories where each further labelled text should bring most, the first most of all.

    By the learning curves of the categories, which also give the expected figure; without them, as if each category's
    error shrank by one power of its own rows. Every category counts alike in macro-F1.
    """
    curves = curves_of(judged)
    if curves is None:
        matrix = confusion(judged.truth.codes, judged.predicted, data.n_classes)
        worth = (1 - class_f1(matrix)) / data.groups_of_class
    else:
        worth = np.zeros(data.n_classes)
        worth[data.measurable] = curves.worth_of_a_row() * (curves.levels.f1 < 1)
    order = np.argsort(-worth, kind="stable")[:_N_LABEL_NEXT]
    return tuple(data.classes[code] for code in order if worth[code] > 0)


def with_places(insight: Insight, dataset: Dataset) -> Insight:
    """Return ``insight`` with the place of every example on the map of the texts by meaning."""
    text_of_line = dict(zip(dataset.lines.tolist(), dataset.texts, strict=True))
    vectors = sentence_vectors([text_of_line[each.line] for each in insight.examples])
    places = [] if vectors is None else projected(vectors).round(3).tolist()
    placed = (
        each.model_copy(update={"place": (x, y)})
        for each, (x, y) in zip(insight.examples, places, strict=False)
    )
    return insight.model_copy(update={"examples": tuple(placed)}) if places else insight


def with_words(insight: Insight, estimator: Estimator, dataset: Dataset) -> Insight:
    """Return ``insight`` with the pieces that speak for each class, and what pushed the surest wrong predictions."""
    place_of_line = {line: place for place, line in enumerate(dataset.lines.tolist())}
    rows = given_to(estimator, dataset.texts, dataset.frame)

    def pushed(example: TextExample) -> TextExample:
        place = place_of_line[example.line]
        words = pushing_words(estimator, rows[place : place + 1], example.predicted)
        return example.model_copy(update={"words": words})

    n_explained = min(_MAX_EXPLAINED, sum(each.label != each.predicted for each in insight.examples))
    return insight.model_copy(
        update={
            "top_features": top_features(estimator),
            "examples": tuple(map(pushed, insight.examples[:n_explained])) + insight.examples[n_explained:],
        }
    )
