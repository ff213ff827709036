"""When each row came about: a column of dates, read by what its cells show and never by guessing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import finding
from automl_text.wording import excerpt, listed, no_column, refusal, rows_have

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.tables.table import Table

_READABLE = 0.9
"""Share of the cells that must be dates: below it the column holds something else, or several formats."""
_MONTHS = {
    start: number
    for number, starts in (
        *((1, "jan ene gen"), (2, "feb fev f\u00e9v"), (3, "mar m\u00e4r mrz maa"), (4, "apr avr abr")),
        *((5, "may mai mag mei"), (6, "jun juin giu"), (7, "jul juil lug"), (8, "aug ao\u00fb aou ago")),
        *((9, "sep set"), (10, "oct okt ott out"), (11, "nov"), (12, "dec d\u00e9c dez dic")),
    )
    for start in starts.split()
}
"""How months begin in English, German, French, Spanish, Italian, Dutch and Portuguese."""
_NAME = rf"(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})[^\W\d_]*\.?"
_CLOCK = (
    r"(?P<h>\d{1,2}):?(?P<min>\d{2})(?::?(?P<s>\d{2}(?:[.,]\d{1,9})?))?\s*(?P<half>[ap])?(?(half)\.?m\.?)"
    r"(?:\s*uhr)?\s*(?P<zone>(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|z|utc|gmt|[ecmp][sd]t)?"
)
_TIME = rf"(?:(?:t|,?\s+(?:at\s+)?){_CLOCK})?"
_GAP = r"[ ./-]\s?(?:de\s)?"
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<y>\d{{4}})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?:(?P=sep)(?P<d>\d{{1,2}}))?{_TIME}",
        rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})t{_CLOCK}",
        rf"(?P<one>\d{{1,2}})(?P<sep>[-/. ])(?P<two>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}|\d{{2}}){_TIME}",
        rf"{_DAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\u00ba)?{_GAP}{_NAME},?{_GAP}(?P<y>\d{{4}}|\d{{2}}){_TIME}",
        rf"{_DAY}{_NAME}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}",
        rf"{_DAY}{_NAME}\s+(?P<d>\d{{1,2}})\s+{_CLOCK}\s+(?P<y>\d{{4}})",
        rf"{_NAME}\s+(?P<y>\d{{4}})",
        rf"(?P<y>\d{{4}})\s?[\u5e74\ub144]\s?(?P<m>\d{{1,2}})\s?[\u6708\uc6d4](?:\s?(?P<d>\d{{1,2}})\s?[\u65e5\uc77c])?{_TIME}",
        r"(?P<y>\d{4})-?w(?P<week>\d{2})(?:-?(?P<weekday>[1-7]))?",
        r"(?P<y>\d{4})[- ]?q(?P<quarter>[1-4])",
        r"q(?P<quarter>[1-4])[- /](?P<y>\d{4})",
    )
)
"""How dates are written; the third leaves open which number is the day."""
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d*)?")
_EPOCH = (631_152_000.0, 4_102_444_800.0)
"""Seconds since 1970 that a number may count, itself or in milli-, micro- or nanoseconds: the years 1990 to 2100."""
_N_MONTHS = 12
_UNITS = (1.0, 1e3, 1e6, 1e9)
_YEARS = (1900.0, 2100.0)
_PIVOT = 70
"""Two digits from here on are years of the last century."""
_UTC = dt.UTC
_HOURS_BEHIND = {"e": 5, "c": 6, "m": 7, "p": 8}
"""UTC less the standard time of North America's zones, by their first letter (RFC 822)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Times:
    """When the rows of a file came about."""

    column: str
    of_line: dict[int, float]
    """Line of the data file to seconds since 1970, or to what a column of plain numbers says."""
    are_dates: bool
    read_as: str = ""
    """How the dates were read, where that could be asked; empty where it is plain."""

    def of(self, lines: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the times of some rows, shape (n_rows,)."""
        return np.array([self.of_line[line] for line in lines.tolist()])

    def words(self, time: float) -> str:
        """Return a time as a person writes it."""
        if not self.are_dates:
            return f"{time:g}" if abs(time) < 1e6 else f"{time:.0f}"  # noqa: PLR2004  (%g rounds beyond)
        moment = dt.datetime(1970, 1, 1, tzinfo=_UTC) + dt.timedelta(seconds=time)
        return f"{moment:%Y-%m-%d %H:%M}".removesuffix(" 00:00")


def take_times(table: Table, column: str) -> tuple[Table, Times]:
    """Return the table without ``column`` and without the rows that it does not date, and the times of the others.

    Raises
    ------
    InputError
        If there is no such column, it holds no dates or numbers, or the day cannot be told from the month.
    """
    if column not in table.columns:
        raise no_column(table.file, column, table.columns, option="--time")
    cells = [cell.strip() for cell in table.columns[column]]
    lines = table.lines.tolist()
    dated = [row for row, cell in enumerate(cells) if cell]
    if not dated:
        raise refusal(table.file, f"--time {column!r}: every cell is empty", "Name another column")
    found, are_dates, read_as = _read(
        table.file, column, [cells[row] for row in dated], [lines[row] for row in dated]
    )
    values: dict[int, float | None] = dict(zip(dated, found, strict=True))
    undated = [row for row in range(len(cells)) if values.get(row) is None]
    kept = [row for row in range(len(cells)) if values.get(row) is not None]
    findings = table.findings
    if undated:
        example = next((f", such as {excerpt(cells[row], 40)!r}" for row in undated if cells[row]), "")
        message = (
            f"{rows_have(len(undated))} no time in {column!r} that can be read{example}, and will be left out"
        )
        where = [lines[row] for row in undated]
        findings = (
            *findings,
            finding("no_time", "warning", message, "Write a date there, such as 2024-03-31", where),
        )
    rest = {
        name: [column_cells[row] for row in kept]
        for name, column_cells in table.columns.items()
        if name != column
    }
    times = Times(
        column=column,
        of_line={lines[row]: value for row in kept if (value := values[row]) is not None},
        are_dates=are_dates,
        read_as=read_as,
    )
    return replace(table, columns=rest, lines=table.lines[kept], findings=findings), times


def _read(
    file: str, column: str, cells: Sequence[str], lines: Sequence[int]
) -> tuple[list[float | None], bool, str]:
    """Return the time of each cell (None where it cannot be read), whether they are dates, and how they were read."""
    if sum(map(bool, map(_NUMBER.fullmatch, cells))) >= _READABLE * len(cells):
        plain = [float(cell) if _NUMBER.fullmatch(cell) else None for cell in cells]
        numbers = _of_numbers(plain)
        if numbers is not None:
            return *numbers, ""
        return plain, False, "plain numbers in their order"
    forms = [_matched(cell) for cell in cells]
    is_open = [form is not None and form.re is _FORMS[2] for form in forms]
    day_first, read_as = False, ""
    if any(is_open):
        place = f"{file}: --time {column!r}"
        evidence = [
            (form, line) for form, line, each in zip(forms, lines, is_open, strict=True) if form and each
        ]
        day_first, read_as = _day_first(place, evidence)
    found = [_seconds(form, day_first=day_first) if form else None for form in forms]
    wrong = [row for row, value in enumerate(found) if value is None]
    if len(wrong) > (1 - _READABLE) * len(cells):
        examples = listed([f"{excerpt(cells[row], 40)!r} in line {lines[row]}" for row in wrong], 3)
        what = f"--time {column!r}: {len(wrong):,} of {len(cells):,} cells hold no date that can be read ({examples})"
        raise refusal(file, what, "Write dates as 2024-03-31 or 2024-03-31 14:05, or name another column")
    return found, True, read_as


def _of_numbers(plain: Sequence[float | None]) -> tuple[list[float | None], bool] | None:
    """Return the times of numbers that count seconds, or are years or days like 20240331; None of any others."""
    known = np.array([value for value in plain if value is not None])
    scaled = known / np.array(
        [next((u for u in _UNITS if _EPOCH[0] <= v / u <= _EPOCH[1]), np.nan) for v in known]
    )
    if not np.isnan(scaled).any():
        values = iter(scaled.tolist())
        return [None if value is None else next(values) for value in plain], True
    if ((known >= _YEARS[0]) & (known <= _YEARS[1]) & (known % 1 == 0)).all():
        return [None if value is None else _date(int(value), 1, 1) for value in plain], True
    days = [None if value is None else _compact(value) for value in plain]
    if all(day is not None for day, value in zip(days, plain, strict=True) if value is not None):
        return days, True
    return None


def _compact(value: float) -> float | None:
    year, rest = divmod(int(value), 10_000)
    return _date(year, *divmod(rest, 100)) if _YEARS[0] <= year <= _YEARS[1] else None


def is_date(cell: str) -> bool:
    """Return whether a cell is written as a date or a moment."""
    return _matched(cell.strip()) is not None


def _matched(cell: str) -> re.Match[str] | None:
    return next((found for form in _FORMS if (found := form.fullmatch(cell))), None)


def _day_first(place: str, forms: Sequence[tuple[re.Match[str], int]]) -> tuple[bool, str]:
    """Return whether the first of two numbers is the day, and what shows it.

    Raises
    ------
    InputError
        If nothing shows it, some cells show one and some the other, or the year may stand first in two digits.
    """
    values = {name: {form[name] for form, _ in forms} for name in ("one", "y")}
    if min(map(len, values["y"])) == 2 and len(values["y"]) > len(values["one"]):  # noqa: PLR2004
        what = f"which number is the year cannot be told ({forms[0][0][0]!r} in line {forms[0][1]}): "
        raise refusal(
            place, f"{what}the last one takes more values than the first", "Write dates as 2024-03-31"
        )
    first = next(((form, line) for form, line in forms if int(form["one"]) > _N_MONTHS), None)
    second = next(((form, line) for form, line in forms if int(form["two"]) > _N_MONTHS), None)
    if first and second:
        cells = " and ".join(f"{form[0]!r} in line {line}" for form, line in (first, second))
        raise refusal(place, f"day and month change places ({cells})", "Write all dates as 2024-03-31")
    for shown, is_day_first, words in (
        (first, True, "day before month"),
        (second, False, "month before day"),
    ):
        if shown:
            return is_day_first, f"{words}, as {shown[0][0]!r} in line {shown[1]} shows"
    if all(form["sep"] == "." for form, _ in forms):
        return True, "day before month, as is usual with dots"
    in_order = {
        is_day_first: _is_sorted([_seconds(form, day_first=is_day_first) for form, _ in forms])
        for is_day_first in (True, False)
    }
    if in_order[True] != in_order[False]:
        words = "day before month" if in_order[True] else "month before day"
        return in_order[True], f"{words}: so read, and only so, the rows stand in order"
    form, line = forms[0]
    raise refusal(
        place,
        f"nothing tells day from month ({form[0]!r} in line {line}: no number is above 12 anywhere)",
        "Write the dates as 2024-03-31",
    )


def _is_sorted(values: Sequence[float | None]) -> bool:
    known = [value for value in values if value is not None]
    pairs = list(pairwise(known))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def _seconds(form: re.Match[str], *, day_first: bool) -> float | None:
    """Return the seconds since 1970 that a matched cell says; None of a day that no calendar has."""
    said = form.groupdict()
    year = int(said["y"])
    if len(said["y"]) == 2:  # noqa: PLR2004
        year += 1900 if year >= _PIVOT else 2000
    if said.get("quarter"):
        month, day = 3 * int(said["quarter"]) - 2, 1
    elif said.get("one"):
        one, two = int(said["one"]), int(said["two"])
        month, day = (two, one) if day_first else (one, two)
    elif said.get("name"):
        month, day = _MONTHS[said["name"].lower()], int(said.get("d") or 1)
    elif said.get("week"):
        return _week(year, int(said["week"]), int(said["weekday"] or 1))
    else:
        month, day = int(said["m"]), int(said["d"] or 1)
    start, clock = _date(year, month, day), _clock(said)
    return None if start is None or clock is None else start + clock


def _date(year: int, month: int, day: int) -> float | None:
    try:
        return dt.datetime(year, month, day, tzinfo=_UTC).timestamp()
    except ValueError:
        return None


def _week(year: int, week: int, weekday: int) -> float | None:
    try:
        day = dt.date.fromisocalendar(year, week, weekday)
    except ValueError:
        return None
    return _date(day.year, day.month, day.day)


def _clock(said: dict[str, str | None]) -> float | None:
    """Return the seconds since midnight in UTC, where a time without a zone is; None of one that no clock shows."""
    hour, minute = int(said.get("h") or 0), int(said.get("min") or 0)
    second = float((said.get("s") or "0").replace(",", "."))
    if half := said.get("half"):
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 24 or minute > 59 or second >= 61:  # noqa: PLR2004  (24:00 is midnight, 60 a leap second)
        return None
    return 3600 * hour + 60 * minute + second - _offset((said.get("zone") or "").lower())


def _offset(zone: str) -> int:
    """Return the seconds by which a zone is ahead of UTC: ``+02:00``, ``gmt+1``, ``pdt``."""
    if zone[1:] in {"st", "dt"}:
        return 3600 * ((zone[1] == "d") - _HOURS_BEHIND[zone[0]])
    sign, digits = zone.lstrip("utcgmz")[:1], re.sub(r"\D", "", zone)
    hours, minutes = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])  # noqa: PLR2004
    return (3600 * int(hours or 0) + 60 * int(minutes)) * (-1 if sign == "-" else 1)
