"""All families side by side: ranks, what can be said of every pair, and all that a verdict draws on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from automl_text.results import Comparison, LeaderboardRow
from automl_text.statistics.comparison import compare, pair_verdict
from automl_text.tuning.nested import NOT_RUN
from automl_text.tuning.plan import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.data.dataset import Dataset
    from automl_text.results import Evaluation, Procedure, Signal
    from automl_text.statistics.comparison import Posterior
    from automl_text.statistics.recommendation import Recommendation, SecondOpinion
    from automl_text.verdict.predictions import Predictions


def in_rank_order(evaluations: Sequence[Evaluation]) -> tuple[Evaluation, ...]:
    """Return the evaluations from the highest macro-F1 down; the simpler of two equals first, failures last."""
    return tuple(
        sorted(
            evaluations,
            key=lambda each: (
                each.macro_f1 is None,
                -(each.macro_f1 or 0.0),
                each.simplicity,
                each.family,
            ),
        )
    )


def comparisons_of(judged: Sequence[Predictions], rope: float) -> tuple[Comparison, ...]:
    """Return what can be said of every pair, the better-ranked family first.

    Parameters
    ----------
    judged : sequence of Predictions
        In rank order.
    """
    return tuple(
        _said(a.family, b.family, compare(a.truth, a.predicted, b.predicted), rope)
        for a, b in combinations(judged, 2)
    )


def beside_gain(chosen: Predictions, rope: float) -> Comparison | None:
    """Return what the columns beside the text brought a family over itself on texts alone; None if not measured."""
    without = chosen.evidence.text_predicted
    if without is None:
        return None
    posterior = compare(chosen.truth, chosen.predicted, without.ravel())
    return _said(chosen.family, f"{chosen.family} on the text alone", posterior, rope)


def _said(a: str, b: str, posterior: Posterior, rope: float) -> Comparison:
    worse, equivalent, better = posterior.probabilities(rope)
    return Comparison(
        a=a,
        b=b,
        difference=posterior.mean,
        interval=posterior.interval(),
        p_better=better,
        p_equivalent=equivalent,
        p_worse=worse,
        verdict=pair_verdict(posterior, rope),
    )


def leaderboard_of(
    ranked: Sequence[Evaluation], comparisons: Sequence[Comparison]
) -> tuple[LeaderboardRow, ...]:
    """Return the leaderboard; rank counts from 1 and failed families stand last, in a group of their own."""
    groups = _rank_groups([each.family for each in ranked if each.macro_f1 is not None], comparisons)
    last = max(groups.values(), default=0) + 1
    return tuple(
        LeaderboardRow(
            **each.model_dump(include=LeaderboardRow.model_fields.keys() - {"status"}),
            rank=rank,
            rank_group=groups.get(each.family, last),
            status=_status(each),
        )
        for rank, each in enumerate(ranked, start=1)
    )


def _status(evaluation: Evaluation) -> str:
    """Return how a family ended; nothing failed where the time did not reach it, or where it was not tried."""
    if evaluation.reason.startswith(NOT_RUN):
        return "unfinished"
    return "left out" if evaluation.reason.startswith(LEFT_OUT) else evaluation.status


def _rank_groups(families: Sequence[str], comparisons: Sequence[Comparison]) -> Mapping[str, int]:
    """Return each family's rank group: group 1 holds the first and all that are not credibly worse than it.

    Parameters
    ----------
    families : sequence of str
        In rank order.
    comparisons : sequence of Comparison
        Of every pair, the better-ranked family first.
    """
    beaten = {(each.a, each.b) for each in comparisons if each.verdict == "better"}
    groups: dict[str, int] = {}
    left = list(families)
    while left:
        first, number = left[0], max(groups.values(), default=0) + 1
        members = [family for family in left if (first, family) not in beaten]
        groups.update(dict.fromkeys(members, number))
        left = [family for family in left if family not in members]
    return groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Everything judged so far, before it is put into words."""

    evaluations: tuple[Evaluation, ...]
    """In rank order."""
    comparisons: tuple[Comparison, ...]
    """Of every pair, the better-ranked family first."""
    procedure: Procedure
    recommended: Recommendation | None
    """What the rule says over all rows; None where no family can be recommended."""
    opinion: SecondOpinion | None
    """The rule on redrawn rows; None where there is nothing to choose between."""
    candidates: tuple[Predictions, ...]
    """Families that may be recommended, in rank order."""
    dataset: Dataset
    signal: Signal | None
    rope: float
    """Half-width of the region of practical equivalence."""
    force: bool
    """Recommend even without signal."""

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
