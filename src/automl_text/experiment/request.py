"""What a search is asked for. An option is spelt here, and nowhere else."""

from __future__ import annotations

import math
from concurrent.futures import Executor  # noqa: TC003  (the command line reads the types)
from dataclasses import dataclass, field, fields
from pathlib import Path  # noqa: TC003  (the command line reads the types)
from typing import TYPE_CHECKING, Any, Literal, get_args

from automl_text.errors import InputError, nearest
from automl_text.files import Rare, ReadAs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from automl_text.tables.table import Table

Mode = Literal["new", "resume", "overwrite"]
_PresetName = Literal["quick", "standard", "thorough"]
References = Literal["auto", "none", "majority", "all"]

_LEAST_SECONDS = 30.0
"""Of a time budget: libraries alone take 10 s to load on a slow machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """How a field of `SearchRequest` is typed and explained on the command line, and what it may hold."""

    flag: str
    help: str
    metavar: str = "N"
    choices: tuple[str, ...] = ()
    least: float = -math.inf
    most: float = math.inf

    def faults(self, value: Any) -> Iterator[str]:  # of the field's own type
        """Yield what is wrong with ``value``."""
        if self.choices and value not in self.choices:
            hint = nearest(str(value), self.choices)
            yield f"{self.flag} {value!r}: there is no such choice.{hint} Known: {', '.join(self.choices)}."
        if isinstance(value, int | float) and not self.choices and not self.least <= value <= self.most:
            bound = f"at most {self.most:,.0f}" if value > self.most else f"at least {self.least:g}"
            yield f"{self.flag} {value}: it must be {bound}."


def _typed(
    flag: str, words: str, metavar: str = "N", **more: Any
) -> dict[str, Option]:  # the rest of an Option
    return {"option": Option(flag=flag, help=words, metavar=metavar, **more)}


def _chosen(flag: str, words: str, literal: Any) -> dict[str, Option]:  # a Literal has no type of its own
    choices = get_args(literal)
    return _typed(flag, words, "|".join(choices), choices=choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search, as asked for; None means the preset's value."""

    data: Path
    """The file; where ``table`` is given, only its name."""
    table: Table | None = None
    """Rows in memory, taken in place of the file."""
    text: tuple[str, ...] = ()
    """Text columns, joined by a newline; empty: found by looking."""
    label: str | None = None
    group: str | None = field(
        default=None,
        metadata=_typed("--group", "Keep a customer or thread on one side of every split.", "COL"),
    )
    features: tuple[str, ...] = field(
        default=(),
        metadata=_typed("--features", "Columns beside the text, such as a channel or an amount.", "a,b"),
    )
    """Categories and numbers, each taken by what stands in it; nothing is taken unasked."""
    time: str | None = field(
        default=None,
        metadata=_typed(
            "--time", "Column of dates: learn from the past, be judged on what came next.", "COL"
        ),
    )
    families: tuple[str, ...] = field(
        default=(), metadata=_typed("--families", "Families to try; all of them when left out.", "a,b")
    )
    preset: str = field(default="standard", metadata=_chosen("--preset", "How much to try.", _PresetName))
    n_trials: int | None = field(
        default=None, metadata=_typed("--trials", "Trials of each family.", least=1, most=100_000)
    )
    time_budget: float | None = field(
        default=None,
        metadata=_typed("--time-budget", "Stop in time: 90s, 10m, 1h30m.", "10m", least=_LEAST_SECONDS),
    )
    n_folds: int | None = field(
        default=None, metadata=_typed("--outer-folds", "Folds the rows are cut into.", least=3, most=1_000)
    )
    """Two folds are left out for an inner score, and something must remain to train on."""
    n_repeats: int | None = field(
        default=None, metadata=_typed("--repeats", "Partitions to average over.", least=1, most=1_000)
    )
    seed: int = field(
        default=0, metadata=_typed("--seed", "Same seed, same result.", least=0, most=2**32 - 1)
    )
    jobs: int | None = field(
        default=None, metadata=_typed("--jobs", "Processes; the cores available.", least=1)
    )
    search_spaces: tuple[Path, ...] = field(
        default=(), metadata=_typed("--search-space", "A search space of your own; may be repeated.", "FILE")
    )
    references: References = field(
        default="auto",
        metadata=_chosen(
            "--references",
            "Rows to measure beside the families; auto: all whose fits cost at most a quarter of the search.",
            References,
        ),
    )
    read_as: ReadAs = field(default_factory=ReadAs)
    """How the file is to be read, where that shall not be found out."""
    output: Path | None = field(
        default=None, metadata=_typed("--output", "Folder for everything; reports/<name of DATA>.", "DIR")
    )
    mode: Mode = "new"
    rare: Rare = field(
        default="keep", metadata=_chosen("--rare", "Categories with fewer than --min-rows rows.", Rare)
    )
    min_rows: int = field(
        default=0,
        metadata=_typed("--min-rows", "Rows below which --rare merge or drop acts; 0 means 5.", least=0),
    )
    show_text: bool = True
    """False keeps words of the data out of every file but the model."""
    force: bool = field(
        default=False, metadata=_typed("--force", "Write a model even where nothing can be learned.", "")
    )
    encoders: tuple[str, ...] = field(
        default=(),
        metadata=_typed(
            "--encoder",
            "Sentence encoder: bundled (the default where installed), none, a folder, or ORG/NAME[@REVISION] to "
            "download; may be repeated.",
            "DIR|ID|bundled|none",
        ),
    )
    fixes: Path | None = field(
        default=None,
        metadata=_typed("--fixes", "A review with labels put right; the data stay as they are.", "FILE"),
    )
    split: str | None = field(
        default=None,
        metadata=_typed(
            "--split", "Column that says train or test; its test rows judge the model once.", "COL"
        ),
    )
    test: Path | None = field(
        default=None, metadata=_typed("--test", "A labelled file that judges the model once.", "FILE")
    )
    baseline: str | None = field(
        default=None,
        metadata=_typed("--baseline", "Column of predictions to measure beside the families.", "COL"),
    )
    cluster: str | None = field(
        default=None,
        metadata=_typed(
            "--cluster", "A Dask scheduler to work on, or a Ray cluster (auto, ray://HOST:10001).", "ADDRESS"
        ),
    )
    pool: Executor | None = None
    """Any pool to work on, ``jobs`` fits at a time; it is left open."""

    def check(self) -> None:
        """Refuse what no search can do, whatever the data.

        Raises
        ------
        InputError
            With a line for each fault.
        """
        faults = [
            fault
            for each in fields(self)
            if "option" in each.metadata
            for fault in each.metadata["option"].faults(getattr(self, each.name))
        ]
        if faults:
            raise InputError("\n".join(faults))
