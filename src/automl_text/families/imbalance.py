"""How a family counters unequal categories: weights on the training rows, or an offset on the logits."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ImbalanceStrategy = Literal["none", "balanced", "tempered", "oversample", "logit_adjustment"]
"""The strategies of the families that take weights; each family's settings say which of them it offers."""


@dataclass(frozen=True, kw_only=True)  # without slots, so that settings can inherit from a second part
class ImbalanceSettings:
    """Settings of the strategy, a part of the settings of every family that takes weights."""

    imbalance: _ImbalanceStrategy
    imbalance_strength: float
    """What "tempered" and "logit_adjustment" use: 0 is "none", 1 treats all categories alike; in 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balance:
    """What a strategy asks of a fit."""

    weights: NDArray[np.float64]
    """Weight of each training row; a whole number of copies for "oversample"; shape (n_rows,)."""
    offset: NDArray[np.float64]
    """Added to the logits after the fit; shape (n_classes,)."""


def balance(
    codes: NDArray[np.int64], groups: NDArray[np.int64], settings: ImbalanceSettings, *, seed: int
) -> Balance:
    """Return what the strategy of ``settings`` asks of a fit on these rows.

    Parameters
    ----------
    codes : ndarray of int64, shape (n_rows,)
        Categories 0..n_classes-1, each of which occurs.
    groups : ndarray of int64, shape (n_rows,)
    seed : int
        Which rows are copied by "oversample"; the others draw nothing.
    """
    shares = np.bincount(codes) / len(codes)
    weights, offset = np.ones(len(codes)), np.zeros(len(shares))
    if settings.imbalance == "balanced":
        weights = class_weights(shares, exponent=1.0)[codes]
    elif settings.imbalance == "tempered":
        weights = class_weights(shares, exponent=settings.imbalance_strength)[codes]
    elif settings.imbalance == "oversample":
        weights = _oversampled_copies(codes, groups, seed=seed).astype(np.float64)
    elif settings.imbalance == "logit_adjustment":
        offset = -settings.imbalance_strength * np.log(shares)
    return Balance(weights=weights, offset=offset)


def class_weights(shares: NDArray[np.float64], *, exponent: float) -> NDArray[np.float64]:
    """Return weights proportional to share ** -exponent, scaled so that the mean over the rows is 1.

    With exponent 1 this is scikit-learn's "balanced": n_rows / (n_classes * rows of the class).

    Parameters
    ----------
    shares : ndarray of float64, shape (n_classes,), above 0, summing to 1
    exponent : float
        0 for equal weights; between 0 and 1 rare categories count more, without dominating.
    """
    raw = shares**-exponent
    scaled: NDArray[np.float64] = raw / (shares @ raw)
    return scaled


def _oversampled_copies(
    codes: NDArray[np.int64], groups: NDArray[np.int64], *, seed: int
) -> NDArray[np.int64]:
    """Return how often each row stands in a training set in which every category has as many groups.

    Whole groups are drawn with replacement: near-duplicates count as one thing that was seen, so a category of many
    copies is not taken for a large one.

    Returns
    -------
    ndarray of int64, shape (n_rows,), at least 1
    """
    from imblearn.over_sampling import RandomOverSampler

    blocks, block_of_row = np.unique(np.stack([codes, groups], axis=1), axis=0, return_inverse=True)
    if len(np.unique(codes)) == 1:
        return np.ones(len(codes), dtype=np.int64)
    sampler = RandomOverSampler(random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "The number of unique classes"
        )  # many small categories are categories
        sampler.fit_resample(np.zeros((len(blocks), 1)), blocks[:, 0])
    return np.bincount(sampler.sample_indices_, minlength=len(blocks))[block_of_row.ravel()]
