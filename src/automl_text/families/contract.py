"""What every family of models offers, and the records that go in and out of a fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, Union

import numpy as np

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

Scalar = bool | int | float | str
Params = dict[str, Scalar]
"""One trial of a search space: parameter name to value."""
Rows = Union["Sequence[str]", "DataFrame"]
"""What a model is given: texts, or the texts (first column) and the columns beside them."""

ABSENT_LOGIT = -1.0e3
"""Logit of a category that the training rows do not hold: probability 0 at any temperature."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """The rows of one fit."""

    train_texts: Sequence[str]
    """Length n_train."""
    train_codes: NDArray[np.int64]
    """Class indices 0..n_classes-1; not every class need be present; shape (n_train,)."""
    train_groups: NDArray[np.int64]
    """Resampling inside the training rows moves whole groups; shape (n_train,)."""
    test_texts: Sequence[str]
    """Length n_test."""
    n_classes: int
    key: str
    """Names the training and test rows; equal keys mean equal texts, so features may be kept under it."""
    with_training_curve: bool = False
    """Whether scores on the training rows are wanted as well (they cost time and serve the report only)."""
    train_frame: DataFrame | None = None
    """The training texts (first column) and the columns beside them; None where texts are all there is."""
    test_frame: DataFrame | None = None
    """The same of the test rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """What a fit says about rows it has not seen."""

    steps: tuple[int, ...]
    """Numbers of epochs or boosting rounds at which the model was looked at, ascending; ``(0,)`` for a
    family without steps. Training does not depend on the last step: stopping at ``steps[s]`` gives exactly
    ``logits[s]``; length n_steps."""
    logits: NDArray[np.float32]
    """``softmax(logits / T)`` are probabilities, with T = 1 for families that are probabilistic by nature.
    Categories absent from training hold ABSENT_LOGIT; shape (n_steps, n_test, n_classes)."""
    training: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Curves on the training rows: ``macro_f1``, ``pr_auc`` (Keras's micro PR-AUC), ``loss``. Empty unless
    asked for; length n_steps."""
    notes: tuple[str, ...] = ()
    """Plain sentences worth showing: "no tree found a split", "texts cut at 250 tokens"."""
    n_parameters: int = 0
    """Numbers that the fitted model holds: its size, without a clock or a file."""
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    """From the texts of the test rows to their logits, as if nothing were remembered of these texts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RefitPlan:
    """How the exported model is fitted on all rows."""

    texts: Sequence[str]
    """Length n_rows."""
    labels: Sequence[str]
    """Length n_rows."""
    groups: NDArray[np.int64]
    """Shape (n_rows,)."""
    seed: int
    steps: int = 0
    """Epochs or rounds, chosen by inner scores; 0 for a family without steps."""
    temperature: float = 1.0
    """Probabilities of the exported model are ``softmax(logits / temperature)``; above 0."""
    frame: DataFrame | None = None
    """The texts (first column) and the columns beside them: a family that reads these exports a model that is given a
    DataFrame with the same columns; None where texts are all there is."""


class Estimator(Protocol):
    """The part of scikit-learn's contract that an exported model keeps.

    One with ``feature_names_in_`` was fitted with columns beside the text, and is given a DataFrame that has them.
    """

    classes_: NDArray[Any]  # labels are strings, held as an object or str array

    def predict(self, texts: Rows) -> NDArray[Any]:
        """Return the labels, shape (n_texts,)."""

    def predict_proba(self, texts: Rows) -> NDArray[np.float64]:
        """Return probabilities of shape (n_texts, n_classes), columns as in ``classes_``."""


class ModelFamily(Protocol):
    """A kind of model that can be searched over."""

    name: str
    """As written on the command line and in ``search_spaces/<name>.toml``."""
    title: str
    """As written in the report."""
    simplicity: int
    """Place in the declared order of simplicity; lower is simpler and wins ties."""
    is_reference: bool
    """Ranked, never recommended."""
    requires: tuple[str, ...]
    """Import names of the libraries it needs beyond scikit-learn."""
    runtime: Literal["light", "tensorflow"]
    """Which kind of process its fits run in."""
    reads_beside: bool
    """Whether it reads the columns beside the text; a family of another package that does not say so does not."""
    settings: type
    """A frozen dataclass whose fields are exactly the parameters of the search-space file."""

    def score(
        self, sample: Sample, settings: Any, *, seed: int
    ) -> Scores:  # each family has its own settings
        """Fit on the training rows and return the logits of the test rows."""

    def refit(self, plan: RefitPlan, settings: Any) -> Estimator:  # each family has its own settings
        """Fit the model that is exported; its types belong to the family's libraries alone where possible."""


def spread(logits: NDArray[np.floating], present: NDArray[np.int64], n_classes: int) -> NDArray[np.float32]:
    """Return ``logits`` with a column for every category, ABSENT_LOGIT where training rows hold none.

    Parameters
    ----------
    logits : ndarray of float, shape (..., n_present)
    present : ndarray of int64, shape (n_present,)

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
