"""Predictions at hand already, of rules, an older model or a person, as a reference beside the families."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import nearest
from automl_text.loop.compare import predicted_codes
from automl_text.tuning.evidence import FamilyEvidence
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from automl_text.tables.table import Table
    from automl_text.tuning.evidence import SearchEvidence
    from automl_text.verdict.judge import Judgement

FAMILY = "baseline"
_SURE = 5.0
"""Logit of the class that is named; its temperature is fitted like that of any family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A column of predictions."""

    column: str
    of_line: dict[int, str]
    """Line of the data file to what the column says there."""


def take_baseline(table: Table, column: str) -> tuple[Table, Baseline]:
    """Return the table without ``column``, which must not become a text, and the column.

    Raises
    ------
    InputError
        If there is no such column.
    """
    if column not in table.columns:
        hint = nearest(column, table.columns).strip() or f"It has {listed(list(table.columns))}"
        raise refusal(table.file, f"--baseline {column!r}: there is no such column", hint)
    rest = {name: cells for name, cells in table.columns.items() if name != column}
    of_line = dict(zip(table.lines.tolist(), table.columns[column], strict=True))
    return replace(table, columns=rest), Baseline(column=column, of_line=of_line)


def with_baseline(evidence: SearchEvidence, baseline: Baseline) -> SearchEvidence:
    """Return the evidence with the column as one more reference, on the same rows in every partition."""
    data = evidence.dataset
    cells = [baseline.of_line.get(line, "") for line in data.lines.tolist()]
    codes = predicted_codes(cells, data.classes, data.codes)
    logits = np.zeros((len(evidence.partitions), data.n_rows, data.n_classes), dtype=np.float32)
    logits[:, np.arange(data.n_rows), codes] = _SURE
    n_unnamed = sum(cell.strip() not in data.classes for cell in cells)
    notes = (
        (f"{n_unnamed:,} cells that name no category count as the most frequent one.",) if n_unnamed else ()
    )
    family = FamilyEvidence(
        family=FAMILY,
        title=f"Column {baseline.column}",
        simplicity=0,
        is_reference=True,
        is_fixed=True,
        status="done",
        notes=notes,
        outer_logits=logits,
    )
    return replace(evidence, families=(*evidence.families, family))


def sentence_on_baseline(judgement: Judgement) -> str | None:
    """Return how the recommended family does against the column; None where nothing is recommended."""
    recommended = judgement.verdict.recommended
    for each in judgement.comparisons:
        if {each.a, each.b} == {recommended, FAMILY}:
            seen = each.seen_from(FAMILY)
            low, high = (-end for end in reversed(seen.interval))
            word = {"worse": "beaten", "better": "not reached"}.get(
                seen.verdict, "not to be told apart, behind"
            )
            return f"baseline: {word} by {recommended}, {-seen.difference:+.2f} ({low:+.2f} to {high:+.2f})."
    return None
