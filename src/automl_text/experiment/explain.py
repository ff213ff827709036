"""What the recommended model learned, for the report: its words, its errors' words, and itself as plain code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.families.explain import pushing_words, top_features
from automl_text.families.plain_code import ScriptInput, plain_code
from automl_text.families.registry import load_family
from automl_text.tuning.space import settings_of

if TYPE_CHECKING:
    from automl_text.data.dataset import Dataset
    from automl_text.experiment.refit import RefitRequest
    from automl_text.families.contract import Estimator
    from automl_text.results import DatasetInfo, Insight, TextExample


def with_words(insight: Insight, estimator: Estimator, dataset: Dataset) -> Insight:
    """Return ``insight`` with the pieces that speak for each category, and what pushed each wrong prediction."""
    text_of_line = dict(zip(dataset.lines.tolist(), dataset.texts, strict=True))

    def pushed(example: TextExample) -> TextExample:
        words = pushing_words(estimator, text_of_line[example.line], example.predicted)
        return example.model_copy(update={"words": words})

    return insight.model_copy(
        update={
            "top_features": top_features(estimator),
            "worst_errors": tuple(pushed(example) for example in insight.worst_errors),
        }
    )


def with_plain_code(insight: Insight, wanted: RefitRequest, info: DatasetInfo) -> Insight:
    """Return ``insight`` with a script that fits the same model without this package."""
    settings = settings_of(load_family(wanted.family), wanted.params)
    given = ScriptInput(
        file_name=info.file_name,
        text_columns=info.text_columns,
        label_column=info.label_column,
        steps=wanted.steps,
        temperature=wanted.temperature,
        seed=wanted.seed,
    )
    return insight.model_copy(update={"plain_code": plain_code(settings, given)})
