"""Are the differences real? Every pair of families with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import axis_over, family_title

if TYPE_CHECKING:
    from automl_text.report.elements import Axis, Mark
    from automl_text.results import Comparison, RunResult

TITLE = "Are the differences real?"
PLACE = 60

_WORDS = {
    "better": "is better than",
    "worse": "is worse than",
    "equivalent": "is as good as",
    "undecided": "cannot be told from",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """Two families: their difference, and the three probabilities as widths of one bar."""

    a: str
    b: str
    verdict: str
    is_decided: bool
    difference: str
    interval: str
    mark: Mark
    better: str
    equivalent: str
    worse: str
    widths: tuple[str, str, str]
    starts: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencesView:
    """The section on pairs."""

    lede: str
    rope: str
    axis: Axis
    zero: str
    pairs: tuple[PairView, ...]
    others: tuple[PairView, ...]
    """Pairs that matter less: a reference against anything but the recommended family."""


def view(result: RunResult) -> DifferencesView:
    """Return every pair that was compared, surest first."""
    references = {row.family for row in result.leaderboard if row.is_reference}
    lead = result.recommended
    turned = [
        each.seen_from(lead) if lead in {each.a, each.b} and lead else each for each in result.comparisons
    ]
    main = [each for each in turned if each.a == lead or not references & {each.a, each.b}]
    main.sort(key=lambda each: each.a != lead)
    close = [each for each in main if not references & {each.a, each.b}] or main
    axis = axis_over(
        [0.0, *(end for each in close for end in each.interval)], within=(-1.0, 1.0), most_ticks=5
    )
    return DifferencesView(
        lede=_lede(result, references),
        rope=formats.score(result.config.rope, 3).rstrip("0"),
        axis=axis,
        zero=axis.position(0.0),
        pairs=tuple(_pair(result, each, axis) for each in main),
        others=tuple(_pair(result, each, axis) for each in turned if each not in main),
    )


def _lede(result: RunResult, references: set[str]) -> str:
    pairs = [each for each in result.comparisons if not references & {each.a, each.b}]
    if not pairs:
        return "There are no two families to compare."
    decided = sum(each.verdict in {"better", "worse"} for each in pairs)
    if decided == len(pairs):
        return "Yes: every difference between the families is larger than luck explains."
    if decided == 0:
        return "No difference between the families is larger than luck explains on these rows."
    return f"Some are: {decided} of {len(pairs)} pairs of families can be told apart on these rows."


def _pair(result: RunResult, pair: Comparison, axis: Axis) -> PairView:
    a, b = family_title(result, pair.a), family_title(result, pair.b)
    interval = formats.signed_interval(pair.interval)
    widths = tuple(100 * p for p in (pair.p_better, pair.p_equivalent, pair.p_worse))
    return PairView(
        a=a,
        b=b,
        verdict=_WORDS[pair.verdict],
        is_decided=pair.verdict in {"better", "worse"},
        difference=formats.signed(pair.difference),
        interval=interval,
        mark=axis.mark(pair.difference, pair.interval, f"{a} minus {b}: {interval}"),
        better=formats.short_probability(pair.p_better),
        equivalent=formats.short_probability(pair.p_equivalent),
        worse=formats.short_probability(pair.p_worse),
        widths=(f"{widths[0]:.2f}%", f"{widths[1]:.2f}%", f"{widths[2]:.2f}%"),
        starts=("0%", f"{widths[0]:.2f}%", f"{widths[0] + widths[1]:.2f}%"),
    )
