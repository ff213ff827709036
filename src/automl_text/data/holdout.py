"""Rows that are kept apart from the search: a column says which, or a file of their own holds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.profile import sides_of
from automl_text.errors import InputError, nearest
from automl_text.results import finding
from automl_text.tables.reading import read_table
from automl_text.wording import counted, listed, no_column, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.files import ReadAs
    from automl_text.results import DatasetInfo
    from automl_text.tables.table import Table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HoldoutRows:
    """Rows that no fit, no choice and no figure of the search sees: they judge the exported model once."""

    table: Table
    by: str
    """What put them apart, in words."""

    def check(self, info: DatasetInfo) -> None:
        """Refuse rows that the model could not be judged by, before any fit is made.

        Raises
        ------
        InputError
            If a column of the search is not there, or no row has a label that occurs among the rows of the search.
        """
        for name in (*info.text_columns, *(each.name for each in info.features), info.label_column):
            if name not in self.table.columns:
                hint = nearest(name, self.table.columns).strip() or f"It has {listed(self.table.names)}"
                raise refusal(self.table.file, f"there is no column {name!r}, which the search uses", hint)
        known = {each.label for each in info.classes}
        if not known.intersection(self.table.columns[info.label_column]):
            raise refusal(
                self.table.file,
                f"no row that is kept apart has a label in {info.label_column!r} that occurs in the search",
                "Compare the spelling of the labels",
            )


def split_holdout(table: Table, column: str) -> tuple[Table, HoldoutRows]:
    """Return the rows of the search without ``column``, and those that it calls test.

    Validation rows are searched with the training rows: the search validates by cross-validation of its own.

    Raises
    ------
    InputError
        If there is no such column, a cell says something else, or it leaves no rows on one side.
    """
    if column not in table.columns:
        raise no_column(table.file, column, table.columns, option="--split")
    sides = sides_of(column, table.columns[column])
    for line, cell, side in zip(table.lines.tolist(), table.columns[column], sides, strict=True):
        if not side:
            what = f"--split {column!r}: {cell.strip().casefold()!r} says neither train, validation nor test"
            raise refusal(table.file, what, "Write one of these in every row", line=line)
    is_test = np.array([side == "test" for side in sides])
    if is_test.all() or not is_test.any():
        side = "but test rows" if is_test.all() else "is a test row"
        raise refusal(
            table.file, f"--split {column!r}: nothing {side}", "Leave --split out, or choose another column"
        )
    rest = {name: cells for name, cells in table.columns.items() if name != column}
    searched, test = (_rows(replace(table, columns=rest), mask) for mask in (~is_test, is_test))
    n_validation = sides.count("validation")
    message = (
        f"Column {column!r} keeps {counted(test.n_rows, 'row')} apart as a test; the search sees the others"
    )
    if n_validation:
        message += f", the {counted(n_validation, 'validation row')} too, since it validates by itself"
    note = finding("kept_apart", "note", message, "Nothing to do: the model is judged on them at the end")
    searched = replace(searched, findings=(*searched.findings, note))
    return searched, HoldoutRows(table=test, by=f"the column {column}")


def read_holdout(path: Path, read_as: ReadAs, expected: tuple[str, ...] = ()) -> HoldoutRows:
    """Return the rows of a file of their own.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return HoldoutRows(table=read_table(path, read_as, expected=expected), by=f"the file {path.name}")


def refuse_both(split: str | None, test: Path | None) -> None:
    """Refuse two ways at once to keep rows apart.

    Raises
    ------
    InputError
        If both are given.
    """
    if split is not None and test is not None:
        raise InputError("--split and --test both keep rows apart; give one of them.")


def _rows(table: Table, mask: NDArray[np.bool_]) -> Table:
    kept = np.flatnonzero(mask)
    columns = {name: [cells[row] for row in kept] for name, cells in table.columns.items()}
    return replace(table, columns=columns, lines=table.lines[kept])
