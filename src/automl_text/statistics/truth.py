"""The rows that judge: their labels and groups, and what follows of them for any predictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from automl_text.statistics.influence import influence
from automl_text.statistics.interval import kish, macro_f1_interval, over_blocks
from automl_text.statistics.learning_curve import ClassLevels
from automl_text.statistics.metrics import class_f1, confusion, macro_f1

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.results import Interval

_PRIOR_GROUPS = 5.0
"""A category of so few groups says as much of itself as all rows say of it (docs/decisions/0005)."""

_LEAST_SHARE, _N_SHARES, _SHAPE = 0.25, 60, 4.0
"""Shares that categories may have: the least as a number of these rows, how many, and each one's Gamma distribution."""
_N_STEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """The rows that judge, as they are labelled."""

    codes: NDArray[np.int64]
    """Shape (n_rows,)."""
    groups: NDArray[np.int64]
    """Where rows were predicted once per repeat they are repeated, and groups keep the repetitions together; shape
    (n_rows,)."""
    measurable: NDArray[np.bool_]
    """Shape (n_classes,)."""
    n_folds: int
    """Folds of the partition behind the predictions."""
    class_weights: NDArray[np.float64] | None = None
    """What each class counts where that is not the same, shape (n_classes,)."""

    @property
    def weights(self) -> NDArray[np.float64]:
        """What each class counts in macro-F1, shape (n_classes,): 0 where it is not measurable, 1 together."""
        if self.class_weights is not None:
            return self.class_weights
        return self.measurable / max(int(self.measurable.sum()), 1)

    @property
    def class_groups(self) -> NDArray[np.int64]:
        """How many groups each class has, shape (n_classes,)."""
        n_groups = int(self.groups.max(initial=0)) + 1
        # with counts it sorts, else it hashes, which is slower
        pairs, _ = np.unique(self.codes * n_groups + self.groups, return_counts=True)
        return np.bincount(pairs // n_groups, minlength=len(self.measurable))

    def steadied(self) -> Truth:
        """Return the truth by which families and trials are chosen.

        Differences in the F1 of categories of few rows are nearly all luck, and macro-F1 counts them like all others:
        one text right or wrong moves a category of three by a third. So each category's F1 is drawn towards the mean
        over all rows as if five groups of it had shown that mean (Efron & Morris 1975, "Data analysis using Stein's
        estimator", with one variance for every group in place of an estimated one).
        """
        n_groups = np.where(self.measurable, self.class_groups, 0)
        own = self.weights * n_groups / (n_groups + _PRIOR_GROUPS)
        shared = n_groups / max(int(n_groups.sum()), 1)
        return replace(self, class_weights=own + shared * (1 - own.sum()))

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
        if self.class_weights is None:
            return macro_f1(self.codes, predicted, self.measurable)
        return float(self.weights @ class_f1(confusion(self.codes, predicted, len(self.measurable))))

    def influence(self, predicted: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return each group's influence on that macro-F1, shape (n_groups,)."""
        return influence(self.codes, predicted, self.groups, self.weights)

    def interval_in_time(self, predicted: NDArray[np.int64], blocks: NDArray[np.int64]) -> Interval:
        """Return the 95 % interval of that macro-F1, by the luck of the rows and by how ``blocks`` of time differ."""
        levels = self.levels(predicted)
        own = macro_f1_interval(levels.f1, levels.effective)
        of_blocks = influence(self.codes, predicted, blocks, self.weights)
        return over_blocks(own, self.macro_f1(predicted), of_blocks)

    def levels(self, predicted: NDArray[np.int64]) -> ClassLevels:
        """Return each measurable class's F1 and how many independent rows it was learned from and measured on."""
        found = [self._sets(code) for code in np.flatnonzero(self.measurable).tolist()]
        matrix = confusion(self.codes, predicted, len(self.measurable))
        f1, missed = class_f1(matrix), matrix.sum(axis=1) - np.diag(matrix)
        ratio, error = share_ratios(self.class_groups)
        others = float(ratio @ missed) / missed.sum() if missed.any() else 1.0
        return ClassLevels(
            measurable=self.measurable,
            f1=f1[self.measurable],
            groups=np.array([float(len(sizes)) for sizes in found]),
            effective=np.array([kish(sizes) for sizes in found]),
            trained=np.array([trained_on(len(sizes), self.n_folds) for sizes in found]),
            ratio=ratio[self.measurable] / others,
            ratio_error=error[self.measurable],
        )

    def _sets(self, code: int) -> NDArray[np.int64]:
        """Return the sizes of the groups of one class."""
        return np.unique(self.groups[self.codes == code], return_counts=True)[1]


def share_ratios(n_groups: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each class's share of new texts as a multiple of its share here, and the standard error of that.

    A class of two rows is oftener one that is more frequent and had bad luck than one that had good luck, for without
    any it would not be here; among many of four rows some are there by luck. What shares there are is told by the
    counts themselves (empirical Bayes): a mixture of Gamma distributions, its weights after a few steps of expectation
    maximisation from even ones on the logarithmic scale (Laird 1978, "Nonparametric maximum likelihood estimation of a
    mixing distribution"), for a class of which something was seen.

    Parameters
    ----------
    n_groups : ndarray of int64, shape (n_classes,)
        Independent rows of each class; without any, the ratio is 1 and its error 0.
    """
    seen = n_groups > 0
    found = n_groups[seen].astype(np.float64)[:, np.newaxis]
    means = np.geomspace(_LEAST_SHARE, found.sum(), _N_SHARES)
    log_unseen = -_SHAPE * np.log1p(means / _SHAPE)
    likely = special.gammaln(found + _SHAPE) + found * np.log(means / (means + _SHAPE)) + log_unseen
    likely = likely - np.log(-np.expm1(log_unseen))
    likely = np.exp(likely - likely.max(axis=1, keepdims=True))
    weights = np.full(_N_SHARES, 1 / _N_SHARES)
    for _ in range(_N_STEPS):
        of_class = likely * weights
        of_class /= of_class.sum(axis=1, keepdims=True)
        weights = of_class.mean(axis=0)
    each = (found + _SHAPE) / (1 + _SHAPE / means) / found
    mean = (of_class * each).sum(axis=1)
    variance = (of_class * (each**2 / (found + _SHAPE) + (each - mean[:, np.newaxis]) ** 2)).sum(axis=1)
    ratio, error = np.ones(len(n_groups)), np.zeros(len(n_groups))
    ratio[seen], error[seen] = mean, np.sqrt(variance)
    return ratio, error


def trained_on(n_groups: int, n_folds: int) -> float:
    """Return how many of a class's groups are trained on where one of them is judged, on average; at least 1/2.

    Folds hold the groups as evenly as can be: of 4 groups in 5 folds 3 are left, not four fifths.
    """
    least, n_larger = divmod(n_groups, n_folds)
    left_out = (n_larger * (least + 1) ** 2 + (n_folds - n_larger) * least**2) / max(n_groups, 1)
    return max(n_groups - left_out, 0.5)
