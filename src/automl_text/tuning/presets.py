"""How much is tried: three presets, each part of which an option overrides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The size of a search.

    Attributes
    ----------
    n_trials : mapping of str to int
        Points per family, the default trial included.
    other_trials : int
        Points of a family that ``n_trials`` does not name.
    n_folds : int
        Parts of a partition, k: k outer splits, each with the other k - 1 folds as inner splits.
    n_repeats : int
        Independent partitions.
    inner : "shared" or "independent"
        Shared: one partition serves both loops. Independent: every outer split cuts its training rows anew.
    sampler : "qmc" or "tpe"
        Optuna's sampler of trials after the default one; only independent inner splits can adapt.
    with_curve : bool
        Whether the final trials are also fitted on fewer rows, for the learning curve.
    """

    n_trials: Mapping[str, int] = field(default_factory=dict)
    other_trials: int
    n_folds: int = 5
    n_repeats: int = 1
    inner: Literal["shared", "independent"] = "shared"
    sampler: Literal["qmc", "tpe"] = "qmc"
    with_curve: bool = True

    def trials_of(self, family: str) -> int:
        """Return how many trials of ``family`` are tried."""
        return self.n_trials.get(family, self.other_trials)


PRESETS: Mapping[str, Preset] = {
    "quick": Preset(n_trials={"lightgbm": 4, "lstm": 1}, other_trials=8),
    "standard": Preset(n_trials={"lightgbm": 8, "lstm": 6}, other_trials=20),
    "thorough": Preset(
        n_trials={"lightgbm": 16, "lstm": 10},
        other_trials=40,
        n_repeats=3,
        inner="independent",
        sampler="tpe",
    ),
}
