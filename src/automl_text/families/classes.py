"""Between the categories of the data set and those that the training rows hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import InputError
from automl_text.families.contract import ABSENT_LOGIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.families.contract import RefitPlan


def spread(logits: NDArray[np.floating], present: NDArray[np.int64], n_classes: int) -> NDArray[np.float32]:
    """Return ``logits`` with a column for every category, ABSENT_LOGIT where training rows hold none.

    Parameters
    ----------
    logits : ndarray of float, shape (..., n_present)
    present : ndarray of int64, shape (n_present,)
    n_classes : int

    Returns
    -------
    ndarray of float32, shape (..., n_classes)
    """
    full = np.full((*logits.shape[:-1], n_classes), ABSENT_LOGIT, dtype=np.float32)
    full[..., present] = logits
    return full


def label_codes(plan: RefitPlan) -> tuple[list[str], NDArray[np.int64]]:
    """Return the sorted labels of ``plan`` and each row's place among them.

    Raises
    ------
    InputError
        If all rows carry the same label.
    """
    classes = sorted(set(plan.labels))
    if len(classes) < 2:  # noqa: PLR2004
        raise InputError(
            f"All rows carry the label {classes[0]!r}; a classifier needs at least two categories."
        )
    code_of = {label: code for code, label in enumerate(classes)}
    return classes, np.array([code_of[label] for label in plan.labels], dtype=np.int64)


def training_macro_f1(codes: NDArray[np.int64], logits: NDArray[np.floating]) -> float:
    """Return macro-F1 on the rows that were trained on, over the categories they hold."""
    from sklearn.metrics import f1_score

    return float(
        f1_score(codes, logits.argmax(axis=1), labels=np.unique(codes), average="macro", zero_division=0)
    )
