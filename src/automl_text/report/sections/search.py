"""The search: what was tried, how the inner value grew, and how firmly the trial was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.charts import trials_chart
from automl_text.report.elements import Figure, Grid, mid_sentence, shown_evaluation
from automl_text.wording import excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import Evaluation, RunResult, TrialRecord

TITLE = "The search"
PLACE = 110

_MOST_TRIALS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilySearch:
    """One family's search."""

    title: str
    stability: str
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """The section on the search."""

    lede: str
    families: tuple[FamilySearch, ...]
    optimism: Grid | None


def view(result: RunResult) -> SearchView:
    """Return what the search did, one figure per family that was searched."""
    searched = [each for each in result.evaluations if len(each.trials) > 1]
    tuned = [each for each in result.evaluations if not each.is_reference]
    n_trials = formats.counted(sum(len(each.trials) for each in tuned), "trial")
    n_families = formats.counted(len(tuned), "family", "families")
    return SearchView(
        lede=f"{n_trials} of {n_families} were tried{_bought(result)}.",
        families=tuple(_family(each) for each in searched),
        optimism=_optimism(result),
    )


def _bought(result: RunResult) -> str:
    """Return what tuning the family shown was worth, as the end of a sentence."""
    shown = shown_evaluation(result)
    if shown is None or shown.optimism is None:
        return ""
    interval = shown.optimism.tuning_interval
    sure = "" if interval is None else f" ({formats.signed_interval(interval)})"
    gain = formats.signed(shown.optimism.tuning_gain)
    return f"; for {mid_sentence(short_label(shown.title))} tuning brought {gain} macro-F1 over its default trial{sure}"


def _family(evaluation: Evaluation) -> FamilySearch:
    title = short_label(evaluation.title)
    known = [trial.inner_score for trial in evaluation.trials if trial.inner_score is not None]
    best, first = max(known, default=0.0), evaluation.trials[0].inner_score
    gain = f", {formats.signed(best - first)} over the default trial" if first is not None else ""
    over = ", at the default trial" if best == first else gain
    finding = f"{title}: best inner macro-F1 {formats.score(best, 3)}{over}"
    scores = [trial.inner_score for trial in evaluation.trials]
    return FamilySearch(
        title=title,
        stability=_stability(evaluation),
        figure=Figure(
            title=finding,
            svg=trials_chart(scores, f"trials-{evaluation.family}", finding),
            grid=_trials_table(evaluation),
        ),
    )


def _stability(evaluation: Evaluation) -> str:
    chosen = [choice.params for choice in evaluation.choices]
    exported = next(
        (each.params for each in evaluation.trials if each.number == evaluation.final_trial), None
    )
    if exported is None or not all(chosen) or evaluation.optimism is None:
        return ""
    same = sum(params == exported for params in chosen)
    if same == len(chosen):
        return f"All {len(chosen)} outer splits chose the trial that is exported."
    trials = formats.counted(evaluation.optimism.n_distinct_choices, "different trial")
    return f"{same} of {len(chosen)} outer splits chose the trial that is exported; {trials} in all."


def _trials_table(evaluation: Evaluation) -> Grid:
    ranked = sorted(evaluation.trials, key=lambda trial: (-(trial.inner_score or -1.0), trial.number))
    left_out = len(ranked) - _MOST_TRIALS
    tail = f" (the best {_MOST_TRIALS}; trials.csv has all)" if left_out > 0 else ""
    return Grid(
        caption=f"Points tried for {short_label(evaluation.title)}, best first{tail}",
        columns=("Point", "Inner macro-F1", "Steps", "Settings"),
        rows=tuple(_trial_row(evaluation, trial) for trial in ranked[:_MOST_TRIALS]),
    )


def _trial_row(evaluation: Evaluation, trial: TrialRecord) -> tuple[str, ...]:
    number = f"{trial.number} (exported)" if trial.number == evaluation.final_trial else str(trial.number)
    value = (
        formats.score(trial.inner_score, 3)
        if trial.status == "done"
        else f"{trial.status} {excerpt(trial.reason, 80)}"
    )
    return (
        number,
        value.strip(),
        formats.count(trial.steps) if trial.steps else formats.MISSING,
        params_words(trial),
    )


def params_words(trial: TrialRecord) -> str:
    """Return ``name = value`` for every parameter of the trial."""
    return ", ".join(f"{name} = {_value(value)}" for name, value in trial.params.items())


def _value(value: float | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _optimism(result: RunResult) -> Grid | None:
    rows = []
    for each in result.evaluations:
        found = each.optimism
        if found is None or each.is_reference:
            continue
        bought = f"{formats.signed(found.tuning_gain)} ({formats.signed_interval(found.tuning_interval)})"
        rows.append(
            (
                short_label(each.title),
                formats.score(found.training, 3),
                formats.score(found.inner_best, 3),
                formats.score(found.outer, 3),
                bought if found.tuning_interval else formats.signed(found.tuning_gain),
            )
        )
    if not rows:
        return None
    columns = (
        "Family",
        "On its own training rows",
        "Best inner value",
        "Outer, believable",
        "Bought by tuning",
    )
    caption = "How much better each number looks than the one that can be believed"
    return Grid(caption=caption, columns=columns, rows=tuple(rows))
