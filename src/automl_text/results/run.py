"""The whole run: what was asked for, with which versions, and everything that came of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from automl_text.results.base import Record
from automl_text.results.data import DatasetInfo, Signal
from automl_text.results.evaluation import Evaluation
from automl_text.results.verdict import Comparison, Insight, LeaderboardRow, Procedure, Verdict

FORMAT = 2
"""Raised whenever a saved record changes; an old file then joins the tests."""


class EncoderInfo(Record):
    """The sentence encoder that was given to the run."""

    name: str
    """Folder or repository, as it was given."""
    revision: str = ""
    """Commit of the repository on huggingface.co; empty for a folder."""
    sha256: str
    """Digest of its model and tokenizer."""


class SearchConfig(Record):
    """What was asked for, after presets and defaults."""

    data: str = ""
    """Path of the data as it was given."""
    preset: str
    seed: int
    families: tuple[str, ...]
    references: tuple[str, ...]
    n_trials: dict[str, int]
    n_folds: int
    n_repeats: int
    inner: Literal["shared", "independent"]
    sampler: Literal["qmc", "tpe"]
    rope: float
    """Half-width of the region of practical equivalence, in macro-F1."""
    search_spaces: dict[str, str]
    """Family to the sha256 of its search-space file."""
    grouped_for_folds: int = 5
    """Parts that the size of a group of duplicates was limited for."""
    rare: Literal["keep", "merge", "drop"] = "keep"
    min_rows: int = 0
    protocol: tuple[str, ...] = ()
    """Sentences: where the protocol was adapted (large data, few rows per category), and how."""
    encoder: EncoderInfo | None = None


class ModelInfo(Record):
    """The exported model."""

    file_name: str
    sha256: str
    family: str
    trial: int
    steps: int
    temperature: float
    requirements: tuple[str, ...]
    folder: str = ""
    """Where the run left it, as given on the command line; empty means ``reports/<stem of the data>``."""


class Timing(Record):
    """Every measured duration, and what a clock cut off; the only part that differs between equal runs."""

    started: str = ""
    total_seconds: float = 0.0
    fit_seconds: dict[str, float] = Field(default_factory=dict)
    """Family to the median duration of its fits without one fold."""
    predict_seconds: dict[str, float] = Field(default_factory=dict)
    """Family to the median seconds per 1,000 texts."""
    limited: tuple[str, ...] = ()
    model: ModelInfo | None = None
    """Here because a pickle's bytes depend on the machine."""


class RunResult(Record):
    """All that a report reads."""

    format: int = FORMAT
    recommended: str | None
    partial: bool = False
    verdict: Verdict
    leaderboard: tuple[LeaderboardRow, ...]
    procedure: Procedure
    comparisons: tuple[Comparison, ...]
    evaluations: tuple[Evaluation, ...]
    insight: Insight
    signal: Signal | None
    dataset: DatasetInfo
    repeated_macro_f1: float | None = None
    """Macro-F1 if new texts repeat old ones as often as these do; None where no rows repeat."""
    config: SearchConfig
    versions: dict[str, str]
    timing: Timing
