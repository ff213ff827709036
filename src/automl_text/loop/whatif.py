"""What merging or dropping categories would do to the figure, at once, from out-of-fold predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import InputError, nearest
from automl_text.loop.out_of_fold import digest_name, read_out_of_fold
from automl_text.results.after import MergedFigures
from automl_text.results.result import read_result
from automl_text.statistics.interval import macro_f1_interval
from automl_text.statistics.metrics import class_f1, confusion
from automl_text.wording import counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.statistics.truth import Truth

TOGETHER = " + "
"""Joins the names of merged categories."""


def what_if(folder: Path, merge: Sequence[Sequence[str]] = (), drop: Sequence[str] = ()) -> MergedFigures:
    """Return macro-F1 before and after, as the predictions at hand give it.

    Probabilities of merged categories are added up; those of dropped ones are shared out over the others, and their
    rows are left out. A model fitted on the merged labels may do better: only a search tells.

    Parameters
    ----------
    folder : Path
        Of a finished run.
    merge : sequence of sequences of str
        Categories that become one, of each at least two.

    Raises
    ------
    InputError
        If there is no finished run, a category is unknown or named twice, or fewer than two would be left.
    """
    result, rows = read_result(folder), read_out_of_fold(folder)
    new_of = _new_classes(rows.classes, merge, drop)
    n_new = int(new_of.max()) + 1
    if n_new < 2:  # noqa: PLR2004
        raise InputError("Fewer than two categories would be left. Merge or drop fewer.")
    if not rows.families:
        raise InputError(f"{folder}: no family of this run predicted anything, so nothing can be worked out.")
    predicted, probabilities = rows.of_search(result.recommended)
    kept = new_of >= 0
    joined = np.zeros((*probabilities.shape[:2], n_new))
    for old in np.flatnonzero(kept):
        joined[..., new_of[old]] += probabilities[..., old]
    of_row = np.flatnonzero(kept[rows.codes])
    codes = new_of[rows.codes[of_row]]
    n_groups = [len(np.unique(rows.groups[of_row][codes == code])) for code in range(n_new)]
    once = rows.truth
    truth = replace(
        once,
        codes=codes,
        groups=rows.groups[of_row],
        measurable=np.array(n_groups) >= 2,  # noqa: PLR2004
    ).repeated(rows.n_repeats)
    after = joined[:, of_row].argmax(axis=-1).ravel()
    before, whole = predicted.ravel(), once.repeated(rows.n_repeats)
    f1 = class_f1(confusion(truth.codes, after, n_new))
    return _said(
        MergedFigures(
            merged=tuple(tuple(names) for names in merge),
            dropped=tuple(drop),
            n_rows=len(of_row),
            n_classes=n_new,
            before=whole.macro_f1(before),
            before_interval=_interval(whole, before),
            after=truth.macro_f1(after),
            after_interval=_interval(truth, after),
            merged_f1=tuple(float(f1[new_of[rows.classes.index(names[0])]]) for names in merge),
            sentence="",
        )
    )


def _interval(truth: Truth, predicted: NDArray[np.int64]) -> tuple[float, float]:
    levels = truth.levels(predicted)
    return macro_f1_interval(levels.f1, levels.effective)


def _said(found: MergedFigures) -> MergedFigures:
    low, high = found.after_interval
    what = [f"with {TOGETHER.join(names)} as one category" for names in found.merged]
    what += [f"without {listed(found.dropped)}"] if found.dropped else []
    sentence = (
        f"About {found.after:.2f} ({low:.2f} to {high:.2f}) instead of {found.before:.2f} {' and '.join(what)}, over "
        f"{counted(found.n_classes, 'category', 'categories')} and {counted(found.n_rows, 'row')}: an estimate from "
        "the predictions at hand; fewer categories are easier by themselves, and only a search confirms it."
    )
    return found.model_copy(update={"sentence": sentence})


def _new_classes(
    classes: Sequence[str], merge: Sequence[Sequence[str]], drop: Sequence[str]
) -> NDArray[np.int64]:
    """Return the new code of each old class, -1 for a dropped one.

    Raises
    ------
    InputError
        If a category is unknown or named twice, or one alone is merged.
    """
    named = [name for names in merge for name in names] + list(drop)
    if not named:
        raise InputError("Nothing would change. Say --merge a,b or --drop c.")
    for name in named:
        if name not in classes:
            raise InputError(
                f"There is no category {name!r}.{nearest(name, classes)} Known: {listed(classes)}."
            )
        if named.count(name) > 1:
            raise InputError(f"The category {name!r} is named twice.")
    for names in merge:
        if len(names) < 2:  # noqa: PLR2004
            raise InputError(f"--merge {names[0]}: name at least two categories, such as --merge a,b.")
    first = {name: names[0] for names in merge for name in names}
    kept = [name for name in classes if name not in drop and first.get(name, name) == name]
    place = {name: code for code, name in enumerate(kept)}
    return np.array([-1 if name in drop else place[first.get(name, name)] for name in classes])


def merged_rows(folder: Path, merge: Sequence[Sequence[str]]) -> list[tuple[int, str, str, str]]:
    """Return line, label, new label and digest of every row that a merge changes, for ``search --fixes``."""
    rows = read_out_of_fold(folder)
    new = {name: TOGETHER.join(names) for names in merge for name in names}
    return [
        (line, label, new[label], digest_name(digest))
        for line, label, digest in zip(
            rows.lines.tolist(),
            [rows.classes[code] for code in rows.codes],
            rows.digests.tolist(),
            strict=True,
        )
        if label in new
    ]
