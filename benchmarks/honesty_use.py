"""What is promised to who uses a model: leaving texts to it, and holding it against new labelled texts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.bundle.evaluate import _check_promise, _Judged
from automl_text.results.model import Promise, PromiseCheck
from automl_text.statistics.metrics import macro_f1, softmax
from automl_text.verdict.automation import accuracy_of, advised_threshold, never_safe, threshold_rows
from automl_text.verdict.curves import curves_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from automl_text.statistics.learning_curve import ClassCurves
    from automl_text.verdict.predictions import Predictions
    from honesty_tables import Values

WORD = 0.05
UNSAFE = 0.1
N_NEW = 200
"""Labelled texts that a model is held against."""
_HALVINGS = 12


def left_alone(judged: Predictions, final: NDArray[np.float64], true_codes: NDArray[np.int64]) -> Values:
    """Return how the promises about leaving texts to the model do."""
    curves = curves_of(judged)
    probabilities = softmax(final, judged.temperature)
    confidence, is_wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != true_codes
    rows = threshold_rows(judged)
    shares, errors = [], []
    for row in rows:
        decided = confidence >= row.threshold
        low, high = row.coverage_interval
        shares.append(low <= decided.mean() <= high)
        if row.error_interval is not None and decided.any():
            low, high = row.error_interval
            errors.append(low <= is_wrong[decided].mean() <= high)
    values = {"share_covered": float(np.mean(shares)), "error_covered": float(np.mean(errors))}
    if curves is not None:
        accuracy, (low, high) = accuracy_of(judged, judged.predicted, curves)
        values["accuracy_off"] = accuracy - float(1 - is_wrong.mean())
        values["accuracy_covered"] = float(low <= 1 - is_wrong.mean() <= high)
    advised = advised_threshold(rows)
    values["advised"] = float(advised is not None)
    if advised is not None and (confidence >= advised).any():
        values["word_kept"] = float(is_wrong[confidence >= advised].mean() <= WORD)
    return values | _safe(judged, probabilities, true_codes)


def _safe(judged: Predictions, probabilities: NDArray[np.float64], true_codes: NDArray[np.int64]) -> Values:
    """Return how many categories were called safe, and whether one of them is so at no confidence."""
    names = tuple(map(str, range(len(judged.truth.measurable))))
    called = [int(name) for name in names if name not in set(never_safe(judged, names))]
    confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    is_wrong = predicted != true_codes

    def is_safe(code: int) -> bool:
        for row in (0.0, *(row.threshold for row in threshold_rows(judged))):
            decided = confidence >= row
            sides = [decided & (predicted == code), decided & (true_codes == code)]
            if all(side.any() and is_wrong[side].mean() <= UNSAFE for side in sides):
                return True
        return False

    return {"n_called_safe": float(len(called)), "called_safe_wrongly": float(not all(map(is_safe, called)))}


def evaluated(judged: Predictions, curves: ClassCurves, found: Mapping[str, Any]) -> Values:
    """Return whether 200 new texts are said to contradict a promise, as they come and after a fall.

    For the fall a random share of the predictions is replaced by other categories, just as many as it takes.
    """
    generator, measurable = np.random.default_rng(found["seed"]), judged.truth.measurable
    codes = found["rest_codes"].astype(np.int64)
    predicted = found["final"].astype(np.float64).argmax(axis=1)
    place, n_classes = generator.random(len(codes)), len(measurable)
    other = (predicted + generator.integers(1, n_classes, len(codes))) % n_classes
    rows = generator.choice(len(codes), min(N_NEW, len(codes)), replace=False)
    promise = Promise(
        macro_f1=judged.macro_f1,
        expected_macro_f1=curves.macro_f1(),
        interval=curves.interval(),
        class_f1=dict(zip(map(str, np.flatnonzero(measurable)), curves.class_f1().tolist(), strict=True)),
    )
    as_it_is = _check(promise, codes[rows], predicted[rows], n_classes)
    fall = as_it_is.noticeable_fall or 0.0
    target, low, high = macro_f1(codes, predicted, measurable) - fall, 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        is_above = macro_f1(codes, np.where(place < share, other, predicted), measurable) > target
        low, high = (share, high) if is_above else (low, share)
    fallen = np.where(place < low, other, predicted)
    return {
        "fall": fall,
        "alarm": float(as_it_is.agreement in ("below", "above")),
        "noticed": float(_check(promise, codes[rows], fallen[rows], n_classes).agreement == "below"),
    }


def _check(
    promise: Promise, codes: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int
) -> PromiseCheck:
    """Return what ``automl-text evaluate`` says."""
    bundle: Any = SimpleNamespace(promise=promise)
    judged = _Judged(
        codes=codes,
        probabilities=np.eye(n_classes)[predicted],
        labels=tuple(map(str, range(n_classes))),
        n_known=n_classes,
        is_training=None,
        is_repeated=np.zeros(len(codes), dtype=bool),
    )
    return _check_promise(bundle, judged)
