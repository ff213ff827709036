"""From a path to a `Table`, whatever of the usual formats the file is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.tables.delimited import read_delimited
from automl_text.tables.encoding import Decoded, decode
from automl_text.tables.json_rows import looks_like_json_lines, read_json_lines
from automl_text.tables.parquet import MAGIC, read_parquet
from automl_text.tables.source import read_source
from automl_text.tables.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from automl_text.tables.delimited import Cells
    from automl_text.tables.source import Source
    from automl_text.tables.table import Format

JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")


def read_table(path: str | Path, *, encoding: str | None = None, separator: str | None = None) -> Table:
    """Read CSV (separated by ``,`` ``;`` ``|`` or TAB), JSONL or Parquet, gzipped or not, as text.

    The content decides, not the file's name. No value is guessed to be missing: ``"NA"`` stays ``"NA"``.

    Parameters
    ----------
    path : str or Path
    encoding : str, optional
        Overrides the detection.
    separator : str, optional
        Overrides the detection where it is not empty; one character, or ``tab``.

    Raises
    ------
    InputError
        For every file that cannot be read as meant; one line with file, line and remedy.
    """
    source = read_source(path)
    if source.content.startswith(MAGIC):
        decoded = Decoded(text="", encoding="utf-8", is_guess=False)
        return _table(source, "parquet", decoded, read_parquet(source))
    decoded = decode(source, encoding)
    if not separator and (source.suffix in JSON_SUFFIXES or looks_like_json_lines(decoded.text)):
        return _table(source, "jsonl", decoded, read_json_lines(source.file, decoded.text))
    return _table(source, "csv", decoded, read_delimited(source.file, decoded.text, separator))


def _table(source: Source, kind: Format, decoded: Decoded, cells: Cells) -> Table:
    return Table(
        columns=cells.columns,
        lines=cells.lines,
        file=source.file,
        file_name=source.name,
        format=kind,
        encoding=decoded.encoding,
        is_encoding_guess=decoded.is_guess,
        separator=cells.separator,
        sha256=source.sha256,
    )
