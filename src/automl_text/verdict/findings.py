"""All that the words of a verdict draw on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl_text.data.dataset import Dataset
    from automl_text.results import Comparison, Evaluation, Procedure, Signal
    from automl_text.statistics.recommendation import Recommendation, SecondOpinion
    from automl_text.verdict.predictions import Predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything judged so far, before it is put into words.

    Attributes
    ----------
    evaluations : tuple of Evaluation
        In rank order.
    comparisons : tuple of Comparison
        Of every pair, the better-ranked family first.
    procedure : Procedure
    shipped : Recommendation or None
        What the rule says over all rows; None where no family can be recommended.
    opinion : SecondOpinion or None
        The rule on redrawn rows; None where there is nothing to choose between.
    candidates : tuple of Predictions
        Families that may be recommended, in rank order.
    dataset : Dataset
    signal : Signal or None
    rope : float
        Half-width of the region of practical equivalence.
    force : bool
        Recommend even without signal.
    """

    evaluations: tuple[Evaluation, ...]
    comparisons: tuple[Comparison, ...]
    procedure: Procedure
    shipped: Recommendation | None
    opinion: SecondOpinion | None
    candidates: tuple[Predictions, ...]
    dataset: Dataset
    signal: Signal | None
    rope: float
    force: bool

    def evaluation(self, family: str) -> Evaluation:
        """Return the record of a family."""
        return next(each for each in self.evaluations if each.family == family)

    def candidate(self, family: str) -> Predictions:
        """Return the predictions of a family that may be recommended."""
        return next(each for each in self.candidates if each.family == family)

    def against(self, family: str, rival: str) -> Comparison:
        """Return the comparison of two families, seen from ``family``."""
        for each in self.comparisons:
            if {each.a, each.b} == {family, rival}:
                return each.seen_from(family)
        raise KeyError((family, rival))
