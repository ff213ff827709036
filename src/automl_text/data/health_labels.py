"""Findings about labels and categories."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import FEW_GROUPS, finding
from automl_text.tables.csv_guard import is_risky
from automl_text.tables.quoting import is_number
from automl_text.wording import counted, listed, rows_have

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.data.duplicates import Grouping
    from automl_text.results import Finding, Severity

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)
_MISSING = {"nan", "none", "na", "n/a", "null", "<na>", "nil", "missing", "-", "?"} | {
    *("#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!")
}
_IMBALANCE = 20
_MANY_NUMBERS = 20
_MEAN_ROWS = 3
_FEW_ROWS = 100


def _names(dataset: Dataset, codes: Iterable[int]) -> str:
    return listed([dataset.classes[code] for code in codes], in_quotes=True)


def _contradictions(dataset: Dataset, grouping: Grouping) -> Iterator[Finding]:
    """One text, two labels."""
    pairs = np.unique(np.stack([grouping.text_of_row, dataset.codes]), axis=1)
    texts = pairs[0][1:][np.diff(pairs[0]) == 0]
    lines = dataset.lines[np.isin(grouping.text_of_row, texts)]
    if len(lines):
        yield finding(
            "contradiction",
            "warning",
            f"{rows_have(len(lines))} the same text as another row with a different label",
            "Decide which label is right; no model can learn both",
            lines,
        )


def folded_label(label: str) -> str:
    """Return what is left of a label without case, blanks, hyphens, Unicode forms and the spelling of its number."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    if _NUMBER.fullmatch(number := folded.strip().replace("\N{MINUS SIGN}", "-")):
        return f"{float(number.replace(',', '.')):g}"
    return " ".join(folded.replace("_", " ").replace("-", " ").split())


def _spelling(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Labels that differ by case, blanks or Unicode form alone."""
    spellings = defaultdict(list)
    for code, label in enumerate(dataset.classes):
        spellings[folded_label(label)].append(code)
    for codes in spellings.values():
        if len(codes) > 1:
            commonest = codes[int(np.argmax(dataset.rows_of_class[codes]))]
            rarer = [code for code in codes if code != commonest]
            yield finding(
                "label_spelling",
                "warning",
                f"{_names(dataset, codes)} differ by case, blanks, hyphens or the spelling of a number alone and "
                "count as different categories",
                "If one category is meant, give it one spelling",
                dataset.lines[np.isin(dataset.codes, rarer)],
            )


def _small_classes(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Categories that cannot be judged, or hardly."""
    n_rows, n_groups = dataset.rows_of_class, dataset.groups_of_class
    single = np.flatnonzero(n_rows == 1)
    alike = np.flatnonzero((n_groups == 1) & (n_rows > 1))
    few = np.flatnonzero((n_groups > 1) & (n_groups < FEW_GROUPS))
    rows: tuple[tuple[NDArray[np.int64], str, Severity, str, str, str], ...] = (
        (
            single,
            "single_row_class",
            "warning",
            "has one row: it is learned but cannot be judged",
            "have one row: they are learned but cannot be judged",
            "Label at least one more row of each, or use --rare merge or --rare drop",
        ),
        (
            alike,
            "one_group_class",
            "warning",
            "has several rows that all belong to one group: it is learned but cannot be judged",
            "have several rows that all belong to one group: they are learned but cannot be judged",
            "Label rows that are not duplicates of each other",
        ),
        (
            few,
            "few_groups",
            "note",
            f"has fewer than {FEW_GROUPS} independent rows: its own F1 is little more than a guess",
            f"have fewer than {FEW_GROUPS} independent rows: their own F1 is little more than a guess",
            "Label more rows of it, at least ten",
        ),
    )
    for codes, code, severity, one, many, remedy in rows:
        if len(codes):
            names = _names(dataset, codes)
            message = f"Category {names} {one}" if len(codes) == 1 else f"Categories {names} {many}"
            lines = dataset.lines[np.isin(dataset.codes, codes)]
            yield finding(code, severity, message, remedy, lines)


def _several_labels(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Cells that hold several labels, of which each combination would be a category."""
    joined = _joined_labels(dataset.classes)
    if not joined:
        return
    several = [code for code, label in enumerate(dataset.classes) if label in joined]
    single = {piece for pieces in joined.values() for piece in pieces} | {*dataset.classes} - joined.keys()
    lines = dataset.lines[np.isin(dataset.codes, several)]
    yield finding(
        "several_labels",
        "warning",
        f"{rows_have(len(lines))} several labels in one cell, such as {_names(dataset, several[:1])}: "
        f"each of the {dataset.n_classes} combinations of {len(single)} labels counts as a category",
        "Keep one label in each row, or search once for each label (is it there or not)",
        lines,
    )


_LISTS = frozenset({"[]", "{}"})
_JOINTS = tuple(map(re.compile, (r"\|", ";", ",", "/", r"\+", "&", r"\s(?:and|und|et|y|e)\s")))
_SURE, _OPEN = 1, 3
"""So many of them join labels wherever they stand; so many where that makes fewer labels than there are categories."""


def _joined_labels(classes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the labels that join several others, each with these.

    Lists do, and ``|``; other signs where more than half of what they divide is a label elsewhere: alone, or at another
    place of a joined one. So ``R&B``, ``N/A``, ``bug/ui`` beside ``bug``, and dates are labels like any other.
    """
    found = {label: pieces for label in classes if len(pieces := _listed_labels(label)) > 1}
    rest = [label for label in classes if label not in found]
    for place, joint in enumerate(_JOINTS):
        split = {label: tuple(piece.strip() for piece in joint.split(label)) for label in rest}
        joined = {label: pieces for label, pieces in split.items() if len(pieces) > 1 and all(pieces)}
        divided = {piece for each in joined.values() for piece in each if not is_number(piece)}
        places = {(piece, n > 0) for each in joined.values() for n, piece in enumerate(each)}
        elsewhere = [piece for piece in divided if piece in rest or {(piece, True), (piece, False)} <= places]
        alone = {label for label in rest if label not in joined}
        is_fewer = len(divided | alone) < len(rest)
        if joined and (
            place < _SURE or (place < _OPEN and is_fewer) or 2 * len(elsewhere) > len(divided) > 0
        ):
            found |= joined
            rest = [label for label in rest if label not in joined]
    return found


def _listed_labels(label: str) -> tuple[str, ...]:
    """Return the labels of a list: ``["a", "b"]``; NumPy writes ``['a' 'b']``."""
    text = label.strip()
    pieces = re.split(r",|(?<=')\s+(?=')", text[1:-1]) if text[:1] + text[-1:] in _LISTS else []
    return tuple(piece.strip(" \"'") for piece in pieces if piece.strip(" \"'"))


def _missing(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Labels that elsewhere stand for a missing value."""
    codes = [code for code, label in enumerate(dataset.classes) if label.strip().casefold() in _MISSING]
    if codes:
        lines = dataset.lines[np.isin(dataset.codes, codes)]
        yield finding(
            "missing_label",
            "note",
            f"{rows_have(len(lines))} the label {_names(dataset, codes)}, which looks missing and counts as a category",
            "Nothing to do if it is one; else empty these cells, and the rows are left out",
            lines,
        )


def _spreadsheet(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Labels that a spreadsheet would run as a formula."""
    codes = [code for code, label in enumerate(dataset.classes) if is_risky(label)]
    if codes:
        yield finding(
            "spreadsheet_label",
            "warning",
            f"A spreadsheet would take the labels {_names(dataset, codes)} for formulas",
            "CSV files of this program write an apostrophe in front; better rename the labels",
            dataset.lines[np.isin(dataset.codes, codes)],
        )


def _label_controls(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Labels with characters that cannot be seen."""
    codes = [
        code
        for code, label in enumerate(dataset.classes)
        if not label.isprintable() or label != label.strip()
    ]
    if codes:
        yield finding(
            "label_invisible",
            "warning",
            f"The labels {_names(dataset, codes)} hold line ends, outer blanks or "
            "invisible characters, which are part of the label",
            "Remove them from the file",
            dataset.lines[np.isin(dataset.codes, codes)],
        )


def _imbalance(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    n_rows = dataset.rows_of_class
    largest, smallest = int(n_rows.argmax()), int(n_rows.argmin())
    if n_rows[largest] >= _IMBALANCE * n_rows[smallest]:
        yield finding(
            "imbalance",
            "note",
            f"The largest category {_names(dataset, [largest])} has {counted(int(n_rows[largest]), 'row')}, "
            f"the smallest {_names(dataset, [smallest])} has {n_rows[smallest]:,}",
            "Nothing to do: macro-F1 weighs all categories equally, and imbalance strategies are searched over",
        )


def _sizes(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Too few rows, or too many categories for them."""
    if dataset.n_rows < _FEW_ROWS:
        yield finding(
            "few_rows",
            "warning",
            f"There are {dataset.n_rows} labelled rows: every figure will be uncertain",
            "Label more rows; the report says what doubling them would bring",
        )
    if dataset.n_rows < _MEAN_ROWS * dataset.n_classes:
        yield finding(
            "many_classes",
            "warning",
            f"{dataset.n_classes:,} categories share {dataset.n_rows:,} rows: fewer than {_MEAN_ROWS} each",
            "Check that the label column is the right one (--label), or merge categories",
        )


def _numbers(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Quantities in the place of labels."""
    if dataset.n_classes > _MANY_NUMBERS and all(is_number(label) for label in dataset.classes):
        yield finding(
            "numeric_labels",
            "warning",
            f"All {dataset.n_classes} labels are numbers: each counts as a category, without any order",
            "If a quantity is to be predicted, this is the wrong tool; else go on",
        )


def _order(dataset: Dataset, _: Grouping) -> Iterator[Finding]:
    """Rows that come category by category."""
    n_changes = int(np.count_nonzero(np.diff(dataset.codes)))
    if n_changes == dataset.n_classes - 1 and dataset.n_rows > 2 * dataset.n_classes:
        yield finding(
            "sorted_by_label",
            "note",
            "The rows are sorted by category",
            "Nothing to do: splits are drawn at random within each category",
        )


LABEL_CHECKS = (
    _contradictions,
    _spelling,
    _small_classes,
    _several_labels,
    _missing,
    _spreadsheet,
    _label_controls,
    _imbalance,
    _sizes,
    _numbers,
    _order,
)
