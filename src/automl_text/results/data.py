"""What all saved records share; what was read, what stands in it, and whether there is anything to learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from automl_text.files import ReadAs
from automl_text.wording import counted, listed, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Scalar = bool | int | float | str


def _ascending(interval: tuple[float, float]) -> tuple[float, float]:
    if interval[0] > interval[1]:
        raise ValueError("its lower end lies above its upper one")
    return interval


Interval = Annotated[tuple[float, float], AfterValidator(_ascending)]
Severity = Literal["error", "warning", "note"]

_MAX_LINES, _SHOWN_LINES = 20, 5

FEW_GROUPS = 5
"""A category of fewer groups is too little to stand on: its F1 is shown greyed."""


class Record(BaseModel):
    """A saved value: immutable, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figures(Record):
    """What a report promises of a family, of the whole search, of an exported model; None where it was not measured."""

    macro_f1: float | None = None
    """As measured, by models trained on part of the rows."""
    expected_macro_f1: float | None = None
    """Corrected to training on all rows."""
    interval: Interval | None = None
    """Of the expected figure, 95 %."""
    interval_reason: str = ""
    """Why there is none."""

    @property
    def promised_macro_f1(self) -> float | None:
        """What a reader should expect: the corrected figure, as measured where no correction was possible."""
        return self.macro_f1 if self.expected_macro_f1 is None else self.expected_macro_f1


class Finding(Record):
    """Something in the data that a person should know before believing a score."""

    code: str
    severity: Severity
    message: str
    remedy: str
    lines: tuple[int, ...] = ()
    """At most 20 line numbers of the file; ``n_lines`` counts them all."""
    n_lines: int = 0

    @property
    def first_lines(self) -> str:
        """The first lines in words, and how many more there are of all."""
        shown = self.lines[:_SHOWN_LINES]
        n_more = max(self.n_lines, len(self.lines)) - len(shown)
        return listed([*shown, *([f"{n_more:,} more"] if n_more else [])], _SHOWN_LINES + 1)


def finding(
    code: str, severity: Severity, message: str, remedy: str, lines: Iterable[int] | None = None
) -> Finding:
    """Return a finding that names at most 20 lines and counts them all; what cannot be printed is escaped."""
    numbers = sorted(int(line) for line in lines) if lines is not None else []
    return Finding(
        code=code,
        severity=severity,
        message=printable(message),
        remedy=printable(remedy),
        lines=tuple(numbers[:_MAX_LINES]),
        n_lines=len(numbers),
    )


class ClassInfo(Record):
    """One category of the data set."""

    label: str
    n_rows: int
    n_groups: int
    is_measurable: bool


class FeatureColumn(Record):
    """A column beside the text, and how it is taken."""

    name: str
    kind: Literal["category", "number"]
    n_values: int
    """Different values, empty cells not counted."""
    n_missing: int
    decimal: Literal[".", ","] = "."
    """Sign before the decimals of a number."""

    @property
    def taken_as(self) -> str:
        """How it is taken, in words."""
        what = "number" if self.kind == "number" else counted(self.n_values, "value")
        return f"{self.name}: {what}" + (f", {self.n_missing:,} missing" if self.n_missing else "")


def text_name_of(text_columns: Sequence[str], columns: Sequence[FeatureColumn]) -> str:
    """Return what the column of texts is called in a frame: its own name, or "text" where several are joined."""
    taken = {column.name for column in columns}
    name = text_columns[0] if len(text_columns) == 1 else "text"
    return name if name not in taken else f"{name} (joined)"


class TimeOrder(Record):
    """How rows that stand in time order are judged."""

    column: str
    first: str
    last: str
    """Times of the first and the last row."""
    starts: tuple[str, ...]
    """When each block begins that is judged by models of all rows before it."""
    n_judged: tuple[int, ...]
    """Rows of each."""

    @property
    def sentences(self) -> str:
        """How rows in time order are searched and judged, for whoever reads the figures."""
        n_blocks, n_judged = len(self.starts), sum(self.n_judged)
        return (
            f"Rows stand in time order by column {self.column!r}, {self.first} to {self.last}. The {n_judged:,} rows "
            f"from {self.starts[0]} on are judged, in {n_blocks} blocks, by models of all rows before their block; "
            "settings are chosen by how they did on blocks before it. There is no learning curve: more rows and later "
            "times cannot be told apart, so the figure is that of models trained on the rows up to then."
        )


class DatasetInfo(Record):
    """What was read, and what stands in it."""

    file_name: str
    sha256: str
    encoding: str
    separator: str
    read_as: ReadAs = ReadAs()
    """What was asked for; the rest was found."""
    text_columns: tuple[str, ...]
    label_column: str
    group_column: str | None
    features: tuple[FeatureColumn, ...] = ()
    """Columns beside the text that were asked for."""
    time: TimeOrder | None = None
    """None where rows are judged in no order."""
    column_choice: str
    """How the columns were found, in words."""
    n_rows: int
    n_groups: int
    n_left_out: int
    classes: tuple[ClassInfo, ...]
    words_per_text: tuple[int, int, int, int, int]
    """Minimum, lower quartile, median, upper quartile, maximum."""
    duplicate_share: float
    """Share of rows that repeat another row, exactly or nearly."""
    findings: tuple[Finding, ...]


class Signal(Record):
    """Permutation check: whether a cheap linear model does better than with shuffled labels."""

    macro_f1: float
    shuffled_mean: float
    shuffled_high: float
    """95th percentile over the permutations."""
    p_value: float
    n_permutations: int
    has_signal: bool
