"""What more rows would bring: each category's F1 as a curve over its own training rows, and macro-F1 as their mean.

F1 of category c with t independent rows of its own is ``(1 - w) / (1 + exp(-(a_c + b log t)))``: no row gives 0,
and with many the error falls as the power b of the rows (Hestness et al. 2017, "Deep Learning Scaling is
Predictable, Empirically") to a share w that stays (wrong labels, texts that belong to two categories). All categories
share w and b. Their heights a_c are drawn towards a common one, the more the fewer rows they have, with a strength
that the spread of the categories themselves tells (empirical Bayes; Morris 1983, "Parametric Empirical Bayes
Inference").

Five sizes on few rows cannot tell w from b, so the answer is an average over all curves that fit, not the best one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from automl_text.statistics.interval import LEVEL, score_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.results import Interval

_STAYS = np.array([0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45])
_SLOPES = np.linspace(0.05, 2.0, 27)
_STRENGTHS = np.array([2.0, 4.0, 8.0, 16.0, 32.0])
"""Rows that the common height is worth beside a category's own."""
_MEAN_STAYS = 0.1
_MEAN_SLOPE, _SPREAD_SLOPE = 0.85, 0.3
_TOLD = 0.85
"""The shape is told where the spread of the slope falls below this share of what was held before."""
_OWN_NOISE, _REACH = 0.1, 4.0
"""Sizes are judged on the same rows, so they err together: all but a tenth of the variance is shared, less so with
the distance of the sizes, by a factor e for every 4 of their log ratio."""
BAND = 0.9
_SPREAD_RATIO = 1.7
"""Distance of the expected figure from what the final model reaches, in errors of the heights: the luck of the
splits and of that model itself comes on top (docs/decisions/0004)."""
_CLASS_RATIO, _FEW = 1.35, 6.0
"""The same for one category of many groups, and the square's part that falls with its groups (docs/decisions/0004)."""
_SHAPE_RATIO, _LUCK_RATIO = 1.5, 1.2
"""Distance of a forecast from what came of it, in spreads of the curves, and in errors of the heights for the luck of a
model on rows yet to come (docs/decisions/0006)."""

_SIZES = (0.4, 0.2, 0.1)
_N_SPLITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _CurveSplit:
    """One cheap fit of the final params on fewer rows: ``train`` and ``test`` folds, ``fraction`` of train kept."""

    train: tuple[int, ...]
    test: tuple[int, ...]
    fraction: float


def curve_design(n_folds: int) -> tuple[_CurveSplit, ...]:
    """Return the extra fits of a learning curve, the largest training size first.

    The search has already fitted the final params without one fold and without two; these add about .4, .2 and .1
    of the rows. Each size rotates through the folds with at most five splits, and every split is judged on all
    rows of the folds that it does not train on. Predictions of one size are pooled into one confusion matrix
    before macro-F1 is taken, or a category absent from one test fold would score 0 there.
    """
    designs: list[_CurveSplit] = []
    for size in _SIZES:
        n_train = int(np.ceil(size * n_folds - 1e-9))
        fraction = round(size * n_folds / n_train, 6)
        if n_train * fraction < n_folds - 2:
            starts = range(0, n_folds, -(-n_folds // _N_SPLITS))
            designs.extend(_rotated(start, n_train, n_folds, fraction) for start in starts)
    return tuple(designs)


def _rotated(start: int, n_train: int, n_folds: int, fraction: float) -> _CurveSplit:
    train = tuple(sorted((start + i) % n_folds for i in range(n_train)))
    test = tuple(fold for fold in range(n_folds) if fold not in train)
    return _CurveSplit(train=train, test=test, fraction=fraction)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurveMeasurement:
    """Pooled predictions of the final params when trained on fewer rows; each split judges rows that it left out."""

    n_train: float
    """Mean number of training rows of the splits that share this size."""
    macro_f1: float
    """Over the measurable classes, of the predictions of all splits pooled."""
    trained: NDArray[np.int64]
    """Groups of each class that each split trained on, shape (n_splits, n_classes)."""
    judged: NDArray[np.int64]
    """Rows of each class that each split judged, shape (n_splits, n_classes)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassLevels:
    """The measurable classes as measured out of fold; arrays of float64, shape (n_measurable,)."""

    measurable: NDArray[np.bool_]
    """Which of all classes these are, shape (n_classes,)."""
    f1: NDArray[np.float64]
    groups: NDArray[np.float64]
    """Independent sets of rows that the data hold: what a class learns from."""
    effective: NDArray[np.float64]
    """Independent rows that the measurement is worth (`effective_size`): what its luck comes from."""
    trained: NDArray[np.float64]
    """Sets that were trained on where a row of the class was judged, on average over its rows."""
    ratio: NDArray[np.float64]
    """How many times as frequent the class is among new texts, beside others' texts that are taken for it."""
    ratio_error: NDArray[np.float64]
    """The standard error of that."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassCurves:
    """All curves that fit, each with its weight; grids run over ``_STRENGTHS``, ``_STAYS`` and ``_SLOPES``."""

    levels: ClassLevels
    weights: NDArray[np.float64]
    """Sum to 1, shape (n_strengths, n_stays, n_slopes)."""
    heights: NDArray[np.float64]
    """The a_c of each curve, shape (n_strengths, n_stays, n_slopes, n_measurable)."""

    def class_f1(self, multiple: float = 1.0) -> NDArray[np.float64]:
        """Return F1 expected of each measurable class at a multiple of the rows, shape (n_measurable,)."""
        return self._mean(self._f1(multiple))

    def kept_errors(self, weights: NDArray[np.float64]) -> float:
        """Return which share of the errors of F1 is left with all rows, of those where it was measured.

        Classes count by ``weights``, shape (n_measurable,), and are as frequent as they were.
        """
        now, then = (_f1_of(self.heights, groups) for groups in (self.levels.groups, self.levels.trained))
        return float(weights @ (1 - self._mean(now))) / max(float(weights @ (1 - self._mean(then))), 1e-9)

    def macro_f1(self, multiple: float = 1.0) -> float:
        """Return the macro-F1 expected of training on a multiple of the rows, in 0..1."""
        return float(self.class_f1(multiple).mean())

    def interval(self, multiple: float = 1.0, level: float = LEVEL) -> Interval:
        """Return an interval for the macro-F1 that the final model reaches on new texts.

        The errors of the heights are taken on the logit scale: F1 of a class measured on T rows is as uncertain as
        a share of T + strength rows (the posterior of a Beta), and so is the common height by all rows together.
        Of a forecast, what the shape leaves open is added, and the luck of the rows to come.
        """
        f1 = self._f1(multiple)
        variance = _SPREAD_RATIO**2 * self._level_variance(f1)
        if multiple > 1:
            variance += self._forecast_variance(f1, f1.mean(axis=-1))
        return score_interval(self.macro_f1(multiple), float(np.sqrt(variance)), level=level)

    def _forecast_variance(self, f1: NDArray[np.float64], told: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the variance of what each curve ``told`` by its shape, and by the luck of a model at ``f1``."""
        return _SHAPE_RATIO**2 * self._variance(told) + _LUCK_RATIO**2 * self._level_variance(f1)

    def _level_variance(self, f1: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the variance of macro-F1 that the heights leave open: each class's own, and that of the common one."""
        bend = _bend(f1)
        own = self._mean((bend**2 * self._height_variance()).sum(axis=-1)) / f1.shape[-1] ** 2
        together = self._mean((bend * self._pull()).mean(axis=-1) ** 2 * self._common_variance())
        return np.asarray(own + together)

    def class_intervals(self) -> list[Interval]:
        """Return for each measurable class an interval of the F1 that the final model reaches on new texts."""
        f1 = self._f1(1.0)
        own = self._height_variance() + self._pull() ** 2 * self._common_variance()[..., np.newaxis]
        ratios = _CLASS_RATIO**2 + _FEW / self.levels.groups
        error = np.sqrt(ratios * self._mean(_bend(f1) ** 2 * own) + self._variance(f1))
        return [score_interval(*pair) for pair in zip(self.class_f1().tolist(), error.tolist(), strict=True)]

    def gain(self, multiple: float) -> tuple[float, Interval]:
        """Return what macro-F1 gains at a multiple of the rows, and its 90 % band.

        A model that was lucky in its rows gains less: so much of the level's error is in the band as well.
        """
        f1 = self._f1(1.0)
        now = f1.mean(axis=-1)
        gains = self._f1(multiple).mean(axis=-1) - now
        gain, most = float(self._mean(gains)), 1 - float(self._mean(now))
        half = float(special.ndtri((1 + BAND) / 2) * np.sqrt(self._forecast_variance(f1, gains)))
        return gain, (max(gain - half, 0.0), min(gain + half, most))

    def worth_of_a_row(self) -> NDArray[np.float64]:
        """Return how much one more row of each measurable class adds to macro-F1, shape (n_measurable,)."""
        f1 = self._f1(1.0)
        by_row = _SLOPES[:, np.newaxis] * _bend(f1) / self.levels.groups
        return np.asarray(self._mean(by_row) / f1.shape[-1])

    def draws(self, multiples: Sequence[float], *, n_draws: int, seed: int) -> NDArray[np.float64]:
        """Return errors, 1 - macro-F1, of curves drawn by their weight, shape (n_draws, n_multiples)."""
        generator = np.random.default_rng(seed)
        picked = generator.choice(self.weights.size, size=n_draws, p=self.weights.ravel())
        errors = [1 - self._f1(multiple).mean(axis=-1).ravel()[picked] for multiple in multiples]
        return np.stack(errors, axis=1)

    def _f1(self, multiple: float) -> NDArray[np.float64]:
        """Return F1 of each class on new texts when trained on a multiple of the rows, shape as ``heights``.

        The luck of the shares is that of these rows and of the rows to come together: it falls as they grow.
        """
        levels = self.levels
        grown = 1 + levels.ratio * (multiple - 1)
        f1 = _f1_of(self.heights, grown * levels.groups)
        ratio, error = multiple * levels.ratio / grown, levels.ratio_error / multiple**0.5
        return (_among_new(f1, ratio - error) + _among_new(f1, ratio + error)) / 2

    def _height_variance(self) -> NDArray[np.float64]:
        """Return the variance of each class's height."""
        share = special.expit(self.heights + _SLOPES[:, np.newaxis] * np.log(self.levels.trained))
        n_rows = self.levels.effective + _STRENGTHS[:, np.newaxis, np.newaxis, np.newaxis] + 1
        return np.asarray(1 / (n_rows * (share * (1 - share)).clip(min=1e-6)))

    def _common_variance(self) -> NDArray[np.float64]:
        """Return the variance of the height that the classes share, shape as ``weights``."""
        share = special.expit(self.heights + _SLOPES[:, np.newaxis] * np.log(self.levels.trained))
        return np.asarray(1 / (self.levels.effective * share * (1 - share)).sum(axis=-1).clip(min=1e-6))

    def _pull(self) -> NDArray[np.float64]:
        """Return by how much each class follows the common height, in 0..1."""
        strength = _STRENGTHS[:, np.newaxis, np.newaxis, np.newaxis]
        return np.asarray(strength / (self.levels.effective + strength))

    @property
    def is_shape_told(self) -> bool:
        """Whether the measured sizes say more of the slope than was held before they were seen."""
        by_slope = self.weights.sum(axis=(0, 1))
        spread = float(by_slope @ (_SLOPES - by_slope @ _SLOPES) ** 2) ** 0.5
        return bool(spread < _TOLD * _SPREAD_SLOPE)

    def _mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean over the curves of values whose first axes are the grids."""
        return np.asarray(np.tensordot(self.weights, values, axes=3))

    def _variance(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._mean((values - self._mean(values)) ** 2)


def fit_curves(levels: ClassLevels, sizes: Sequence[CurveMeasurement]) -> ClassCurves:
    """Weigh all curves by how well they pass through the measured sizes.

    Only the differences of the sizes to the last one are evidence on the shape; the level is that of ``levels``.

    Parameters
    ----------
    sizes : sequence of CurveMeasurement, ascending, at least two
    """
    f1 = np.minimum(levels.f1 / (1 - _STAYS[:, np.newaxis, np.newaxis]), 1.0)  # (n_stays, 1, n_measurable)
    by_rows = _SLOPES[:, np.newaxis] * np.log(levels.trained)
    common = special.expit(_common_height(f1, levels.effective, by_rows)[..., np.newaxis] + by_rows)
    common = common.clip(1e-4, 1 - 1e-4)
    strength = _STRENGTHS[:, np.newaxis, np.newaxis, np.newaxis]
    drawn = (f1 * levels.effective + strength * common) / (levels.effective + strength)
    heights = special.logit(drawn.clip(1e-4, 1 - 1e-4)) - by_rows
    log_weights = _log_strengths(f1, levels.effective, common) + _log_shape() + _log_ceiling(levels)
    log_weights = log_weights - _misfit(levels, sizes, heights) / 2
    weights = np.exp(log_weights - log_weights.max())
    return ClassCurves(levels=levels, weights=weights / weights.sum(), heights=heights)


def _f1_of(heights: NDArray[np.float64], groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1 of each class with so many groups of its own, shape as ``heights``; 0 without any."""
    share = special.expit(heights + _SLOPES[:, np.newaxis] * np.log(np.maximum(groups, 1e-9)))
    return np.asarray((1 - _STAYS[:, np.newaxis, np.newaxis]) * np.where(groups > 0, share, 0.0))


def _among_new(f1: NDArray[np.float64], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1 of classes that are so many times as frequent, where precision and recall were alike."""
    ratio = np.maximum(ratio, 0.0)
    return np.asarray(2 * ratio * f1 / (ratio * (1 + f1) + 1 - f1).clip(min=1e-12))


def _bend(f1: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how fast F1 rises with its height, shape as ``f1``."""
    return np.asarray(f1 * (1 - f1 / (1 - _STAYS[:, np.newaxis, np.newaxis])))


def _common_height(
    f1: NDArray[np.float64], n_rows: NDArray[np.float64], by_rows: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the height at which all classes together have as many hits as measured, shape (n_stays, n_slopes).

    By bisection. One row, half of it a hit, is added, so that nothing is ever certain.
    """
    shape = (len(_STAYS), len(_SLOPES))
    low, high = np.full(shape, -20.0), np.full(shape, 20.0)
    middle = by_rows.mean(axis=-1)
    for _ in range(40):
        height = (low + high) / 2
        hits = (n_rows * special.expit(height[..., np.newaxis] + by_rows)).sum(axis=-1)
        is_low = hits + special.expit(height + middle) < (n_rows * f1).sum(axis=-1) + 0.5
        low, high = np.where(is_low, height, low), np.where(is_low, high, height)
    return np.asarray((low + high) / 2)


def _log_strengths(
    f1: NDArray[np.float64], n_rows: NDArray[np.float64], common: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how well each strength explains the spread of the classes (beta-binomial), summing to 1 over them."""
    strength = _STRENGTHS[:, np.newaxis, np.newaxis, np.newaxis]
    hits, misses = strength * common, strength * (1 - common)
    evidence = special.betaln(f1 * n_rows + hits, (1 - f1) * n_rows + misses) - special.betaln(hits, misses)
    total = evidence.sum(axis=-1)
    return np.asarray(total - np.logaddexp.reduce(total, axis=0))


def _log_shape() -> NDArray[np.float64]:
    """Return the prior of the shape, shape (n_stays, n_slopes)."""
    of_slope = -(((_SLOPES - _MEAN_SLOPE) / _SPREAD_SLOPE) ** 2) / 2
    return np.asarray(-_STAYS[:, np.newaxis] / _MEAN_STAYS + of_slope)


def _log_ceiling(levels: ClassLevels) -> NDArray[np.float64]:
    """Return how likely classes above the ceiling 1 - w would be by luck (Chernoff's bound), shape (n_stays, 1)."""
    ceiling = (1 - _STAYS[:, np.newaxis]).clip(max=1 - 1e-9)
    above = np.maximum(levels.f1, ceiling)
    distance = special.rel_entr(above, ceiling) + special.rel_entr(1 - above, 1 - ceiling)
    return np.asarray(-(levels.effective * distance).sum(axis=-1, keepdims=True))


def _misfit(
    levels: ClassLevels, sizes: Sequence[CurveMeasurement], heights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the squared distance of the measured sizes from each curve, in standard errors."""
    gaps = np.stack([size.macro_f1 - _macro_at(size, levels, heights) for size in sizes])
    spread = np.maximum(levels.f1 * (1 - levels.f1), 0.02) / levels.effective.clip(min=1.0)
    error = _SPREAD_RATIO * float(np.sqrt(spread.sum())) / len(spread)
    n_train = np.array([max(size.n_train, 1.0) for size in sizes])
    distance = np.abs(np.log(n_train[:, np.newaxis] / n_train))
    shared = (1 - _OWN_NOISE) * np.exp(-distance / _REACH) + _OWN_NOISE * np.eye(len(sizes))
    to_last = np.hstack([np.eye(len(sizes) - 1), -np.ones((len(sizes) - 1, 1))])
    precision = np.linalg.inv(error**2 * to_last @ shared @ to_last.T)
    differences = np.tensordot(to_last, gaps, axes=1)
    return np.asarray(np.einsum("iabc,ij,jabc->abc", differences, precision, differences))


def _macro_at(
    size: CurveMeasurement, levels: ClassLevels, heights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return macro-F1 of each curve at a measured size: a class's F1 is averaged over splits by the rows judged."""
    judged = size.judged[:, levels.measurable].astype(np.float64)
    shares = judged / judged.sum(axis=0).clip(min=1.0)
    trained = size.trained[:, levels.measurable].astype(np.float64)
    total = np.zeros(heights.shape[:-1])
    for share, groups in zip(shares, trained, strict=True):
        total += (share * _f1_of(heights, groups)).mean(axis=-1)
    return total
