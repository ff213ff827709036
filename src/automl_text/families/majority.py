"""The reference that looks at no text: it predicts the shares of the categories."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from automl_text.families.contract import ABSENT_LOGIT, Scores
from automl_text.families.linear_model import Weights, linear_pipeline
from automl_text.families.tfidf import constant_features

if TYPE_CHECKING:
    from automl_text.families.contract import Estimator, RefitPlan, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class _MajoritySettings:
    """There is nothing to set."""


class _Majority:
    """Every text gets the same probabilities, so the largest category always wins."""

    name = "majority"
    title = "Largest category"
    simplicity = 0
    is_reference = True
    requires: tuple[str, ...] = ()
    runtime: Literal["light", "tensorflow"] = "light"
    reads_beside = False
    settings = _MajoritySettings

    def score(self, sample: Sample, settings: _MajoritySettings, *, seed: int) -> Scores:  # noqa: ARG002
        """Return the logarithms of the training rows' shares for every test row."""
        started = time.perf_counter()
        shares = np.bincount(sample.train_codes, minlength=sample.n_classes) / len(sample.train_codes)
        logits = np.log(shares, out=np.full(len(shares), ABSENT_LOGIT), where=shares > 0)
        fitted = time.perf_counter()
        repeated = np.broadcast_to(logits, (1, len(sample.test_texts), sample.n_classes))
        return Scores(
            steps=(0,),
            logits=repeated.astype(np.float32),
            n_parameters=sample.n_classes,
            fit_seconds=fitted - started,
            predict_seconds=time.perf_counter() - fitted,
        )

    def refit(self, plan: RefitPlan, settings: _MajoritySettings) -> Estimator:  # noqa: ARG002
        """Return a scikit-learn pipeline without weights, whose intercepts are the log shares."""
        classes, counts = np.unique(np.asarray(plan.labels, dtype=object), return_counts=True)
        weights = Weights(
            coef=np.zeros((len(classes), 1), dtype=np.float32),
            intercept=np.log(counts / counts.sum()).astype(np.float32),
        )
        return linear_pipeline(constant_features(), weights, classes.tolist(), temperature=plan.temperature)


FAMILY = _Majority()
