"""The recommendation in plain words, with numbers, for a reader who is not a statistician."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import Verdict
from automl_text.verdict.advice import first_command, next_steps, what_would_change
from automl_text.wording import counted, mid_sentence

if TYPE_CHECKING:
    from automl_text.results import Comparison, Confidence, Evaluation, Signal
    from automl_text.statistics.recommendation import Recommendation
    from automl_text.verdict.leaderboard import Grounds

_TOP = 0.99
_LEANING = 0.8
"""Probability of not being worse than any rival from which the verdict leans, and does not merely pick."""


def verdict_of(grounds: Grounds) -> Verdict:
    """Return the verdict: what to use, how sure, why, and what to do next."""
    if all(each.is_reference for each in grounds.evaluations):
        return _only_references()
    if grounds.recommended is None:
        return _all_failed(grounds)
    if grounds.signal is not None and not grounds.signal.has_signal and not grounds.force:
        return _no_signal(grounds.signal)
    return _recommended(grounds, grounds.recommended)


def _recommended(grounds: Grounds, recommended: Recommendation) -> Verdict:
    family = recommended.family
    rivals = [grounds.against(family, each.family) for each in grounds.candidates if each.family != family]
    confidence = _confidence_of(rivals)
    return Verdict(
        code="tie" if confidence == "undecided" else "recommended",
        recommended=family,
        confidence=confidence,
        headline=_headline(grounds, grounds.evaluation(family)),
        reasons=(
            *(_against(grounds, each) for each in rivals),
            *_against_references(grounds, family),
            *_how_surely(grounds, family),
        ),
        ties=tuple(each.b for each in rivals if each.verdict in ("equivalent", "undecided")),
        would_change=what_would_change(grounds, family),
        next_steps=next_steps(grounds, family),
        first_command=first_command(grounds),
        expected_shortfall=recommended.shortfall,
    )


def _confidence_of(rivals: list[Comparison]) -> Confidence:
    """Return how sure the recommendation is, from its comparisons with every rival.

    Clear: better than or equivalent to each. Leaning: not worse than any with probability .8. Else undecided.
    """
    if all(each.verdict in ("better", "equivalent") for each in rivals):
        return "clear"
    if all(each.p_better + each.p_equivalent >= _LEANING for each in rivals):
        return "leaning"
    return "undecided"


def _headline(grounds: Grounds, chosen: Evaluation) -> str:
    figures = grounds.procedure
    score = figures.expected_macro_f1
    measured = (
        f"macro-F1 was {figures.macro_f1:.2f} on rows it had not seen"
        if score is None
        else f"expect a macro-F1 of about {score:.2f} on new texts"
    )
    interval = figures.interval
    span = f" (95 % interval {interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
    right = next(row.value for row in chosen.metrics if row.name == "accuracy")
    texts = "held-out texts got" if figures.accuracy is None else "new texts get"
    accuracy = right if figures.accuracy is None else figures.accuracy
    return (
        f"Use {mid_sentence(chosen.title)}: {measured}{span}. "
        f"About {round(100 * accuracy)} of 100 {texts} the right category{_counted(grounds)}."
    )


def _counted(grounds: Grounds) -> str:
    data = grounds.dataset
    n_measurable = int(data.measurable.sum())
    if n_measurable == data.n_classes:
        return ""
    late = ", or came too late," if data.unlearned else ""
    return f"; the figure covers {n_measurable} of {data.n_classes} categories, the rest are too rare{late} to judge"


def _against(grounds: Grounds, pair: Comparison) -> str:
    rival, gap = mid_sentence(grounds.evaluation(pair.b).title), abs(pair.difference)
    sure = _percent(max(pair.p_better, pair.p_equivalent))
    if pair.verdict == "better":
        return f"It beats {rival} by {gap:.2f} macro-F1 (probability {sure})."
    if pair.verdict == "equivalent":
        return (
            f"It is as good as {rival}: within {grounds.rope:g} with a probability of "
            f"{sure}{_simpler(grounds, pair)}."
        )
    side = "ahead of" if pair.difference >= 0 else "behind"
    if pair.verdict == "worse":
        return (
            f"It is {gap:.2f} behind {rival} where categories of few rows count like all others; with these steadied "
            "it costs no more than the tolerance on average."
        )
    return (
        f"It cannot be told from {rival}: {gap:.2f} {side} it, with a 95 % interval from "
        f"{pair.interval[0]:+.2f} to {pair.interval[1]:+.2f}{_simpler(grounds, pair)}."
    )


def _percent(probability: float) -> str:
    """Return a probability in words; nothing measured here is certain."""
    return "above 99 %" if probability > _TOP else f"{round(100 * probability)} %"


def _simpler(grounds: Grounds, pair: Comparison) -> str:
    a, b = grounds.evaluation(pair.a), grounds.evaluation(pair.b)
    if a.simplicity < b.simplicity:
        return ", and it is the simpler of the two"
    cost = grounds.recommended.shortfalls.get(pair.b) if grounds.recommended else None
    if cost is None or cost <= grounds.rope:
        return ""
    return (
        f"; with the settings that would be exported that simpler one is expected to cost {cost:.3f}, more than the "
        f"{grounds.rope:.2f} that simplicity is worth"
    )


def _against_references(grounds: Grounds, family: str) -> tuple[str, ...]:
    sentences = []
    for each in grounds.evaluations:
        if each.is_reference and each.macro_f1 is not None:
            lead = grounds.against(family, each.family).difference
            side = "above" if lead >= 0 else "below"
            sentences.append(f"It is {abs(lead):.2f} {side} the reference “{each.title}”.")
    return tuple(sentences)


def _how_surely(grounds: Grounds, family: str) -> tuple[str, ...]:
    if len(grounds.candidates) == 1:
        return ("No other family finished a search, so there was nothing to choose between.",)
    sentences = [*_not_the_first(grounds, family)]
    if grounds.opinion is not None:
        times = counted(round(100 * grounds.opinion.shares[family]), "time")
        sentences.append(f"On redrawn samples of these rows the same rule picks it {times} of 100.")
    return tuple(sentences)


def _not_the_first(grounds: Grounds, family: str) -> tuple[str, ...]:
    first = grounds.candidates[0]
    if first.family == family or grounds.recommended is None:
        return ()
    lead, cost = grounds.against(first.family, family).difference, grounds.recommended.shortfall
    why = (
        f"doing without the best costs {cost:.3f} on average, and a difference of up to {grounds.rope:g} is taken not "
        "to matter"
        if cost
        else "categories of few rows decide that, and nearly by chance: with these drawn towards what all rows say, "
        "the one recommended is ahead"
    )
    return (f"{first.evidence.title} stands first on the leaderboard by {lead:.3f}; {why}.",)


def _no_signal(signal: Signal) -> Verdict:
    return Verdict(
        code="no_signal",
        recommended=None,
        confidence="none",
        headline="No model is recommended: these texts say no more about their categories than chance would.",
        reasons=(
            (
                f"A simple model reaches a macro-F1 of {signal.macro_f1:.2f}, and {signal.shuffled_mean:.2f} on "
                f"average when the categories are shuffled (p = {signal.p_value:.3f})."
            ),
            (
                "Either there is nothing in the texts to learn the categories from, or texts and categories do not "
                "belong together, for instance because one column was sorted without the other."
            ),
        ),
        would_change=("Pass --force to export the best-ranked model all the same.",),
        next_steps=(
            "Look at ten rows of the file and check that each text fits its category.",
            "If they fit, label more rows: a weak signal needs more of them to be told from chance.",
        ),
    )


def _only_references() -> Verdict:
    return Verdict(
        code="only_references",
        recommended=None,
        confidence="none",
        headline="No model is recommended: only references were searched, and those are there to compare with.",
        next_steps=("Name a family that may be recommended with --families, or leave --families out.",),
    )


def _all_failed(grounds: Grounds) -> Verdict:
    reasons = tuple(
        f"{each.title}: {each.reason}"
        for each in grounds.evaluations
        if not each.is_reference and each.reason
    )
    return Verdict(
        code="all_failed",
        recommended=None,
        confidence="none",
        headline="No model is recommended: no family finished its search.",
        reasons=reasons,
        next_steps=("Put right what is named above, or give more time, and run again with --resume.",),
    )
