"""How much is tried: three presets, each part of which an option overrides, and what changes on large data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automl_text.tuning.params import SearchSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The size of a search."""

    n_trials: Mapping[str, int] = field(default_factory=dict)
    """For each family, the default trial included."""
    other_trials: int
    """Of a family that ``n_trials`` does not name."""
    n_folds: int = 5
    """Folds of a partition, k: k outer splits, each with the other k - 1 folds to choose by."""
    n_repeats: int = 1
    """Partitions."""
    with_curve: bool = True
    """Whether the final trials are also fitted on fewer rows, for the learning curve."""
    drops_laggards: bool = True
    """Whether a family whose default trial is far behind gets no other."""

    def trials_of(self, family: str) -> int:
        """Return how many trials ``family`` gets."""
        return self.n_trials.get(family, self.other_trials)


PRESETS: Mapping[str, Preset] = {
    "quick": Preset(n_trials={"lightgbm": 4, "lstm": 1}, other_trials=8),
    "standard": Preset(n_trials={"lightgbm": 8, "lstm": 6}, other_trials=20),
    "thorough": Preset(
        n_trials={"lightgbm": 24, "lstm": 14}, other_trials=60, n_repeats=3, drops_laggards=False
    ),
}


LARGE_ROWS = 20_000
"""Below this a standard search of the linear families takes minutes as it is."""

TUNING_ROWS = 12_000
"""Rows that trials are tuned on: fitted on two thirds of them, judged by the last one (docs/decisions/0011)."""

LARGE_FOLDS = 3
"""Two thirds of 20,000 rows or more are close enough to all of them."""

_MAX_FEATURES = 100_000
"""Pieces of either kind: the rarer ones of the millions in a large file cost memory and carry little."""

_LARGE_PRESET = Preset(
    n_trials={"lightgbm": 4, "lstm": 1},
    other_trials=12,
    n_folds=LARGE_FOLDS,
)


def is_large(n_rows: int) -> bool:
    """Return whether the rules for large data apply."""
    return n_rows >= LARGE_ROWS


def for_size(preset: Preset, n_rows: int, *, keeps_trials: bool = False) -> tuple[Preset, tuple[str, ...]]:
    """Return the preset that fits ``n_rows``, and a sentence for each rule that was applied.

    Parameters
    ----------
    keeps_trials : bool
        Whether the numbers of trials were asked for, and are no habit of a preset's.
    """
    if not is_large(n_rows):
        return preset, ()
    fewer = preset if keeps_trials else _fewer_trials(preset)
    adapted = replace(
        _LARGE_PRESET,
        n_trials=fewer.n_trials,
        other_trials=fewer.other_trials,
        with_curve=preset.with_curve,
        drops_laggards=preset.drops_laggards,
    )
    sentences = (
        _sentence_on_folds(preset),
        (
            f"Trials are tuned on {TUNING_ROWS:,} of the training rows, drawn by category: fitted on two thirds of "
            "these, judged by the last third. The chosen ones are fitted on all training rows; where such a fit takes "
            "long, imbalance strategies are compared on the drawn rows alone."
        ),
        f"At most {_MAX_FEATURES:,} words and as many character pieces are kept.",
        "A learning curve has one fit of each size." if preset.with_curve else "",
        _sentence_on_trials(preset, fewer),
    )
    return adapted, tuple(sentence for sentence in sentences if sentence)


def _fewer_trials(preset: Preset) -> Preset:
    n_trials = {name: min(n, preset.trials_of(name)) for name, n in _LARGE_PRESET.n_trials.items()}
    return replace(
        preset, n_trials=n_trials, other_trials=min(_LARGE_PRESET.other_trials, preset.other_trials)
    )


def _sentence_on_folds(preset: Preset) -> str:
    instead = f" instead of {preset.n_folds}" if preset.n_folds != LARGE_FOLDS else ""
    repeats = f" instead of {preset.n_repeats}" if preset.n_repeats > 1 else ""
    return (
        f"From {LARGE_ROWS:,} rows on the rows are cut into {LARGE_FOLDS} folds{instead} and one partition is "
        f"used{repeats}."
    )


def _sentence_on_trials(asked: Preset, fewer: Preset) -> str:
    """Return which families try fewer trials; empty where none does."""
    numbers = {name: (fewer.trials_of(name), asked.trials_of(name)) for name in fewer.n_trials}
    numbers["any other family"] = (fewer.other_trials, asked.other_trials)
    cut = [f"{kept} of {name} instead of {n}" for name, (kept, n) in numbers.items() if kept < n]
    return f"Fewer trials are tried: {', '.join(cut)}; --trials sets another number." if cut else ""


def with_capped_vocabulary(space: SearchSpace) -> SearchSpace:
    """Return ``space`` with a limit on features where it sets none itself."""
    if space.fixed.get("max_features") != 0:
        return space
    return replace(space, fixed={**space.fixed, "max_features": _MAX_FEATURES})
