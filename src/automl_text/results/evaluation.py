"""One family: its trials, what was chosen, and how its predictions did."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from automl_text.results.data import Figures, Interval, Record, Scalar

TEXT_ALONE = "It reads the text alone, not the columns beside it."
"""Note of a family in a run whose others read more."""


class MetricRow(Record):
    """One metric with what it would be for random scores and for the class shares alone."""

    name: str
    title: str
    value: float
    chance_random: float
    chance_shares: float


class ClassScore(Record):
    """One category judged by one family, from pooled out-of-fold predictions."""

    label: str
    support: int
    precision: float
    recall: float
    f1: float
    expected_f1: float | None = None
    """Of a model trained on all rows; drawn towards the other categories where there are few rows."""
    interval: Interval | None
    is_measurable: bool
    is_grey: bool
    """Of fewer than `FEW_GROUPS` groups, or rows where no groups are known."""


class TrialRecord(Record):
    """One trial of a search space with its inner scores."""

    number: int
    params: dict[str, Scalar]
    steps: int
    """Epochs or rounds that the final tuning would choose; 0 where there are none."""
    inner_score: float | None
    """Macro-F1 that the final tuning over all rows sees; None where a fit failed."""
    inner_scores: tuple[float | None, ...]
    """Macro-F1 that each outer split's choice sees."""
    status: Literal["done", "failed", "dropped"]
    reason: str = ""


class SplitChoice(Record):
    """What one outer split chose, and what came of it."""

    split: int
    trial: int
    """Number of the trial in the list that the split chose from: its own where splits tune for themselves."""
    params: dict[str, Scalar] = Field(default_factory=dict)
    """The params themselves; empty in results of versions that did not keep it."""
    steps: int
    inner_score: float
    outer_score: float
    """Macro-F1 of this split's rows alone, over the categories that occur in them."""
    training_score: float | None


class CurvePoint(Record):
    """Measured macro-F1 at one training size."""

    n_rows: int
    macro_f1: float


class CurveForecast(Record):
    """Predicted macro-F1 at one training size, with a 90 % band."""

    n_rows: int
    macro_f1: float
    low: float
    high: float


class LearningCurve(Record):
    """Macro-F1 against training rows: 1 - a share that shrinks as a power of the rows."""

    measured: tuple[CurvePoint, ...]
    forecast: tuple[CurveForecast, ...]
    """At 1, 2, 4 and 8 times the rows."""
    gain_of_doubling: float
    gain_band: Interval | None = None
    """90 % band of that gain; None in results of versions that did not say it."""
    sentence: str


class TrainingCurve(Record):
    """One network's progress by epoch, averaged over the outer splits."""

    title: str
    metric: str
    steps: tuple[int, ...]
    training: tuple[float, ...]
    held_out: tuple[float, ...]


class Calibration(Record):
    """One temperature for all probabilities, and the expected calibration error before and after."""

    temperature: float
    ece_before: float
    ece_after: float


class ClassEffect(Record):
    """What one way of treating unequal classes does to one category's F1, where that can be told from nothing."""

    label: str
    gain: float
    interval: Interval


class Ablation(Record):
    """What one way of treating unequal classes is worth against none, all else re-chosen from trials tried."""

    strategy: str
    is_chosen: bool
    macro_f1: float
    gain: float
    interval: Interval | None
    by: Literal["outer", "inner"]
    """Inner: by the scores that chose, which flatter; there is no interval then."""
    per_class: tuple[ClassEffect, ...] = ()
    """Only categories whose effect excludes 0, with all categories counted as tests."""


class Optimism(Record):
    """How much better each number looks than the one that can be believed."""

    inner_best: float
    outer: float
    training: float | None
    default_params: float
    tuning_gain: float
    tuning_interval: Interval | None
    n_distinct_choices: int
    """Different trials chosen by the outer splits of all repeats."""


class Evaluation(Figures):
    """One family: its trials, what each outer split chose, and how the pooled predictions did."""

    family: str
    title: str
    is_reference: bool
    simplicity: int
    status: Literal["done", "failed"]
    reason: str = ""
    """Why it failed; empty when done."""
    notes: tuple[str, ...] = ()
    strategy: str = ""
    """The imbalance strategy of the final trial."""
    trials: tuple[TrialRecord, ...] = ()
    choices: tuple[SplitChoice, ...] = ()
    final_trial: int | None = None
    final_steps: int = 0
    n_parameters: int = 0
    metrics: tuple[MetricRow, ...] = ()
    per_class: tuple[ClassScore, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    """Rows are true categories, columns predicted ones, in the order of ``dataset.classes``; of the first repeat."""
    calibration: Calibration | None = None
    learning_curve: LearningCurve | None = None
    training_curves: tuple[TrainingCurve, ...] = ()
    ablation: tuple[Ablation, ...] = ()
    optimism: Optimism | None = None

    @property
    def final(self) -> TrialRecord | None:
        """The trial that is refitted and exported."""
        return next((each for each in self.trials if each.number == self.final_trial), None)

    @property
    def uses_encoder(self) -> bool:
        """Whether its final trial learns on the vectors of a sentence encoder."""
        pretrained = self.final is not None and self.final.params.get("embedding") == "pretrained"
        return self.family == "encoder" or pretrained

    def metric(self, name: str) -> MetricRow | None:
        """Return one of its metrics; None where nothing was measured."""
        return next((row for row in self.metrics if row.name == name), None)
