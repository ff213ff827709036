"""How slow this machine is on these texts: one small linear fit is timed, on rows drawn at random."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.contract import Sample
from automl_text.families.registry import load_family
from automl_text.tuning.cost import SECONDS, Load
from automl_text.tuning.space import load_space, settings_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset

WARM_UP_ROWS = 50
PILOT_ROWS = 1_000
"""Rows of the fit that is timed, after one that loads the libraries; fewer where it would take too long."""

PILOT_SECONDS = 1.0
"""What the timed fit is foreseen to take at most."""

LONGEST_TEXT = 2_000
"""Characters that are read of a text: 50 documents of any length then take a moment."""

FASTEST, SLOWEST = 0.5, 8.0


def measured_slowness(dataset: Dataset, *, seed: int) -> float:
    """Return by which factor this machine is slower than foreseen on these texts, from `FASTEST` to `SLOWEST`."""
    rows = drawn_rows(dataset.codes, seed=seed)
    _seconds_of(pilot_sample(dataset, rows[:WARM_UP_ROWS]))
    sample = pilot_sample(dataset, rows)
    return min(max(_seconds_of(sample) / foreseen_seconds(sample), FASTEST), SLOWEST)


def drawn_rows(codes: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """Return up to `PILOT_ROWS` row indices at random, one of each category before a second of any.

    A file is often sorted by category: its first rows hold a single one, and there is nothing to fit.
    """
    shuffled = np.random.default_rng(seed).permutation(len(codes))
    firsts = np.sort(np.unique(codes[shuffled], return_index=True)[1])
    return np.concatenate([shuffled[firsts], np.delete(shuffled, firsts)])[:PILOT_ROWS]


def pilot_sample(dataset: Dataset, rows: NDArray[np.int64]) -> Sample:
    """Return the first of ``rows``, so many that a fit is foreseen to take `PILOT_SECONDS` at most."""
    sample = _sample(dataset, rows)
    while foreseen_seconds(sample) > PILOT_SECONDS and len(rows) > WARM_UP_ROWS:
        rows = rows[: len(rows) // 2]
        sample = _sample(dataset, rows)
    return sample


def foreseen_seconds(sample: Sample) -> float:
    """Return the rough seconds of a linear fit on what ``sample`` holds: its own characters and categories."""
    return SECONDS["linear"](Load.of(sample.train_texts, sample.n_classes))


def _sample(dataset: Dataset, rows: NDArray[np.int64]) -> Sample:
    """Return ``rows``, with codes that count the categories among them alone."""
    texts = [dataset.texts[row][:LONGEST_TEXT] for row in rows]
    present, codes = np.unique(dataset.codes[rows], return_inverse=True)
    return Sample(
        train_texts=texts,
        train_codes=codes,
        train_groups=dataset.groups[rows],
        test_texts=texts[:1],
        n_classes=len(present),
        key=f"pilot {len(rows)}",
    )


def _seconds_of(sample: Sample) -> float:
    family, space = load_family("linear"), load_space("linear")
    began = time.perf_counter()
    family.score(sample, settings_of(family, space.default_params), seed=0)
    return time.perf_counter() - began
