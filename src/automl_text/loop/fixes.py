"""Corrections of labels: a review that a person filled in, applied to the table as read; the file stays as it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from automl_text.errors import InputError, nearest
from automl_text.loop.compare import compare_runs, judged
from automl_text.loop.out_of_fold import named_digest, text_digests
from automl_text.loop.rows import joined_texts
from automl_text.results import finding
from automl_text.results.after import FixedLabel, Fixes
from automl_text.tables.csv_guard import unguard
from automl_text.tables.reading import read_table
from automl_text.wording import counted, listed, no_column, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from automl_text.data.columns import Columns
    from automl_text.loop.compare import Judged
    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.results import Finding, RunResult
    from automl_text.tables.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReviewLine:
    """One filled-in line of a review."""

    at: int
    """Line of the review."""
    digest: int
    line: int | None
    """Line of the data file that the review names."""
    before: str | None
    """Label that the row had then; None where the review does not say."""
    after: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixed:
    """A table with the labels put right, and what was done."""

    table: Table
    fixes: Fixes
    findings: tuple[Finding, ...]


def apply_fixes(table: Table, columns: Columns, path: Path) -> Fixed:
    """Return ``table`` with the labels that the review at ``path`` corrects.

    A row is found by the digest of its text; its line decides between rows of one text.

    Parameters
    ----------
    columns : Columns
        Which of its columns are text and label.
    path : Path
        As `automl-text suspects` writes it, with the column ``corrected`` filled in where a label is wrong.

    Raises
    ------
    InputError
        If the review cannot be read, corrects nothing, corrects a row in two ways, or fits no row of the data.
    """
    review = read_table(path)
    corrections = _corrections(review, columns)
    labels = list(table.columns[columns.label])
    lines = table.lines.tolist()
    rows_of: dict[int, list[int]] = defaultdict(list)
    for place, digest in enumerate(text_digests(joined_texts(table, columns.text)).tolist()):
        rows_of[digest].append(place)
    chosen, unmatched, moved_on = _matched(review, corrections, rows_of, (lines, labels))
    if not chosen:
        raise refusal(
            review.file, f"none of its corrections fits a row of {table.file}", "Give the review of this file"
        )
    changed = [
        FixedLabel(line=lines[row], before=labels[row], after=each.after)
        for row, each in sorted(chosen.items())
        if labels[row] != each.after
    ]
    known = {label for label in labels if label.strip()}
    new = sorted({each.after for each in changed} - known)
    for row, each in chosen.items():
        labels[row] = each.after
    fixes = Fixes(
        file_name=review.file_name,
        sha256=review.sha256,
        changed=tuple(changed),
        n_unmatched=len(unmatched) + len(moved_on),
    )
    return Fixed(
        table=replace(table, columns={**table.columns, columns.label: labels}),
        fixes=fixes,
        findings=tuple(_findings(review, unmatched, moved_on, {name: nearest(name, known) for name in new})),
    )


def fixed_again(table: Table, label_column: str, fixes: Fixes) -> Table:
    """Return ``table`` with the changes that a run recorded, by line."""
    after = {each.line: each.after for each in fixes.changed}
    labels = [
        after.get(line, label)
        for line, label in zip(table.lines.tolist(), table.columns[label_column], strict=True)
    ]
    return replace(table, columns={**table.columns, label_column: labels})


def what_fixes_brought(fixes: Fixes, before: Judged | None, result: RunResult, rows: OutOfFold) -> Fixes:
    """Return ``fixes`` with its sentence: the earlier run against this one on the rows whose label did not change."""
    said = f"{counted(len(fixes.changed), 'label')} changed"
    if before is None:
        return fixes.model_copy(update={"sentence": f"{said}."})
    try:
        found = compare_runs(before, judged(result, rows, "this run"))
    except InputError:
        return fixes.model_copy(
            update={"sentence": f"{said}; the earlier run has other categories, so nothing is compared."}
        )
    low, high = found.interval
    sentence = (
        f"{said}: {found.before.shared_macro_f1:.2f} to {found.after.shared_macro_f1:.2f} on the "
        f"{counted(found.n_shared, 'row')} that did not change ({low:+.2f} to {high:+.2f})."
    )
    return fixes.model_copy(update={"sentence": sentence})


def _corrections(review: Table, columns: Columns) -> list[_ReviewLine]:
    """Return the filled-in lines of a review."""
    cells = review.columns
    if "corrected" not in cells:
        remedy = "Give the file that automl-text suspects wrote, filled in"
        raise no_column(review.file, "corrected", cells, remedy=remedy)
    by_text = "digest" not in cells
    if by_text:
        names = ["text"] if "text" in cells else columns.text
        digests = text_digests([unguard(text) for text in joined_texts(review, names)]).tolist()
    else:
        digests = [
            _digest(review, cell, line) for cell, line in zip(cells["digest"], review.lines, strict=True)
        ]
    empty = [""] * review.n_rows
    found = [
        _ReviewLine(
            at=int(at),
            digest=digest,
            line=int(line) if line.strip().isdecimal() else None,
            before=unguard(before) if before.strip() else None,
            after=unguard(after.strip()),
        )
        for at, digest, line, before, after in zip(
            review.lines,
            digests,
            cells.get("line", empty),
            cells.get("label", empty),
            cells["corrected"],
            strict=True,
        )
        if after.strip()
    ]
    if not found:
        raise refusal(
            review.file,
            "no cell of the column 'corrected' is filled in",
            "Write the right label where one is wrong",
        )
    return found


def _digest(review: Table, cell: str, line: int) -> int:
    try:
        return named_digest(cell)
    except ValueError as error:
        raise refusal(
            review.file, f"{cell!r} is no digest", "Leave the column as it was written", line=int(line)
        ) from error


def _matched(
    review: Table,
    corrections: Sequence[_ReviewLine],
    rows_of: Mapping[int, list[int]],
    now: tuple[Sequence[int], Sequence[str]],
) -> tuple[dict[int, _ReviewLine], list[_ReviewLine], list[_ReviewLine]]:
    """Return the correction of each row; those that no row fits; those made for another label than the row has.

    Raises
    ------
    InputError
        If two corrections of one row differ.
    """
    lines, labels = now
    chosen: dict[int, _ReviewLine] = {}
    unmatched: list[_ReviewLine] = []
    moved_on: list[_ReviewLine] = []
    for each in corrections:
        row = _row_of(each, rows_of.get(each.digest, []), lines, labels)
        if row is None:
            unmatched.append(each)
        elif labels[row] not in {each.before or labels[row], each.after}:
            moved_on.append(each)
        elif row in chosen and chosen[row].after != each.after:
            raise refusal(
                review.file,
                f"lines {chosen[row].at} and {each.at} correct one row in two ways: {chosen[row].after!r} and "
                f"{each.after!r}",
                "Keep one of them",
            )
        else:
            chosen[row] = each
    return chosen, unmatched, moved_on


def _row_of(
    correction: _ReviewLine, rows: Sequence[int], lines: Sequence[int], labels: Sequence[str]
) -> int | None:
    """Return the row that is meant: of several with one text that on the line named, else the only one so labelled."""
    if len(rows) == 1:
        return rows[0]
    on_line = [row for row in rows if lines[row] == correction.line]
    if on_line:
        return on_line[0]
    alike = [row for row in rows if labels[row] == correction.before]
    return alike[0] if len(alike) == 1 else None


def _findings(
    review: Table, unmatched: list[_ReviewLine], moved_on: list[_ReviewLine], new: Mapping[str, str]
) -> list[Finding]:
    found, why = [], ("no row fits any more", "made for another label than the row has")
    for some, what in zip((unmatched, moved_on), why, strict=True):
        if some:
            left_out = f"{counted(len(some), 'correction')} of {review.file_name} left out"
            message = f"{left_out} (line {listed([each.at for each in some])}): {what}"
            remedy = "Run automl-text suspects again on the new data"
            found.append(finding("fixes_unmatched", "warning", message, remedy))
    for name, hint in new.items():
        message = f"{review.file_name} gives a label that no row had: {name!r}.{hint}"
        found.append(finding("fixes_new_label", "warning", message, "Mend the review if this is a slip"))
    return found
