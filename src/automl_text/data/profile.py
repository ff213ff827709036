"""What the cells of a column look like."""

from __future__ import annotations

from dataclasses import dataclass

from automl_text.tables.quoting import is_number

_LABEL_WORDS = 4.0
"""Mean words above which a column is prose, not a category."""

_REPEATED = 0.5
"""A label column has at most this many distinct values per row, a text column at least this many."""

_SAMPLE = 5_000
"""Rows looked at; more change no decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a column looks like, from its cells that are not blank.

    Attributes
    ----------
    name : str
    mean_length, mean_words : float
    distinct : float in (0, 1]
        Distinct values per row.
    n_distinct : int
    is_numeric : bool
        Every cell is a number.
    """

    name: str
    mean_length: float
    mean_words: float
    distinct: float
    n_distinct: int
    is_numeric: bool

    @property
    def may_be_label(self) -> bool:
        """Whether values are short and repeat."""
        return self.n_distinct > 1 and self.distinct <= _REPEATED and self.mean_words <= _LABEL_WORDS

    @property
    def is_varied(self) -> bool:
        """Whether values hardly repeat."""
        return self.distinct > _REPEATED

    @property
    def may_be_text(self) -> bool:
        """Whether there are words, and not the same ones in every row."""
        return not self.is_numeric and self.n_distinct > 1


def profile(name: str, cells: list[str]) -> Profile:
    """Look at a column; at evenly spaced cells of a long one."""
    step = max(1, len(cells) // _SAMPLE)
    values = [cell for cell in cells[::step] if cell.strip()]
    n = max(len(values), 1)
    distinct = set(values)
    return Profile(
        name=name,
        mean_length=sum(map(len, values)) / n,
        mean_words=sum(len(value.split()) for value in values) / n,
        distinct=len(distinct) / n,
        n_distinct=len(distinct),
        is_numeric=all(is_number(value) for value in distinct),
    )
