"""How it was measured: the splits, the budget, seeds, versions and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.wording import excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import RunResult

TITLE = "How it was measured"
PLACE = 120

_CELL = 100
_GAP = 6
_HEIGHT = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBox:
    """One fold in the drawing of the splits, in drawing units."""

    x: str
    y: str
    kind: str
    text: str
    text_x: str
    text_y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """The section on measurement."""

    lede: str
    boxes: tuple[SplitBox, ...]
    drawing_size: tuple[str, str]
    drawing_words: str
    facts: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]
    """SHA-256 of the data, the model and the search spaces."""
    limits: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]


def view(result: RunResult) -> MethodView:
    """Return how the figures of this run came about."""
    n = result.config.n_folds
    return MethodView(
        lede="Every text was judged by models that never saw it, none of which it had helped to choose.",
        boxes=_boxes(n),
        drawing_size=(str(n * (_CELL + _GAP)), str(n * (_HEIGHT + _GAP))),
        drawing_words=_drawing_words(result),
        facts=_facts(result),
        digests=_digests(result),
        limits=_limits(result),
        versions=tuple(sorted((name, excerpt(version, 40)) for name, version in result.versions.items())),
    )


def _boxes(n_folds: int) -> tuple[SplitBox, ...]:
    return tuple(
        SplitBox(
            x=str(fold * (_CELL + _GAP)),
            y=str(split * (_HEIGHT + _GAP)),
            kind="judge" if fold == split else "learn",
            text="judges" if fold == split else "learns, chooses",
            text_x=str(fold * (_CELL + _GAP) + _CELL // 2),
            text_y=str(split * (_HEIGHT + _GAP) + 17),
        )
        for split in range(n_folds)
        for fold in range(n_folds)
    )


def _drawing_words(result: RunResult) -> str:
    config = result.config
    inner = (
        f"the same {config.n_folds} folds serve both loops: inside each split the other {config.n_folds - 1} take "
        "turns to choose the settings"
        if config.inner == "shared"
        else "inside each split the training fold is cut anew to choose the settings"
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
        ("Points per family", trials or formats.MISSING),
        ("Sampler", "quasi-random (QMC)" if config.sampler == "qmc" else "TPE, adaptive"),
        ("Seed", str(config.seed)),
        ("Too small to matter", f"differences up to {config.rope:g} macro-F1"),
    ]
    if timing.model is not None:
        facts.append(("Model needs", ", ".join(timing.model.requirements)))
    if timing.started:
        facts.append(("Started", timing.started))
        facts.append(("Took", formats.seconds(timing.total_seconds)))
    return tuple(facts)


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
        "New texts are assumed to come from where these came from: a new product or season is another matter.",
        "Labels are taken as they are: where people disagree, no model can score above their agreement.",
    ]
    if unmeasured:
        limits.append(
            f"{formats.categories(unmeasured)} could not be measured and "
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
