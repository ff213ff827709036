"""Which line names the columns of a table, and what columns are usually called."""

from __future__ import annotations

import csv
import string
from itertools import islice
from typing import TYPE_CHECKING

from automl_text.tables.quoting import SEPARATORS, Dialect, physical
from automl_text.wording import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.errors import InputError

_PROBE_ROWS = 200
_MIN_UNDISPUTED = 5
_MOST_ABOVE = 20
"""Lines of title and remarks that may stand above a table."""
_LONG_WORDS = 3
_BLANKS = string.whitespace + "\x1a"
"""What makes no cell; DOS ends files with the last."""

TEXT_NAMES = (
    {"text", "texts", "message", "messages", "body", "content", "document", "description", "comment"}
    | {"comments", "review", "sentence", "utterance", "query", "question", "tweet", "post", "ticket"}
    | {"transcript", "input", "nachricht", "texte", "texto", "testo"},
    {"title", "subject", "headline", "summary", "abstract", "name"},
)
"""Names of columns that say text: first choice, second choice."""

LABEL_NAMES = (
    {"category", "categories", "label", "labels", "class", "target", "intent", "kategorie", "klasse"}
    | {"categorie", "cat\u00e9gorie", "categor\u00eda", "categoria", "etikett"},
    {"topic", "tag", "sentiment", "type", "department", "queue", "genre", "output", "y"},
)
_KNOWN_NAMES = frozenset().union(*TEXT_NAMES, *LABEL_NAMES, {"id", "index", "split", "date", "no", "nr"})


def has_header(first: Sequence[str], rows: Sequence[Sequence[str]], expected: Sequence[str] = ()) -> bool:
    """Return whether the first row names the columns rather than being a row like the others.

    It is a row where it has a text in the column of texts, and a value that is repeated in a column of few values.
    A table of one column has a header where the first line is a name that is looked for, a usual one, or one word.
    """
    names = {name.strip().casefold() for name in first}
    wanted = {
        name.strip().casefold() for name in expected if not name.isdecimal()
    }  # 1, 2: there was no header
    if names & (wanted | _KNOWN_NAMES):
        return True
    if len(first) == 1:
        return len(first[0].split()) <= 1 or not (rows or expected)
    columns = list(zip(*(row for row in rows if len(row) == len(first)), strict=True))
    if not columns or len(columns[0]) < _MIN_UNDISPUTED:
        return True
    n_words = [_words(column) for column in columns]
    texts = [
        len(cell.split()) >= max(2, mean / 3)
        for cell, mean in zip(first, n_words, strict=True)
        if mean >= _LONG_WORDS
    ]
    repeats = any(
        mean < _LONG_WORDS and cell.strip() and column.count(cell) > 1
        for cell, column, mean in zip(first, columns, n_words, strict=True)
    )
    return not (texts and all(texts) and repeats)


def _words(column: Sequence[str]) -> float:
    filled = [cell for cell in column if cell.strip()]
    return sum(len(cell.split()) for cell in filled) / max(len(filled), 1)


def is_blank(row: Sequence[str]) -> bool:
    """Return whether all cells of a row are empty."""
    return not any(cell.strip(_BLANKS) for cell in row)


def header_below(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the row that names the columns below rows of titles, whose cells are mostly empty; else 0."""
    filled = [[cell.strip().casefold() for cell in row if cell.strip()] for row in rows[: _MOST_ABOVE + 1]]
    if not filled or len(filled[0]) == len(rows[0]) or not _KNOWN_NAMES.isdisjoint(filled[0]):
        return 0
    named = [place for place, row in enumerate(filled) if len(_KNOWN_NAMES.intersection(row)) > 1]
    if named:
        return named[0]
    is_title = len(filled[0]) == 1 and len(rows[0]) > 2  # noqa: PLR2004  (else it may be a column without a name)
    return next((place for place, row in enumerate(filled) if is_title and len(row) > 1), 0)


def title_above(file: str, line: int) -> InputError:
    """Return the error for a table that begins below lines of titles and remarks."""
    what = "the table seems to begin here: the lines above are no rows of it"
    return refusal(file, what, "Delete them", line=line)


def begins_at(text: str, expected: Sequence[str] = ()) -> int:
    """Return the line on which a table seems to begin below lines that are no rows; 0 where there is nothing such.

    A first line that is the name of a column is the header of one column, whatever stands in its texts.
    """
    if text.split("\n", 1)[0].strip().casefold() in _KNOWN_NAMES | {name.casefold() for name in expected}:
        return 0
    for separator in SEPARATORS:
        reader = Dialect(separator=separator).reader(physical(text), is_strict=False)
        rows: list[tuple[int, int]] = []
        try:
            rows.extend((reader.line_num, len(row)) for row in islice(reader, _PROBE_ROWS) if row)
        except csv.Error:
            continue
        above = next((place for place, (_, width) in enumerate(rows) if width > 1), 0)
        below = [width for _, width in rows[above:]]
        if 0 < above <= _MOST_ABOVE and len(below) > _MIN_UNDISPUTED and len(set(below)) == 1:
            return rows[above][0]
    return 0
