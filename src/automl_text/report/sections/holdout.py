"""Rows that were kept apart from the search, judged once by the exported model, beside the promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.elements import Grid
from automl_text.wording import counted, excerpt, short_label

if TYPE_CHECKING:
    from automl_text.results import RunResult

SECTION = 25, "On the rows kept apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class _HoldoutView:
    """The promise, and what came of it."""

    lede: str
    facts: tuple[tuple[str, str], ...]
    how: str
    unseen: str
    grid: Grid


def view(result: RunResult) -> _HoldoutView | None:
    """Return how the model did on rows that nothing of the search has seen; None where none were kept apart."""
    found = result.holdout
    if found is None:
        return None
    column = result.config.split
    by = f"column {column}" if column else found.file_name
    rows = tuple(
        (
            short_label(row.label),
            formats.count(row.support),
            *map(formats.score, (row.precision, row.recall, row.f1)),
        )
        for row in found.per_class
    )
    return _HoldoutView(
        lede=found.promise.sentence,
        facts=(
            ("Promised", _figure(found.promise.promised_macro_f1, found.promise.promised_interval)),
            ("Reached, new texts", _figure(found.promise.macro_f1, found.promise.interval)),
            ("Reached, all rows", _figure(found.macro_f1, found.interval)),
            ("Right", f"{100 * found.accuracy:.0f} of 100"),
        ),
        how=f"{counted(found.n_rows, 'row')}, kept apart by {excerpt(by, 60)}, judged once by the exported model, "
        "which was trained on all the others. No fit, no choice and no other figure of this page has seen them.",
        unseen=", ".join(short_label(each.label) for each in found.unseen_labels),
        grid=Grid(
            caption="Per category, on the rows kept apart",
            columns=("Category", "Rows", "Precision", "Recall", "F1"),
            rows=rows,
        ),
    )


def _figure(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None:
        return formats.MISSING
    return formats.score(value) + (f" ({formats.interval(interval)})" if interval else "")
