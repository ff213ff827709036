"""Two runs, or a run and somebody's predictions, on the texts that they share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import InputError
from automl_text.loop.out_of_fold import read_out_of_fold
from automl_text.results import Figures
from automl_text.results.after import ClassChange, RunComparison, RunSide
from automl_text.results.result import read_result
from automl_text.statistics.comparison import compare, compare_classes, pair_verdict
from automl_text.statistics.metrics import class_f1, confusion
from automl_text.wording import counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.results import RunResult
    from automl_text.statistics.truth import Truth

_LEVEL = 0.95
_WORDS = {
    "better": "better",
    "worse": "worse",
    "equivalent": "no different in practice",
    "undecided": "not to be told apart",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """One side of a comparison: rows and what was predicted for them."""

    side: RunSide
    rows: OutOfFold
    predicted: NDArray[np.int64]
    """Shape (n_repeats, n_rows)."""
    result: RunResult


def judged_run(folder: Path) -> Judged:
    """Return a finished run as a side of a comparison: what the whole search predicts.

    Raises
    ------
    InputError
        If there is no finished run with out-of-fold predictions.
    """
    return judged(read_result(folder), read_out_of_fold(folder), str(folder))


def judged(result: RunResult, rows: OutOfFold, name: str) -> Judged:
    """Return a run in memory as a side of a comparison.

    Raises
    ------
    InputError
        If no family predicted anything.
    """
    if not rows.families:
        raise InputError(f"{name}: no family of this run predicted anything, so there is nothing to compare.")
    predicted, _ = rows.of_search(result.recommended)
    side = RunSide(
        **result.procedure.model_dump(include=set(Figures.model_fields)),
        name=name,
        n_rows=rows.n_rows,
        recommended=result.recommended,
        shared_macro_f1=0.0,
    )
    return Judged(side=side, rows=rows, predicted=predicted, result=result)


def compare_runs(before: Judged, after: Judged) -> RunComparison:
    """Return the comparison of two runs on the rows that both have under the same label.

    Raises
    ------
    InputError
        If their categories differ, or they share no row.
    """
    _refuse_other_classes(before, after)
    pairs = _paired(before.rows, after.rows)
    same = pairs[before.rows.codes[pairs[:, 0]] == after.rows.codes[pairs[:, 1]]]
    if not len(same):
        raise InputError(
            f"{before.side.name} and {after.side.name} share no row with the same label: compare runs of one data file."
        )
    n_repeats = min(len(before.predicted), len(after.predicted))
    here, there = same.T
    truth = before.rows.truth.take(here).repeated(n_repeats)
    first, second = before.predicted[:n_repeats, here].ravel(), after.predicted[:n_repeats, there].ravel()
    posterior = compare(truth, second, first)
    low, high = posterior.interval()
    verdict = pair_verdict(posterior, before.result.config.rope)
    scores = truth.macro_f1(first), truth.macro_f1(second)
    n_shared, n_relabelled = len(same), len(pairs) - len(same)
    return RunComparison(
        before=before.side.model_copy(update={"shared_macro_f1": scores[0]}),
        after=after.side.model_copy(update={"shared_macro_f1": scores[1]}),
        n_shared=n_shared,
        n_relabelled=n_relabelled,
        n_only_before=before.side.n_rows - len(pairs),
        n_only_after=after.side.n_rows - len(pairs),
        changed=_changes(before.result, after.result),
        difference=posterior.mean,
        interval=(low, high),
        verdict=verdict,
        classes=_class_changes(truth, (first, second), before.rows.classes, n_repeats),
        sentence=(
            f"{scores[0]:.2f} to {scores[1]:.2f} on {counted(n_shared, 'row')} that both have "
            f"({low:+.2f} to {high:+.2f}): {_WORDS[verdict]}."
        ),
    )


def _class_changes(
    truth: Truth,
    predicted: tuple[NDArray[np.int64], NDArray[np.int64]],
    classes: Sequence[str],
    n_repeats: int,
) -> tuple[ClassChange, ...]:
    """Return each judged category's change; the level of all intervals together is 95 %."""
    first, second = predicted
    changes = compare_classes(truth, second, first)
    n_tests = max(int(truth.measurable.sum()), 1)
    before, after = (class_f1(confusion(truth.codes, each, len(classes))) for each in predicted)
    counts = np.bincount(truth.codes, minlength=len(classes)) // n_repeats
    found = []
    for code in np.flatnonzero(truth.measurable).tolist():
        low, high = changes[code].interval(1 - (1 - _LEVEL) / n_tests)
        found.append(
            ClassChange(
                label=classes[code],
                n_rows=int(counts[code]),
                before=float(before[code]),
                after=float(after[code]),
                interval=(low, high),
                verdict="rose" if low > 0 else "fell" if high < 0 else "level",
            )
        )
    return tuple(sorted(found, key=lambda each: each.before - each.after))


def _refuse_other_classes(before: Judged, after: Judged) -> None:
    first, second = set(before.rows.classes), set(after.rows.classes)
    if first != second:
        only = [
            f"{side.side.name} alone has {listed(sorted(more))}"
            for side, more in ((before, first - second), (after, second - first))
            if more
        ]
        raise InputError(
            f"{before.side.name} and {after.side.name} cannot be compared: their categories differ "
            f"({'; '.join(only)}). Search again with the same categories."
        )


def _paired(before: OutOfFold, after: OutOfFold) -> NDArray[np.int64]:
    """Return row numbers of both for the texts that both have, shape (n_pairs, 2).

    A text that occurs several times is paired with rows of the same label first, then in the order of the lines.
    """
    places: dict[int, list[int]] = defaultdict(list)
    for row, digest in enumerate(after.digests.tolist()):
        places[digest].append(row)
    pairs: list[tuple[int, int]] = []
    for wants_same in (True, False):
        taken = {here for here, _ in pairs}
        for row, digest in enumerate(before.digests.tolist()):
            if row in taken:
                continue
            left = places.get(digest, [])
            match = next(
                (each for each in left if not wants_same or after.codes[each] == before.codes[row]), None
            )
            if match is not None:
                left.remove(match)
                pairs.append((row, match))
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _changes(before: RunResult, after: RunResult) -> tuple[str, ...]:
    """Return a sentence for each thing asked for, or installed, that differs."""
    first, second = before.config.model_dump(), after.config.model_dump()
    unsaid = {"data", "search_spaces", "protocol", "grouped_for_folds", "rope"}
    sentences = [
        f"{name.replace('_', ' ')}: {_said(first[name])}, then {_said(second[name])}"
        for name in first
        if name not in unsaid and first[name] != second[name]
    ]
    versions = [
        f"{name} {before.versions.get(name, 'none')}, then {after.versions.get(name, 'none')}"
        for name in sorted({*before.versions, *after.versions})
        if before.versions.get(name) != after.versions.get(name)
    ]
    if before.recommended != after.recommended:
        sentences.append(f"recommended: {_said(before.recommended)}, then {_said(after.recommended)}")
    return (*sentences, *versions)


def _said(value: object) -> str:
    """Return a setting in words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def comparison_page(comparisons: Sequence[RunComparison]) -> str:
    """Return one HTML page that needs nothing else; equal comparisons give equal bytes."""
    import jinja2  # noqa: PLC0415  (a terminal needs none)

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("automl_text.loop", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("compare.html").render(comparisons=comparisons)
