"""The rows that judge: their labels and groups, and what follows of them for any predictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.influence import bias, influence
from automl_text.statistics.interval import Estimate, rarity
from automl_text.statistics.metrics import macro_f1

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """The rows that judge, as they are labelled.

    Attributes
    ----------
    codes, groups : ndarray of int64, shape (n_rows,)
        Where rows were predicted once per repeat, they are repeated; groups keep the repetitions together.
    measurable : ndarray of bool, shape (n_classes,)
    n_folds : int
        Parts of the partition behind the predictions.
    """

    codes: NDArray[np.int64]
    groups: NDArray[np.int64]
    measurable: NDArray[np.bool_]
    n_folds: int

    def repeated(self, n_times: int) -> Truth:
        """Return the truth for predictions of ``n_times`` partitions side by side."""
        return replace(self, codes=np.tile(self.codes, n_times), groups=np.tile(self.groups, n_times))

    def take(self, rows: NDArray[np.int64]) -> Truth:
        """Return the truth about some rows; a category that is not among them is not averaged over."""
        codes = self.codes[rows]
        present = np.isin(np.arange(len(self.measurable)), codes)
        return replace(self, codes=codes, groups=self.groups[rows], measurable=self.measurable & present)

    def macro_f1(self, predicted: NDArray[np.int64]) -> float:
        """Return macro-F1 of classes predicted for these rows."""
        return macro_f1(self.codes, predicted, self.measurable)

    def influence(self, predicted: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return each group's influence on that macro-F1, shape (n_groups,)."""
        return influence(self.codes, predicted, self.groups, self.measurable)

    def estimate(self, predicted: NDArray[np.int64]) -> Estimate:
        """Return that macro-F1 as an estimate for new rows."""
        return Estimate(
            value=self.macro_f1(predicted) - bias(self.influence(predicted)),
            rarity=rarity(self.codes, self.groups, self.measurable),
        )
