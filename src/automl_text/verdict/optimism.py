"""How much better each number looks than the one that can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import Optimism
from automl_text.statistics.comparison import compare

if TYPE_CHECKING:
    from automl_text.verdict.predictions import Predictions


def optimism_of(judged: Predictions) -> Optimism | None:
    """Return the family's best inner score, its training score and its default trial beside the outer figure.

    None where nothing was tuned.
    """
    evidence = judged.evidence
    inner = [trial.inner_score for trial in evidence.trials if trial.inner_score is not None]
    first = judged.first_partition()
    if evidence.default_predicted is None or not inner:
        return None
    truth = judged.truth.take(first)
    gain = compare(truth, judged.predicted[first], evidence.default_predicted)
    training = [choice.training_score for choice in evidence.choices]
    known = [score for score in training if score is not None]
    return Optimism(
        inner_best=max(inner),
        outer=judged.macro_f1,
        training=float(np.mean(known)) if known and len(known) == len(training) else None,
        default_params=truth.macro_f1(evidence.default_predicted),
        tuning_gain=gain.mean,
        tuning_interval=gain.interval(),
        n_distinct_choices=len({tuple(sorted(choice.params.items())) for choice in evidence.choices}),
    )
