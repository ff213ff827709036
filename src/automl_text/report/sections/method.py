"""How it was searched and measured: trials, splits, seeds, versions, limits, and the words used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.charts import trials_chart
from automl_text.report.elements import Figure, Grid
from automl_text.wording import counted, excerpt, mid_sentence, short_label

if TYPE_CHECKING:
    from automl_text.results import Evaluation, RunResult, TimeOrder, TrialRecord

SECTION = 100, "How it was searched and measured"

_MOST_TRIALS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _FamilySearch:
    """One family's search."""

    title: str
    stability: str
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class _MethodView:
    """The section on measurement."""

    lede: str
    searched: str
    """What the search tried, and what tuning brought."""
    families: tuple[_FamilySearch, ...]
    optimism: Grid | None
    n_folds: int
    drawing_words: str
    facts: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]
    """SHA-256 of the data, the model and the search spaces."""
    limits: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]


def view(result: RunResult) -> _MethodView:
    """Return how the figures of this run came about."""
    return _MethodView(
        lede="Every text was judged by models that never saw it, none of which it had helped to choose.",
        searched=_searched(result),
        families=tuple(_family(each) for each in result.evaluations if len(each.trials) > 1),
        optimism=_optimism(result),
        n_folds=result.config.n_folds,
        drawing_words=_drawing_words(result),
        facts=_facts(result),
        digests=_digests(result),
        limits=_limits(result),
        versions=tuple(sorted((name, excerpt(version, 40)) for name, version in result.versions.items())),
    )


def _drawing_words(result: RunResult) -> str:
    config = result.config
    if result.dataset.time:
        return result.dataset.time.sentences
    inner = (
        "inside each split a sample of the training folds chooses the settings"
        if config.protocol
        else f"the same {config.n_folds} folds serve both loops: inside each split the other {config.n_folds - 1} "
        "take turns to choose the settings"
    )
    repeats = f" All of it is done {config.n_repeats} times over." if config.n_repeats > 1 else ""
    return (
        f"The rows are cut into {config.n_folds} folds, equal in their categories. Each fold is judged once by models "
        f"that learned and chose without it; {inner}.{repeats}"
    )


def _facts(result: RunResult) -> tuple[tuple[str, str], ...]:
    config, timing = result.config, result.timing
    trials = ", ".join(f"{short_label(family)} {n}" for family, n in config.n_trials.items())
    facts = [
        ("Preset", config.preset),
        ("Trials per family", trials or formats.MISSING),
        ("Sampler", "quasi-random (QMC), one list for all splits"),
        ("Seed", str(config.seed)),
        ("Too small to matter", f"differences up to {config.rope:g} macro-F1"),
    ]
    if result.dataset.time:
        facts.append(("Block by block", _block_words(result, result.dataset.time)))
    if timing.model is not None:
        facts.append(("Model needs", ", ".join(timing.model.requirements)))
    if timing.started:
        facts.append(("Started", timing.started))
        facts.append(("Took", formats.seconds(timing.total_seconds)))
    return tuple(facts)


def _block_words(result: RunResult, order: TimeOrder) -> str:
    """Return how the family shown did on each block of time, and how to see what the order costs."""
    shown = result.shown
    scores = [each.outer_score for each in shown.choices] if shown else []
    blocks = [
        f"from {start} {formats.score(score)} ({counted(n_rows, 'row')})"
        for start, n_rows, score in zip(order.starts, order.n_judged, scores, strict=False)
    ]
    return (
        f"macro-F1 {', '.join(blocks) or formats.MISSING}. What the order costs: search again without --time, and hold "
        "both runs against each other with automl-text compare, which judges them on the same rows"
    )


def _digests(result: RunResult) -> tuple[tuple[str, str], ...]:
    digests = [("Data", result.dataset.sha256)]
    if result.timing.model is not None:
        digests.append(("Model", result.timing.model.sha256))
    digests += [
        (f"Search space of {short_label(name)}", each) for name, each in result.config.search_spaces.items()
    ]
    return tuple(digests)


def _limits(result: RunResult) -> tuple[str, ...]:
    unmeasured = sum(not each.is_measurable for each in result.dataset.classes)
    limits = [
        "New texts are assumed to differ from the last rows as each block of time did from the rows before it."
        if result.dataset.time
        else "New texts are assumed to come from where these came from: a new product or season is another matter.",
        "Labels are taken as they are: where people disagree, no model can score above their agreement.",
    ]
    if unmeasured:
        limits.append(
            f"{formats.classes(unmeasured)} could not be measured and "
            f"{'is' if unmeasured == 1 else 'are'} left out of macro-F1, though the model may still predict "
            f"{'it' if unmeasured == 1 else 'them'}."
        )
    if result.partial:
        limits.append("The search was stopped early; what it left out is named below.")
    limits += [excerpt(line, 400) for line in (*result.config.protocol, *result.timing.limited)]
    limits += [
        f"{short_label(each.title)}: {excerpt(note, 300)}"
        for each in result.evaluations
        for note in each.notes
    ]
    return tuple(limits)


def _searched(result: RunResult) -> str:
    tuned = [each for each in result.evaluations if not each.is_reference]
    n_trials = counted(sum(len(each.trials) for each in tuned), "trial")
    return f"{n_trials} of {counted(len(tuned), 'family', 'families')} were tried{_bought(result)}."


def _bought(result: RunResult) -> str:
    """Return what tuning the family shown was worth, as the end of a sentence."""
    shown = result.shown
    if shown is None or shown.optimism is None:
        return ""
    interval = shown.optimism.tuning_interval
    sure = "" if interval is None else f" ({formats.signed_interval(interval)})"
    gain = formats.signed(shown.optimism.tuning_gain)
    return f"; for {mid_sentence(short_label(shown.title))} tuning brought {gain} macro-F1 over its default trial{sure}"


def _family(evaluation: Evaluation) -> _FamilySearch:
    title = short_label(evaluation.title)
    known = [trial.inner_score for trial in evaluation.trials if trial.inner_score is not None]
    best, first = max(known, default=0.0), evaluation.trials[0].inner_score
    gain = f", {formats.signed(best - first)} over the default trial" if first is not None else ""
    over = ", at the default trial" if best == first else gain
    finding = f"{title}: best inner macro-F1 {formats.score(best, 3)}{over}"
    scores = [trial.inner_score for trial in evaluation.trials]
    return _FamilySearch(
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
    if evaluation.final is None or not all(chosen) or evaluation.optimism is None:
        return ""
    same = sum(params == evaluation.final.params for params in chosen)
    if same == len(chosen):
        return f"All {len(chosen)} outer splits chose the trial that is exported."
    trials = counted(evaluation.optimism.n_distinct_choices, "different trial")
    return f"{same} of {len(chosen)} outer splits chose the trial that is exported; {trials} in all."


def _trials_table(evaluation: Evaluation) -> Grid:
    ranked = sorted(evaluation.trials, key=lambda trial: (-(trial.inner_score or -1.0), trial.number))
    left_out = len(ranked) - _MOST_TRIALS
    tail = f" (the best {_MOST_TRIALS}; trials.csv has all)" if left_out > 0 else ""
    return Grid(
        caption=f"Trials of {short_label(evaluation.title)}, best first{tail}",
        columns=("Trial", "Inner macro-F1", "Steps", "Settings"),
        rows=tuple(_trial_row(evaluation, trial) for trial in ranked[:_MOST_TRIALS]),
    )


def _trial_row(evaluation: Evaluation, trial: TrialRecord) -> tuple[str, ...]:
    number = f"{trial.number} (exported)" if trial.number == evaluation.final_trial else str(trial.number)
    value = f"{trial.status} {excerpt(trial.reason, 80)}".strip()
    if trial.status == "done":
        value = formats.score(trial.inner_score, 3)
    steps = formats.count(trial.steps) if trial.steps else formats.MISSING
    return number, value, steps, params_words(trial)


def params_words(trial: TrialRecord) -> str:
    """Return ``name = value`` for every parameter of the trial."""
    return ", ".join(
        f"{name} = {f'{value:.4g}' if isinstance(value, float) else value}"
        for name, value in trial.params.items()
    )


def _optimism(result: RunResult) -> Grid | None:
    rows = []
    for each in result.evaluations:
        found = each.optimism
        if found is None or each.is_reference:
            continue
        span = f" ({formats.signed_interval(found.tuning_interval)})" if found.tuning_interval else ""
        scores = (formats.score(value, 3) for value in (found.training, found.inner_best, found.outer))
        rows.append((short_label(each.title), *scores, f"{formats.signed(found.tuning_gain)}{span}"))
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
