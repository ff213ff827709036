"""The one entry: from what the search measured to everything a report says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.statistics.recommendation import second_opinion
from automl_text.verdict.evaluation import judged_family
from automl_text.verdict.insight import insight_of
from automl_text.verdict.leaderboard import (
    Grounds,
    beside_gain,
    comparisons_of,
    in_rank_order,
    leaderboard_of,
)
from automl_text.verdict.predictions import predictions_of
from automl_text.verdict.procedure import procedure_of, recommendation_of
from automl_text.verdict.texts import Excerpts, repeated_macro_f1
from automl_text.verdict.words import verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.results import (
        Comparison,
        DatasetInfo,
        Evaluation,
        Insight,
        LeaderboardRow,
        Procedure,
        Signal,
        Verdict,
    )
    from automl_text.statistics.recommendation import SecondOpinion
    from automl_text.tuning.evidence import SearchEvidence
    from automl_text.verdict.predictions import Predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """What a judgement depends on besides the evidence."""

    seed: int
    rope: float = 0.01
    """Half-width of the region of practical equivalence, in macro-F1."""
    show_text: bool = True
    """False leaves words of the data out of every record."""
    force: bool = False
    """Recommend even where shuffled labels do as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All records that follow from the evidence."""

    evaluations: tuple[Evaluation, ...]
    """In rank order."""
    leaderboard: tuple[LeaderboardRow, ...]
    comparisons: tuple[Comparison, ...]
    procedure: Procedure
    beside_gain: Comparison | None
    verdict: Verdict
    insight: Insight
    repeated_macro_f1: float | None
    temperatures: dict[str, float]
    """Family to the temperature that its exported model divides its logits by."""


def judge(
    evidence: SearchEvidence, *, dataset_info: DatasetInfo, signal: Signal | None, options: JudgeOptions
) -> Judgement:
    """Return the judgement of a search.

    Parameters
    ----------
    signal : Signal or None
        None where the check was skipped; a search on rows without signal recommends nothing unless forced.
    """
    data = evidence.dataset
    judged = {each.family: each for each in predictions_of(evidence)}
    evaluations = in_rank_order(
        [judged_family(family, judged.get(family.family), data) for family in evidence.families]
    )
    ranked = [judged[each.family] for each in evaluations if each.family in judged]
    comparisons = comparisons_of(ranked, options.rope)
    candidates = [each for each in ranked if each.is_candidate]
    recommended = recommendation_of(candidates, evidence.truth, options.rope)
    procedure = procedure_of(evidence, candidates, recommended.family if recommended else None, options.rope)
    verdict = verdict_of(
        Grounds(
            evaluations=evaluations,
            comparisons=comparisons,
            procedure=procedure,
            recommended=recommended,
            opinion=_second_opinion(candidates, evidence, options),
            candidates=tuple(candidates),
            dataset=data,
            signal=signal,
            rope=options.rope,
            force=options.force,
        )
    )
    chosen = judged.get(verdict.recommended or "")
    is_grouped = dataset_info.group_column is not None
    return Judgement(
        evaluations=evaluations,
        leaderboard=leaderboard_of(evaluations, comparisons),
        comparisons=comparisons,
        procedure=procedure,
        beside_gain=beside_gain(chosen, options.rope) if chosen else None,
        verdict=verdict,
        insight=insight_of(chosen, ranked, Excerpts(data=data, show_text=options.show_text)),
        repeated_macro_f1=repeated_macro_f1(chosen, data, groups_repeat=not is_grouped) if chosen else None,
        temperatures={family: each.temperature for family, each in judged.items()},
    )


def _second_opinion(
    candidates: Sequence[Predictions], evidence: SearchEvidence, options: JudgeOptions
) -> SecondOpinion | None:
    """Redraw the rows and recommend again; None where there is nothing to choose between."""
    if len(candidates) < 2:  # noqa: PLR2004
        return None
    offered = [each.offered(each.predicted[each.first_partition()]) for each in candidates]
    return second_opinion(offered, evidence.truth, options.rope, seed=options.seed)
