"""What the search hands on: every family's predictions of rows it had not seen, and how they were chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from automl_text.statistics.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset, Partition
    from automl_text.families.contract import Params
    from automl_text.results import SplitChoice, TrainingCurve, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveMeasurement:
    """Pooled predictions of the final trial when trained on fewer rows.

    Attributes
    ----------
    n_train : float
        Mean number of training rows of the splits that share this size.
    macro_f1 : float
        Over the measurable classes, of the predictions of all splits of this size pooled; each split predicts
        rows that it left out.
    """

    n_train: float
    macro_f1: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FamilyEvidence:
    """One family after the search.

    Attributes
    ----------
    family, title : str
    simplicity : int
        Lower is simpler.
    is_reference : bool
    status : "done" or "failed"
    reason : str
    cuts : tuple of str
        What an early end left out, one clause each.
    notes : tuple of str
    trials : tuple of TrialRecord
    choices : tuple of SplitChoice
        One per repeat and outer split, in that order.
    outer_logits : ndarray of float32, shape (n_repeats, n_rows, n_classes)
        Every row as predicted by the fit without its fold, at the trial and step that the inner scores of that
        outer split chose. This is what is reported.
    inner_predicted : ndarray of int64, shape (n_repeats, n_folds, n_rows)
        For outer fold i, the class predicted for each row outside i by the chosen trial's inner fits; -1 on the
        rows of fold i. What a recommendation inside outer split i may look at.
    final_params : dict or None
        Chosen over all rows; what is refitted and exported.
    final_trial, final_steps : int
    final_predicted : ndarray of int64, shape (n_rows,)
        Out-of-fold classes of the final trial in partition 0: what the shipped recommendation may look at.
    curve : tuple of CurveMeasurement
        The final trial at several training sizes, ascending.
    by_strategy : mapping of str to ndarray of int64, shape (n_rows,)
        Imbalance strategy to out-of-fold classes of partition 0, with the rest of the trial re-chosen inside each
        outer split among the trials tried with that strategy.
    default_predicted : ndarray of int64, shape (n_rows,)
        Out-of-fold classes of the default trial in partition 0.
    strategy : str
        Imbalance strategy of the final trial.
    n_parameters : int
    training_curves : tuple of TrainingCurve
    fit_seconds, predict_seconds : float
        Medians: of a fit without one fold, and of predicting 1,000 texts.
    """

    family: str
    title: str
    simplicity: int
    is_reference: bool
    status: Literal["done", "failed"]
    reason: str = ""
    cuts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trials: tuple[TrialRecord, ...] = ()
    choices: tuple[SplitChoice, ...] = ()
    outer_logits: NDArray[np.float32] | None = None
    inner_predicted: NDArray[np.int64] | None = None
    final_params: Params | None = None
    final_trial: int = 0
    final_steps: int = 0
    final_predicted: NDArray[np.int64] | None = None
    curve: tuple[CurveMeasurement, ...] = ()
    by_strategy: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    default_predicted: NDArray[np.int64] | None = None
    strategy: str = ""
    n_parameters: int = 0
    training_curves: tuple[TrainingCurve, ...] = ()
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchEvidence:
    """All families on one data set.

    Attributes
    ----------
    dataset : Dataset
    partitions : tuple of Partition, length n_repeats
        The outer splits of repeat r leave out one fold of ``partitions[r]`` each.
    families : tuple of FamilyEvidence
        In the order asked for, references last.
    """

    dataset: Dataset
    partitions: tuple[Partition, ...]
    families: tuple[FamilyEvidence, ...]

    @property
    def truth(self) -> Truth:
        """What predictions of all rows are judged by."""
        return truth_about(self.dataset, self.partitions[0].n_folds)


def truth_about(dataset: Dataset, n_folds: int) -> Truth:
    """Return the labels and groups of all rows, once."""
    return Truth(codes=dataset.codes, groups=dataset.groups, measurable=dataset.measurable, n_folds=n_folds)
