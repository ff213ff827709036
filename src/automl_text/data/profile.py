"""What the cells of a column look like."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.data.dates import is_date
from automl_text.tables.quoting import is_number
from automl_text.wording import counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL_WORDS = 4.0
"""Mean words above which a column is prose, not a category."""

_REPEATED = 0.5
"""A label column has at most this many distinct values per row, a text column at least this many."""

_SAMPLE = 5_000
"""Rows looked at; more change no decision."""

_N_EXAMPLES = 3
_UNNAMED = re.compile(r"column \d+|unnamed: ?\d+", re.IGNORECASE)
_DATE = re.compile(r"[\d./:\-+ ]*\d[\d./:\-+ T]*(?:[ap]m|z)?", re.IGNORECASE)
_SIDES = {
    "train": "train(?:ing)?|trn",
    "validation": "val(?:id(?:ation)?)?|dev(?:elopment)?",
    "test": "(?:public|private)?test(?:ing)?|tst|eval(?:uation)?|hold-?out|held-?out",
}
"""What a cell says that tells which rows train, validate and test, also between marks: ``oos_test``, ``train-1``."""
_SPLITS = {side: re.compile(rf"(?:.*[_ -])?(?:{words})(?:[_ -].*|\d*)") for side, words in _SIDES.items()}
_FLAGS = ({"0", "1"}, {"0.0", "1.0"}, {"true", "false"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a column looks like, from its cells that are not blank."""

    name: str
    mean_length: float
    mean_words: float
    distinct: float
    """Distinct values per row, in 0..1."""
    n_distinct: int
    is_numeric: bool
    """Every cell is a number or a date."""
    examples: tuple[str, ...]
    """The commonest values."""
    is_flag: bool
    """0 and 1, or true and false, alone."""
    is_split: bool
    """Words such as train and test alone."""

    @property
    def is_used(self) -> bool:
        """Whether somebody named and filled the column."""
        return self.n_distinct > 0 and bool(self.name.strip()) and not _UNNAMED.fullmatch(self.name.strip())

    @property
    def may_be_label(self) -> bool:
        """Whether values are short and repeat."""
        is_short = self.n_distinct > 1 and self.distinct <= _REPEATED and self.mean_words <= _LABEL_WORDS
        return is_short and not self.is_split

    @property
    def is_varied(self) -> bool:
        """Whether values hardly repeat."""
        return self.distinct > _REPEATED

    @property
    def may_be_text(self) -> bool:
        """Whether there are words, and not the same ones in every row."""
        return not self.is_numeric and self.n_distinct > 1

    def __str__(self) -> str:
        """Return the name with the number of values and some of them."""
        return f"{self.name!r} ({counted(self.n_distinct, 'value')}, such as {listed(self.examples, in_quotes=True)})"


def profile(name: str, cells: Sequence[str]) -> Profile:
    """Look at a column; at evenly spaced cells of a long one."""
    step = max(1, len(cells) // _SAMPLE)
    values = [cell for cell in cells[::step] if cell.strip()]
    n = max(len(values), 1)
    counts = Counter(values)
    folded = {value.strip().casefold() for value in counts}
    return Profile(
        name=name,
        mean_length=sum(map(len, values)) / n,
        mean_words=sum(len(value.split()) for value in values) / n,
        distinct=len(counts) / n,
        n_distinct=len(counts),
        is_numeric=all(is_number(each) or _DATE.fullmatch(each.strip()) or is_date(each) for each in counts),
        examples=tuple(value for value, _ in counts.most_common(_N_EXAMPLES)),
        is_flag=bool(folded) and any(folded <= flag for flag in _FLAGS),
        is_split=len(folded) > 1 and all(sides_of(name, list(folded))),
    )


def sides_of(name: str, cells: Sequence[str]) -> list[str]:
    """Return of each cell of a column whether it says train, validation or test; empty where it says none.

    A column of 0 and 1 says so by its name, ``is_test``.
    """
    said = [cell.strip().casefold() for cell in cells]
    if any(set(said) <= flag for flag in _FLAGS):
        asked = re.fullmatch(r"(?:is|in|for)[_ -]?(.+)", name.strip().casefold())
        yes = _side(asked[1]) if asked else ""
        no = {"train": "test"}.get(yes, "train" if yes else "")
        return [yes if cell in {"1", "1.0", "true"} else no for cell in said]
    return [_side(cell) for cell in said]


def _side(cell: str) -> str:
    return next((side for side, pattern in _SPLITS.items() if pattern.fullmatch(cell)), "")
