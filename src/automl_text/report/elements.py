"""What the sections of a report are made of: marks on an axis, grids, figures, texts, and records found by name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from automl_text.wording import short_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from automl_text.results import Interval, RunResult

_STEPS = (0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point, with its interval where there is one; positions such as ``42.5%``."""

    x: str
    low: str | None
    high: str | None
    label: str
    beyond: Literal["", "below", "above"] = ""
    """The point lies left or right of the axis: drawn as an arrow at that end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale from ``low`` to ``high``."""

    low: float
    high: float
    step: float
    """Distance of the ticks."""
    digits: int
    """Decimals of a tick's label."""

    def position(self, value: float) -> str:
        """Return where ``value`` lies, cut off at the ends of the axis."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(1.0, max(0.0, share)):.2f}%"

    def mark(self, value: float, interval: Interval | None, label: str) -> Mark:
        """Return the mark of ``value``; ``label`` is what a screen reader says."""
        low, high = (self.position(interval[0]), self.position(interval[1])) if interval else (None, None)
        beyond: Literal["", "below", "above"] = (
            "below" if value < self.low else "above" if value > self.high else ""
        )
        return Mark(x=self.position(value), low=low, high=high, label=label, beyond=beyond)

    @property
    def ticks(self) -> tuple[tuple[str, str], ...]:
        """Places and labels of round numbers."""
        last = round((self.high - self.low) / self.step)
        values = (self.low + i * self.step for i in range(last + 1))
        return tuple(
            (self.position(value), f"{value + 0.0:.{self.digits}f}".replace("-", "\N{MINUS SIGN}"))
            for value in values
        )


def axis_over(values: Iterable[float], *, within: Interval = (0.0, 1.0), most_ticks: int = 6) -> Axis:
    """Return the tightest axis of round numbers that holds all ``values``, clipped to ``within``."""
    inside = [min(within[1], max(within[0], value)) for value in values if math.isfinite(value)] or list(
        within
    )
    low, high = min(inside), max(inside)
    for step in _STEPS:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= most_ticks - 1:
            break
    last = max(last, first + 1)
    return Axis(low=first * step, high=last * step, step=step, digits=2 if step < 0.1 else 1)  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A caption, column heads, and rows of finished texts whose first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart: its finding as title, and the table behind it."""

    title: str
    svg: Markup
    grid: Grid


def family_title(result: RunResult, family: str) -> str:
    """Return a family's title as the report writes it; its name where it has no evaluation."""
    found = result.evaluation(family)
    return short_label(found.title if found else family)
