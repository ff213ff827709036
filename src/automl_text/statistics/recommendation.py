"""The one rule by which a family is recommended, inside each outer split and at the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.comparison import compare
from automl_text.statistics.metrics import confusion, macro_f1_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.statistics.truth import Truth


_N_DRAWS = 100
_LARGE_DRAWS = 500_000
"""Fewer draws are made where they would take more rows than this: on large data the choice hardly varies."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A family that may be recommended."""

    family: str
    simplicity: int
    """Lower is simpler."""
    predicted: NDArray[np.int64]
    """Classes of rows that its fits had not seen, shape (n_rows,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What the rule says."""

    family: str
    shortfalls: dict[str, float]
    """Family to its expected shortfall against the best by steadied macro-F1: the posterior mean of max(0,
    difference)."""

    @property
    def shortfall(self) -> float:
        """Expected shortfall of the recommended family."""
        return self.shortfalls[self.family]


def recommend(candidates: Sequence[Candidate], truth: Truth, rope: float) -> Recommendation:
    """Return the simplest family whose expected shortfall against the best is at most ``rope``.

    Best, and short of it, by steadied macro-F1 (`Truth.steadied`).

    Parameters
    ----------
    candidates : sequence of Candidate, at least one
    rope : float
        Half-width of the region of practical equivalence, in macro-F1.
    """
    truth = truth.steadied()
    ordered = sorted(candidates, key=lambda candidate: candidate.simplicity)
    best = max(ordered, key=lambda candidate: truth.macro_f1(candidate.predicted))
    shortfalls = {
        each.family: (0.0 if each is best else compare(truth, best.predicted, each.predicted).expected_gain())
        for each in ordered
    }
    family = next(each.family for each in ordered if shortfalls[each.family] <= rope)
    return Recommendation(family=family, shortfalls=shortfalls)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """The rule applied to redrawn rows."""

    shares: dict[str, float]
    """Family to the share of draws in which it was recommended."""
    macro_f1: float
    """Of the family recommended in each draw, on the rows left out of that draw, all draws pooled."""


def second_opinion(
    candidates: Sequence[Candidate], truth: Truth, rope: float, *, seed: int, n_draws: int = _N_DRAWS
) -> SecondOpinion:
    """Return how steady the recommendation is, and its score free of the luck of choosing.

    Bootstrap bias-corrected cross-validation (Tsamardinos, Greasidou & Borboudakis 2018, "Bootstrapping the
    out-of-sample predictions", algorithm 4), drawing whole groups, and pooling confusion counts over draws, because
    a rare class is often missing from the rows left out of one draw.
    """
    generator = np.random.default_rng(seed)
    _, group_of_row, sizes = np.unique(truth.groups, return_inverse=True, return_counts=True)
    rows_of_group = np.split(np.argsort(group_of_row, kind="stable"), np.cumsum(sizes)[:-1])
    picks = dict.fromkeys((candidate.family for candidate in candidates), 0)
    pooled = np.zeros((len(truth.measurable), len(truth.measurable)), dtype=np.int64)
    n_draws = max(10, min(n_draws, _LARGE_DRAWS // len(truth.codes)))
    for _ in range(n_draws):
        drawn = generator.integers(0, len(sizes), len(sizes))
        rows = np.concatenate([rows_of_group[group] for group in drawn])
        redrawn = replace(
            truth, codes=truth.codes[rows], groups=np.repeat(np.arange(len(drawn)), sizes[drawn])
        )
        inside = [replace(each, predicted=each.predicted[rows]) for each in candidates]
        family = recommend(inside, redrawn, rope).family
        picks[family] += 1
        predicted = next(each.predicted for each in candidates if each.family == family)
        outside = ~np.isin(group_of_row, drawn)
        pooled += confusion(truth.codes[outside], predicted[outside], len(truth.measurable))
    return SecondOpinion(
        shares={family: count / n_draws for family, count in picks.items()},
        macro_f1=macro_f1_of(pooled, truth.measurable),
    )
