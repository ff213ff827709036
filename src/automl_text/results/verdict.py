"""All families side by side, the recommendation, and what is shown of the recommended one."""

from __future__ import annotations

from typing import Literal

from automl_text.results.data import Figures, Interval, Record

PairVerdict = Literal["better", "worse", "equivalent", "undecided"]
VerdictCode = Literal["recommended", "tie", "no_signal", "all_failed", "only_references"]
Confidence = Literal["clear", "leaning", "undecided", "none"]


class LeaderboardRow(Figures):
    """One row of the leaderboard; rank 1 is the highest ``macro_f1``."""

    family: str
    title: str
    rank: int
    rank_group: int
    """1 for all families not credibly worse than the first, and so on."""
    is_reference: bool
    status: str
    reason: str = ""
    strategy: str = ""


class Procedure(Figures):
    """What the whole search delivers: each outer split's recommendation judged by that split's rows."""

    accuracy: float | None = None
    """Share of new texts that the exported model is expected to get right."""
    accuracy_interval: Interval | None = None
    picks: tuple[str, ...] = ()
    """Family recommended inside each outer split."""


class Comparison(Record):
    """Two families on the same rows: difference is a minus b in macro-F1."""

    a: str
    b: str
    difference: float
    interval: Interval
    p_better: float
    p_equivalent: float
    p_worse: float
    verdict: PairVerdict

    def seen_from(self, family: str) -> Comparison:
        """Return the same comparison with ``family`` in first place."""
        if self.a == family:
            return self
        low, high = self.interval
        turned: dict[PairVerdict, PairVerdict] = {"better": "worse", "worse": "better"}
        return Comparison(
            a=self.b,
            b=self.a,
            difference=-self.difference,
            interval=(-high, -low),
            p_better=self.p_worse,
            p_equivalent=self.p_equivalent,
            p_worse=self.p_better,
            verdict=turned.get(self.verdict, self.verdict),
        )


class Verdict(Record):
    """The recommendation, or why there is none. Sentences are finished; a report only sets them."""

    code: VerdictCode
    recommended: str | None
    confidence: Confidence
    headline: str
    reasons: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    """Families that the recommended one cannot be told from."""
    would_change: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    first_command: str = ""
    """What to run before anything else that is named: it is the most likely to help; empty where nothing stands out."""
    expected_shortfall: float | None = None


class ThresholdRow(Record):
    """Let the model decide only where its confidence reaches ``threshold``."""

    threshold: float
    coverage: float
    coverage_interval: Interval
    error: float | None
    error_interval: Interval | None
    error_bound: float | None = None
    """The error is below this with probability .95."""
    error_of_largest: float | None = None
    """The error on the same texts if all were put into the largest category."""
    n_decided: int
    """Rows of the data that it decides, on average over the repeats."""
    by_class: tuple[tuple[int, int], ...] = ()
    """Of the texts put into each class, how many are decided, and how many of those are wrong."""


class TextExample(Record):
    """One row shown to a person; ``text`` is cut, and empty under ``--no-text``."""

    line: int
    text: str
    label: str
    predicted: str
    confidence: float
    words: tuple[str, ...] = ()
    """Words that pushed towards the prediction."""
    place: tuple[float, float] | None = None
    """Where it lies on the map of the texts, both in 0..1; None where no encoder was used."""


class Suspect(Record):
    """A row whose label all good families contradict."""

    line: int
    text: str
    label: str
    suggested: str
    probability: float
    """That the label is wrong; in results of earlier versions, that the suggested one is right."""
    reason: Literal["families_agree", "contradiction"]


class TopFeatures(Record):
    """What speaks most for one category in the exported model: (piece of text, weight)."""

    label: str
    """Empty where the measure tells nothing of single categories (LightGBM's gain)."""
    features: tuple[tuple[str, float], ...]
    family: str = ""
    """Empty means the recommended family."""
    measure: Literal["weight", "gain"] = "weight"


class Insight(Record):
    """All that is shown of the recommended family alone."""

    thresholds: tuple[ThresholdRow, ...] = ()
    advised_threshold: float | None = None
    """The lowest at which at most 1 text in 20 is wrong, even by the bound."""
    unlike_below: float | None = None
    """A new text is unlike the training texts if the model is less sure of it; 1 in 20 of texts like those is."""
    unlike_logit_below: float | None = None
    """The same by the largest logit over the temperature, which tells more of them; for linear models."""
    unseen_share: float = 0.0
    """Share of new texts that will belong to categories which the data lack (Good and Turing)."""
    never_safe: tuple[str, ...] = ()
    examples: tuple[TextExample, ...] = ()
    """Rows as predicted while held out: wrong ones first, each surest first; all rows of small data, else some of each
    cell of the confusion matrix."""
    suspects: tuple[Suspect, ...] = ()
    label_next: tuple[str, ...] = ()
    top_features: tuple[TopFeatures, ...] = ()
    plain_code: str = ""
