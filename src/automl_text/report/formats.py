"""Numbers as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl_text.results import Finding, Interval

MISSING = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"


def score(value: float | None, digits: int = 2) -> str:
    """Return a score in 0..1, such as ``0.71``."""
    return MISSING if value is None else f"{value:.{digits}f}".replace("-", _MINUS)


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign, such as ``+0.012``; a zero carries none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{'+' if value > 0 else _MINUS}{text}"


def interval(pair: Interval | None, digits: int = 2) -> str:
    """Return ``0.65 to 0.75``."""
    return MISSING if pair is None else f"{score(pair[0], digits)} to {score(pair[1], digits)}"


def signed_interval(pair: Interval | None, digits: int = 3) -> str:
    """Return the ends of an interval of differences, each with its sign."""
    return MISSING if pair is None else f"{signed(pair[0], digits)} to {signed(pair[1], digits)}"


def percent(share: float | None) -> str:
    """Return a share as whole per cent; one decimal below 10 % where it says more."""
    if share is None:
        return MISSING
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 9.95 and round(value, 1) != round(value) else f"{value:.0f} %"  # noqa: PLR2004


def percent_interval(pair: Interval | None) -> str:
    """Return ``31 % to 42 %``."""
    return MISSING if pair is None else f"{percent(pair[0])} to {percent(pair[1])}"


def short_probability(value: float) -> str:
    """Return a probability in per cent for a narrow column; none is ever rounded to certainty."""
    if value > 0.99:  # noqa: PLR2004
        return ">99 %"
    return "<1 %" if value < 0.01 else f"{100 * value:.0f} %"  # noqa: PLR2004


def count(number: int) -> str:
    """Return ``5,082,218``."""
    return f"{number:,}"


def classes(number: int) -> str:
    """Return ``1 category`` or ``18 categories``."""
    return f"{count(number)} categor{'y' if number == 1 else 'ies'}"


def seconds(value: float | None) -> str:
    """Return a duration from milliseconds to hours."""
    if value is None:
        return MISSING
    for below, factor, digits, unit in (
        (0.001, 1e6, 0, "µs"),
        (0.995, 1e3, 0, "ms"),
        (10, 1, 1, "s"),
        (99.5, 1, 0, "s"),
    ):
        if value < below:
            return f"{value * factor:.{digits}f} {unit}"
    minutes = round(value / 60)
    return f"{minutes} min" if minutes < 120 else f"{value / 3600:.1f} h"  # noqa: PLR2004


def finding_lines(finding: Finding) -> str:
    """Return the lines of a finding, and how many more there are."""
    lines = ", ".join(count(line) for line in finding.lines)
    more = finding.n_lines - len(finding.lines)
    return f"{lines} and {count(more)} more" if more > 0 else lines
