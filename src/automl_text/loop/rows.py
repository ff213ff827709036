"""Texts beside a run: those of its own rows, found again in its data file by their digests, and those new to it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.bundle.predict import rows_at
from automl_text.errors import InputError
from automl_text.files import write_whole
from automl_text.loop.out_of_fold import text_digests
from automl_text.tables.csv_guard import write_csv
from automl_text.tables.reading import read_table
from automl_text.wording import no_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from automl_text.bundle.bundle import Bundle
    from automl_text.families.contract import Rows
    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.results import RunResult
    from automl_text.tables.csv_guard import Cell
    from automl_text.tables.table import Table


def joined_texts(table: Table, columns: Sequence[str]) -> list[str]:
    """Return one text a row, joined as a search joins them.

    Raises
    ------
    InputError
        If a column is not there.
    """
    for name in columns:
        if name not in table.columns:
            raise no_column(table.file, name, table.columns)
    return table.texts(columns)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NewTexts:
    """A file of texts beside a run: all of them, and which are new to it."""

    table: Table
    columns: tuple[str, ...]
    """Its text columns: those of the run, or the only one there is."""
    texts: list[str]
    new: list[int]
    """Rows whose text is neither empty nor one of the run, each text once."""
    n_known: int
    """Rows whose text is one of the run."""

    @classmethod
    def of(cls, given: str | Table, columns: tuple[str, ...], rows: OutOfFold, model: Bundle) -> NewTexts:
        """Return the texts of a file, or of rows in memory, read as the run's ``columns`` were.

        Raises
        ------
        InputError
            If it cannot be read, or a column is not there.
        """
        expected = (*columns, *(each.name for each in model.features))
        table = read_table(given, expected=expected) if isinstance(given, str) else given
        names = tuple(table.columns) if len(table.columns) == len(columns) == 1 else columns
        texts, known = joined_texts(table, names), set(rows.digests.tolist())
        digests = text_digests(texts).tolist()
        first = {digest: row for row, digest in reversed(list(enumerate(digests))) if texts[row].strip()}
        return cls(
            table=table,
            columns=names,
            texts=texts,
            new=sorted(row for digest, row in first.items() if digest not in known),
            n_known=sum(digest in known for digest in digests),
        )

    def asked_of(self, model: Bundle) -> Rows:
        """Return the new rows as ``model`` is given them.

        Raises
        ------
        InputError
            If it reads a column that is not there.
        """
        return rows_at(model.rows(self.table.file, self.texts, self.table.columns), self.new)


def texts_of_rows(result: RunResult, rows: OutOfFold, data: Path | None = None) -> list[str]:
    """Return the text of each row, empty for a row that the file holds no more.

    Parameters
    ----------
    data : Path, optional
        Where the data file is now.

    Raises
    ------
    InputError
        If the file is not where it was, cannot be read, or holds no row of the run.
    """
    path = data or Path(result.config.data)
    if not path.is_file():
        raise InputError(
            f"The run's data file {path} is not in reach of this folder. Name it with --data FILE."
        )
    info = result.dataset
    table = read_table(path, info.read_as, expected=info.text_columns)
    texts = joined_texts(table, info.text_columns)
    by_digest = dict(zip(text_digests(texts).tolist(), texts, strict=True))
    found = [by_digest.get(digest, "") for digest in rows.digests.tolist()]
    if not any(found):
        raise InputError(f"{path}: holds no row of the run. Give the run's own data file with --data FILE.")
    return found


def write_rows(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, raw: bool = False
) -> int:
    """Write a CSV file whole or not at all, and return how many cells got an apostrophe.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    stream = io.StringIO(newline="")
    n_guarded = write_csv(stream, header, rows, raw=raw)
    write_whole(path, stream.getvalue().encode("utf-8", "surrogatepass"))
    return n_guarded
