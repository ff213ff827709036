"""What the commands after the first report say: runs compared, a model watched, categories merged, labels put right."""

from __future__ import annotations

from typing import Literal

from automl_text.results.data import Figures, Interval, Record
from automl_text.results.verdict import PairVerdict

AFTER_FORMAT = 1


class RunSide(Figures):
    """One of the runs compared, or a file of predictions."""

    name: str
    n_rows: int
    recommended: str | None
    shared_macro_f1: float
    """On the rows that both have, with the label that both give them."""


class ClassChange(Record):
    """One category's F1 on the shared rows, first and second."""

    label: str
    n_rows: int
    before: float
    after: float
    interval: Interval
    """Of the difference, with all categories counted as tests."""
    verdict: Literal["rose", "fell", "level"]


class RunComparison(Record):
    """Two runs on the rows that they share: the difference is the second minus the first."""

    format: int = AFTER_FORMAT
    before: RunSide
    after: RunSide
    n_shared: int
    n_relabelled: int
    """Texts that both have, under different labels: not compared."""
    n_only_before: int
    n_only_after: int
    changed: tuple[str, ...]
    """What else differs: options, families, versions; a sentence each."""
    difference: float
    interval: Interval
    verdict: PairVerdict
    classes: tuple[ClassChange, ...]
    sentence: str


class FixedLabel(Record):
    """One label put right."""

    line: int
    before: str
    after: str


class Fixes(Record):
    """The corrections that a search was given, and what they brought."""

    file_name: str
    sha256: str
    changed: tuple[FixedLabel, ...]
    n_unmatched: int
    sentence: str = ""
    """The earlier run against this one on the rows whose label did not change; empty where there is no earlier run."""


class MergedFigures(Record):
    """What merging or dropping categories would do, from out-of-fold predictions alone: a search confirms it."""

    merged: tuple[tuple[str, ...], ...]
    dropped: tuple[str, ...]
    n_rows: int
    n_classes: int
    before: float
    before_interval: Interval
    after: float
    after_interval: Interval
    merged_f1: tuple[float, ...]
    sentence: str


class WatchCheck(Record):
    """One thing looked at: training texts, as the model sees texts it does not know, against the new ones."""

    name: str
    title: str
    before: float
    after: float
    p_value: float
    is_off: bool


class ClassShare(Record):
    """How frequent a category is now."""

    label: str
    training: float
    predicted: float
    corrected: float
    """With the model's errors taken into account (Saerens, Latinne & Decaestecker 2002)."""
    interval: Interval


class WatchReport(Record):
    """New texts without labels against those of training."""

    format: int = AFTER_FORMAT
    run: str
    file_name: str
    n_rows: int
    n_compared: int
    """Without empty texts, repetitions, and texts that the model was trained on."""
    n_seen: int
    alarm_level: float
    is_off: bool
    checks: tuple[WatchCheck, ...]
    shares: tuple[ClassShare, ...]
    macro_f1: float | None
    """Expected on these texts if nothing but the shares has changed."""
    interval: Interval | None
    sentence: str
