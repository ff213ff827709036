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
    shared = Shared.of(before, after, same)
    return shared.comparison(
        n_relabelled=len(pairs) - len(same), changed=_changes(before.result, after.result)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """The rows that two sides share, once for each repeat."""

    sides: tuple[RunSide, RunSide]
    truth: Truth
    predicted: tuple[NDArray[np.int64], NDArray[np.int64]]
    n_rows: int
    classes: tuple[str, ...]
    rope: float

    @classmethod
    def of(cls, before: Judged, after: Judged, pairs: NDArray[np.int64]) -> Shared:
        """Return the shared rows; where one side has more repeats they are left out."""
        n_repeats = min(len(before.predicted), len(after.predicted))
        here, there = pairs.T
        once = before.rows.truth.take(here)
        return cls(
            sides=(before.side, after.side),
            truth=once.repeated(n_repeats),
            predicted=(
                before.predicted[:n_repeats, here].ravel(),
                after.predicted[:n_repeats, there].ravel(),
            ),
            n_rows=len(pairs),
            classes=before.rows.classes,
            rope=before.result.config.rope,
        )

    def comparison(self, *, n_relabelled: int, changed: tuple[str, ...]) -> RunComparison:
        """Return what the rows say."""
        first, second = self.predicted
        posterior = compare(self.truth, second, first)
        low, high = posterior.interval()
        verdict = pair_verdict(posterior, self.rope)
        scores = self.truth.macro_f1(first), self.truth.macro_f1(second)
        before, after = (
            side.model_copy(update={"shared_macro_f1": score})
            for side, score in zip(self.sides, scores, strict=True)
        )
        return RunComparison(
            before=before,
            after=after,
            n_shared=self.n_rows,
            n_relabelled=n_relabelled,
            n_only_before=before.n_rows - self.n_rows - n_relabelled,
            n_only_after=after.n_rows - self.n_rows - n_relabelled,
            changed=changed,
            difference=posterior.mean,
            interval=(low, high),
            verdict=verdict,
            classes=self._classes(),
            sentence=(
                f"{scores[0]:.2f} to {scores[1]:.2f} on {counted(self.n_rows, 'row')} that both have "
                f"({low:+.2f} to {high:+.2f}): {_WORDS[verdict]}."
            ),
        )

    def _classes(self) -> tuple[ClassChange, ...]:
        """Return each judged category's change; the level of all intervals together is 95 %."""
        first, second = self.predicted
        changes = compare_classes(self.truth, second, first)
        n_tests = max(int(self.truth.measurable.sum()), 1)
        f1 = [class_f1(confusion(self.truth.codes, each, len(self.classes))) for each in (first, second)]
        n_times = len(first) // self.n_rows
        counts = np.bincount(self.truth.codes, minlength=len(self.classes)) // n_times
        found = []
        for code in np.flatnonzero(self.truth.measurable):
            low, high = changes[code].interval(1 - (1 - _LEVEL) / n_tests)
            found.append(
                ClassChange(
                    label=self.classes[code],
                    n_rows=int(counts[code]),
                    before=float(f1[0][code]),
                    after=float(f1[1][code]),
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
