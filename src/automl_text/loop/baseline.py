"""Predictions at hand already, of rules, an older model or a person, as a reference beside the families."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.loop.compare import Judged
from automl_text.loop.out_of_fold import text_digests
from automl_text.loop.rows import joined_texts
from automl_text.results.after import RunSide
from automl_text.tables.csv_guard import unguard
from automl_text.tables.reading import read_table
from automl_text.tuning.evidence import FamilyEvidence
from automl_text.wording import listed, no_column, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
        raise no_column(table.file, column, table.columns, option="--baseline")
    rest = {name: cells for name, cells in table.columns.items() if name != column}
    of_line = dict(zip(table.lines.tolist(), table.columns[column], strict=True))
    return replace(table, columns=rest), Baseline(column=column, of_line=of_line)


def with_baseline(evidence: SearchEvidence, baseline: Baseline) -> SearchEvidence:
    """Return the evidence with the column as one more reference, on the same rows in every partition."""
    data = evidence.dataset
    cells = [baseline.of_line.get(line, "") for line in data.lines.tolist()]
    codes = _predicted_codes(cells, data.classes, data.codes)
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


def judged_file(data: str, run: Judged, *, text: tuple[str, ...] = (), column: str = "prediction") -> Judged:
    """Return the predictions that a file holds for texts of ``run`` as a side of a comparison.

    Parameters
    ----------
    data : str
        A file with the run's texts and a column of categories: of rules, of an older model, of a person.
    text : tuple of str
        Its text columns; those of the run where none is named.

    Raises
    ------
    InputError
        If a column is not there, or none of the run's texts stands in the file.
    """
    table = read_table(data)
    texts = joined_texts(table, text or run.result.dataset.text_columns)
    if column not in table.columns:
        remedy = f"Name one of {listed(list(table.columns))} with --prediction"
        raise no_column(table.file, column, table.columns, remedy=remedy)
    said = dict(zip(text_digests(texts).tolist(), table.columns[column], strict=True))
    rows = run.rows
    held = np.array(
        [row for row, digest in enumerate(rows.digests.tolist()) if digest in said], dtype=np.int64
    )
    if not len(held):
        raise refusal(
            table.file, f"none of its texts is a row of {run.side.name}", "Predict the run's own data file"
        )
    codes = _predicted_codes(
        [said[digest] for digest in rows.digests[held].tolist()], rows.classes, rows.codes
    )
    kept = replace(
        rows,
        lines=rows.lines[held],
        codes=rows.codes[held],
        groups=rows.groups[held],
        digests=rows.digests[held],
    )
    n_rows = max(table.n_rows, len(held))  # rows of texts that the run lacks are counted as new
    side = RunSide(name=table.file, n_rows=n_rows, recommended=None, shared_macro_f1=0.0)
    return Judged(side=side, rows=kept, predicted=codes[None, :], result=run.result)


def _predicted_codes(
    cells: Sequence[str], classes: Sequence[str], codes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the class that each cell names; what names none counts as the most frequent one.

    A rule that says nothing must be told what to do, and the most frequent category is the best that is known.
    """
    place = {name: code for code, name in enumerate(classes)}
    most = int(np.bincount(codes, minlength=len(classes)).argmax())
    return np.array(
        [place.get(unguard(cell), place.get(cell.strip(), most)) for cell in cells], dtype=np.int64
    )
