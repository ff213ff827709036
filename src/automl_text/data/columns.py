"""Which column is the text, which the label, and why."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.data.profile import Profile, profile
from automl_text.errors import InputError
from automl_text.tables.header import LABEL_NAMES, TEXT_NAMES
from automl_text.wording import counted, listed, no_column, refusal, rows_have

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from automl_text.tables.table import Table

_CLEARLY_LONGER = 2.0
"""The text column is the longest by this factor, or else a person must say."""

_MARKS = (("yes", "no"), ("y", "n"), ("x", ""))
"""What marks a column as a row's label, and what the others hold then."""

_FEW_TITLES = 0.1
"""Distinct values per row above which a column called title or subject is no label."""

_FLAGS = 3
"""So many columns of 0 and 1 are one label spread over several."""

_BY_NAME = "by its name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns in use."""

    text: tuple[str, ...]
    """Joined by a newline where there are several."""
    label: str
    group: str | None
    features: tuple[str, ...] = ()
    """Columns beside the text."""
    reason: str
    """A sentence that says how each was found."""

    @property
    def used(self) -> frozenset[str]:
        """All of them."""
        return frozenset(filter(None, (*self.text, self.label, self.group, *self.features)))


def choose_columns(
    table: Table,
    *,
    text: Sequence[str] = (),
    label: str | None = None,
    group: str | None = None,
    features: Sequence[str] = (),
) -> Columns:
    """Return the columns asked for, and find those that were not.

    A column is found by its name first, then by what stands in it.

    Raises
    ------
    InputError
        If a name is unknown, a column is asked for twice, the table has one column or no header line, or two
        columns are equally plausible.
    """
    asked = [("--label", label), ("--group", group), *(("--features", name) for name in features)]
    _check_names(table, [("--text", name) for name in text] + asked)
    asked_for_either = bool(text or label)
    if len(table.columns) < 2:  # noqa: PLR2004
        raise _one_column(table)
    taken = {*text, *features, *([group] if group else [])}
    profiles = [profile(name, cells) for name, cells in table.columns.items() if name not in taken]
    if label is None:
        label, label_why = _find_label(table, profiles, is_text_known=bool(text))
        if label_why != _BY_NAME:
            _check_header(table, label)
    else:
        label_why = "as asked for"
    if text:
        text_why = "as asked for"
    else:
        found, text_why = _find_text(table, [p for p in profiles if p.name != label])
        text = (found,)
    if asked_for_either:
        _refuse_swapped(table, text[0], label)
    return Columns(
        text=tuple(text),
        label=label,
        group=group,
        features=tuple(features),
        reason=_reason(
            table, text=(tuple(text), text_why), label=(label, label_why), group=group, features=features
        ),
    )


def _one_column(table: Table) -> InputError:
    if not table.columns:
        return refusal(table.file, "the table has no column", "A text and a label column are needed")
    what = f"the table has one column, {next(iter(table.columns))!r}"
    remedy = "A text and a label column are needed"
    if table.format == "delimited":
        remedy += "; if another character separates them, name it with --sep"
        what = what if table.has_header else "there is one text a line, and no label"
        if not table.separator and re.search("[,;\t|]", next(iter(table.columns))):
            remedy = "Each line stands in quotes as a whole: take the outer quotes off"
    others = next((each for each in table.findings if each.code == "other_sheets"), None)
    return refusal(table.file, what, f"{remedy}. {others.message}. {others.remedy}" if others else remedy)


def _check_names(table: Table, asked: Iterable[tuple[str, str | None]]) -> None:
    seen: dict[str, str] = {}
    for option, name in asked:
        if name is None:
            continue
        if name not in table.columns:
            raise no_column(table.file, name, table.columns, option=option)
        if name in seen:
            raise refusal(
                table.file,
                f"{option} {name!r}: already in use as {seen[name]}",
                ("" if option == "--group" else _meant(table)) or "Name another column",
            )
        seen[name] = option


def _refuse_swapped(table: Table, text: str, label: str) -> None:
    """Refuse a label column that holds texts where another choice of columns is plausible."""
    labels, texts = (profile(name, table.columns[name]) for name in (label, text))
    if (
        labels.is_varied
        and labels.mean_length > texts.mean_length
        and (hint := _meant(table, not_label=label))
    ):
        n_distinct = len(set(table.columns[label]))
        raise refusal(
            table.file,
            f"the label column {label!r} looks like texts: "
            f"{counted(n_distinct, 'different value')} in {counted(table.n_rows, 'row')}",
            hint,
        )


def _meant(table: Table, *, not_label: str = "") -> str:
    """Return the options that are probably meant, as a question; empty where the columns do not tell."""
    try:
        found = choose_columns(table)
    except InputError:
        return ""
    if found.label == not_label:
        return ""
    options = (*(f"--text {shlex.quote(name)}" for name in found.text), f"--label {shlex.quote(found.label)}")
    return f"Did you mean {' '.join(options)}?"


def _find_label(table: Table, profiles: list[Profile], *, is_text_known: bool) -> tuple[str, str]:
    used = [p for p in profiles if p.is_used] or profiles
    named = _by_name([p for p in used if p.n_distinct > 1], LABEL_NAMES) or _by_name(used, LABEL_NAMES)
    if len(named) == 1:
        return named[0].name, _BY_NAME
    if len(named) > 1:
        raise _ambiguous(table, named, "--label")
    texts = [] if is_text_known else _by_name(profiles, TEXT_NAMES)
    titles = [p for p in _by_name(profiles, TEXT_NAMES[1:]) if p.distinct > _FEW_TITLES]
    rest = [p for p in profiles if p not in texts and p not in titles]
    _refuse_flags(table, [p for p in rest if p.is_flag and not p.is_split and p.n_distinct > 1])
    _refuse_marks(table, rest)
    plausible = _likeliest([p for p in rest if p.may_be_label])
    if len(plausible) == 1:
        return plausible[0].name, f"{plausible[0].n_distinct} short values that repeat"
    if len(plausible) > 1:
        raise _ambiguous(table, plausible, "--label")
    if len(rest) == 1 and (texts or is_text_known):
        return rest[0].name, "the only other column"
    raise refusal(
        table.file,
        "no column looks like a label: short values that repeat",
        f"Name it with --label; the columns are {listed(list(table.columns))}",
    )


def _likeliest(plausible: list[Profile]) -> list[Profile]:
    """Return the columns that a person would look at: words before numbers, dates and columns without a name."""
    used = [p for p in plausible if p.is_used]
    return [p for p in used if not p.is_numeric] or used or plausible


def _refuse_flags(table: Table, flags: list[Profile]) -> None:
    """Refuse a label that is spread over columns of 0 and 1, and say how to join them."""
    if len(flags) < _FLAGS:
        return
    names = [p.name for p in flags]
    cells = (table.columns[name] for name in names)
    n_set = [
        sum(cell.strip().casefold() in {"1", "1.0", "true"} for cell in row)
        for row in zip(*cells, strict=True)
    ]
    if not any(n_set):
        return
    columns = f"the {len(names)} columns {listed(names, in_quotes=True)} hold 0 and 1 alone"
    if all(n == 1 for n in n_set):
        raise refusal(
            table.file,
            f"{columns}, one 1 in every row: together they are one label",
            f"Join them into one column: in pandas, table['label'] = table[{names}].idxmax(axis=1)",
        )
    said = [(sum(n > 1 for n in n_set), "several 1"), (n_set.count(0), "none")]
    shown = " and ".join(f"{rows_have(n)} {what}" for n, what in said if n)
    raise refusal(
        table.file,
        f"{columns}: {shown}, and one label a row is needed",
        f"Choose one of them with --label {shlex.quote(names[0])}, or join them into one column of categories",
    )


def _refuse_marks(table: Table, profiles: list[Profile]) -> None:
    """Refuse a label that is spread over columns of yes and no, or of x and nothing, one of them in every row."""
    for sign, other in _MARKS:
        names = [
            p.name
            for p in profiles
            if sign in (said := {e.casefold() for e in p.examples}) and said <= {sign, other}
        ]
        rows = list(zip(*(table.columns[name] for name in names), strict=True))
        n_set = [sum(cell.strip().casefold() == sign for cell in row) for row in rows]
        if len(names) >= _FLAGS and set(n_set) == {1}:
            spelt = next(cell for row in rows for cell in row if cell.strip().casefold() == sign)
            raise refusal(
                table.file,
                f"the {len(names)} columns {listed(names, in_quotes=True)} say {sign} in one of them in every row: "
                "together they are one label",
                f"Join them into one column: in pandas, table['label'] = table[{names}].eq({spelt!r}).idxmax(axis=1)",
            )


def _find_text(table: Table, profiles: list[Profile]) -> tuple[str, str]:
    profiles = [p for p in profiles if p.is_used] or profiles
    named = _by_name(profiles, TEXT_NAMES)
    longer = [
        p
        for p in profiles
        if len(named) == 1 and p.is_varied and p.mean_words > _CLEARLY_LONGER * named[0].mean_words
    ]
    if longer and not _by_name(
        named, TEXT_NAMES[:1]
    ):  # such as a title, and beside it what it is the title of
        raise _ambiguous(table, [*named, *longer], "--text")
    if len(named) == 1:
        return named[0].name, _BY_NAME
    if len(named) > 1:
        raise _ambiguous(table, named, "--text")
    plausible = sorted((p for p in profiles if p.may_be_text), key=lambda p: -p.mean_length)
    if len(plausible) == 1:
        return plausible[0].name, "the only other column with words"
    if not plausible:
        raise refusal(
            table.file,
            "no column looks like text: words that differ from row to row",
            f"Name it with --text; the columns are {listed(list(table.columns))}",
        )
    rivals = [p for p in plausible[1:] if p.is_varied]
    if rivals and rivals[0].mean_length * _CLEARLY_LONGER > plausible[0].mean_length:
        raise _ambiguous(table, [plausible[0], rivals[0]], "--text")
    return plausible[0].name, f"the longest, {plausible[0].mean_length:.0f} characters on average"


def _by_name(profiles: list[Profile], tiers: Sequence[set[str]]) -> list[Profile]:
    """Return the columns whose names, or what follows the last point in them, are in the first tier that names any."""
    for tier in tiers:
        named = [p for p in profiles if p.name.strip().casefold() in tier]
        named = named or [p for p in profiles if p.name.rpartition(".")[2].strip().casefold() in tier]
        if named:
            return named
    return []


def _check_header(table: Table, label: str) -> None:
    """Refuse a first line that is a row: its label is a label of other rows too."""
    places = [
        str(place) for place in range(len(table.columns))
    ]  # what pandas writes for columns without names
    if table.format != "delimited" or not table.has_header or list(table.columns) == places:
        return
    if table.columns[label].count(label) > 1:
        raise refusal(
            table.file,
            f"the first line looks like a row, not like column names ({label!r} is also a label below)",
            "Put a line with the column names on top, such as text,category, or say --no-header",
            line=1,
        )


def _ambiguous(table: Table, profiles: list[Profile], option: str) -> InputError:
    what = "text" if option == "--text" else "label"
    several = "; --text may be given twice" if option == "--text" else ""
    shown = listed([str(p) for p in profiles] if what == "label" else [repr(p.name) for p in profiles], 8)
    both = "both " if len(profiles) == 2 else "each of "  # noqa: PLR2004
    choices = " or ".join(f"{option} {p.name!r}" for p in profiles[:8])
    return refusal(table.file, f"{both}{shown} could be the {what} column", f"Choose with {choices}{several}")


def _reason(
    table: Table,
    *,
    text: tuple[tuple[str, ...], str],
    label: tuple[str, str],
    group: str | None,
    features: Sequence[str],
) -> str:
    (names, text_why), (label_name, label_why) = text, label
    unused = [name for name in table.columns if name not in {*names, label_name, group, *features}]
    parts = [f"Text: {', '.join(names)} ({text_why})", f"label: {label_name} ({label_why})"]
    parts += [f"group: {group} (as asked for)"] if group else []
    parts += [f"not used: {listed(unused)}"] if unused else []
    return "; ".join(parts) + "."
