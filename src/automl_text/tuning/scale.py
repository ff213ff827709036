"""What changes on large data: stated rules, applied from `LARGE_ROWS` rows on, and said in the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from automl_text.tuning.presets import Preset

if TYPE_CHECKING:
    from automl_text.tuning.params import SearchSpace

LARGE_ROWS = 20_000
"""Below this a standard search of the linear families takes minutes as it is."""

TUNING_ROWS = 4_000
"""Rows that points are tuned on. Which of 12 points is best hardly depends on more rows; how good it is does."""

LARGE_PARTS = 3
"""Two thirds of 20,000 rows or more are close enough to all of them."""

MAX_FEATURES = 100_000
"""Pieces of either kind: the rarer ones of the millions in a large file cost memory and carry little."""

LARGE_PRESET = Preset(
    n_trials={"lightgbm": 4, "lstm": 1},
    other_trials=12,
    n_parts=LARGE_PARTS,
    inner="independent",
    sampler="qmc",
)


def for_size(preset: Preset, n_rows: int) -> tuple[Preset, tuple[str, ...]]:
    """Return the preset that fits ``n_rows``, and a sentence for each rule that was applied."""
    if n_rows < LARGE_ROWS:
        return preset, ()
    n_trials = {name: min(n, preset.trials_of(name)) for name, n in LARGE_PRESET.n_trials.items()}
    adapted = replace(
        LARGE_PRESET,
        n_trials=n_trials,
        other_trials=min(LARGE_PRESET.other_trials, preset.other_trials),
        with_curve=preset.with_curve,
    )
    return adapted, (
        f"From {LARGE_ROWS:,} rows on the rows are cut into {LARGE_PARTS} parts and one partition is used.",
        (
            f"Points are tuned on {TUNING_ROWS:,} of the training rows, drawn by category; the chosen ones are fitted "
            "on all of them."
        ),
        f"At most {MAX_FEATURES:,} words and as many character pieces are kept.",
    )


def with_capped_vocabulary(space: SearchSpace) -> SearchSpace:
    """Return ``space`` with a limit on features where it sets none itself."""
    if space.fixed.get("max_features") != 0:
        return space
    return replace(space, fixed={**space.fixed, "max_features": MAX_FEATURES})
