"""What to do with categories of very few rows: keep, merge or drop them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.errors import InputError
from automl_text.results import finding
from automl_text.wording import counted, listed, rows_are

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.files import Rare
    from automl_text.results import Finding

DEFAULT_MIN_ROWS = 5
"""Below five rows a category's F1 says little; the report greys it."""

_MERGED = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class _RareRows:
    """Labels after rare categories were treated; None where the row is left out."""

    labels: list[str | None]
    findings: tuple[Finding, ...]


def treat_rare(labels: Sequence[str], lines: Sequence[int], *, rare: Rare, min_rows: int) -> _RareRows:
    """Keep, merge or drop the categories with fewer than ``min_rows`` rows.

    Parameters
    ----------
    lines : sequence of int
        Line of the file of each label.
    rare : "keep", "merge" (into one category, ``other``) or "drop"
    min_rows : int
        0 stands for 5.

    Raises
    ------
    InputError
        If ``min_rows`` is given with "keep", or is negative.
    """
    if min_rows < 0 or (min_rows and rare == "keep"):
        raise InputError(
            f"--min-rows {min_rows}: nothing would happen. "
            "Say with --rare merge or --rare drop what to do with categories below a positive number of rows."
        )
    least = min_rows or DEFAULT_MIN_ROWS
    counts = Counter(labels)
    few = {label for label, n in counts.items() if n < least} if rare != "keep" else set()
    if not few:
        return _RareRows(labels=list(labels), findings=())
    merged = _MERGED if _MERGED not in counts else f"{_MERGED} (merged)"
    replacement = merged if rare == "merge" else None
    touched = [line for label, line in zip(labels, lines, strict=True) if label in few]
    what = f"merged into {merged!r}" if rare == "merge" else "left out"
    return _RareRows(
        labels=[replacement if label in few else label for label in labels],
        findings=(
            finding(
                f"rare_{'merged' if rare == 'merge' else 'dropped'}",
                "note",
                f"{rows_are(len(touched))} {what}: {counted(len(few), 'category has', 'categories have')} fewer than "
                f"{counted(least, 'row')} ({listed(sorted(few), in_quotes=True)})",
                "Label more rows of these categories to have them judged",
                touched,
            ),
        ),
    )
