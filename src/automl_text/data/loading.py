"""From a file to a `Dataset` with its findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.beside import (
    about_features,
    feature_columns,
    frame_of,
    possible_features,
)
from automl_text.data.columns import choose_columns
from automl_text.data.dataset import Dataset
from automl_text.data.duplicates import group_rows
from automl_text.data.health import examine
from automl_text.data.profile import profile
from automl_text.data.rare import treat_rare
from automl_text.data.similarity import MOST_SEARCHED
from automl_text.files import Rare, ReadAs
from automl_text.results import ClassInfo, DatasetInfo, finding, text_name_of
from automl_text.tables.quoting import is_number
from automl_text.tables.reading import read_table
from automl_text.tables.table import Table
from automl_text.wording import listed, refusal, rows_have, short_label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame

    from automl_text.data.columns import Columns
    from automl_text.data.duplicates import Grouping
    from automl_text.results import FeatureColumn, Finding

_LONG_LABEL = 4.0
_LONGEST_TEXT = 2_000_000
"""Characters; a thick novel has one million."""

_MOST_ROWS = 5_000_000
_FEW_ROWS = 100
_FEW_NUMBERS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A data set, and what the report says of it."""

    dataset: Dataset
    info: DatasetInfo
    """With the findings, in the order of their severity."""
    candidates: tuple[str, ...] = ()
    """Columns that are not used, and could be added beside the text."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """The labelled rows of a table."""

    texts: tuple[str, ...]
    labels: list[str]
    lines: NDArray[np.int64]
    user_groups: list[str] | None
    findings: tuple[Finding, ...]
    kept: list[int]
    """Their places in the table."""


def load_dataset(  # noqa: PLR0913  (one keyword for each option of the command line)
    source: str | Path | Table,
    *,
    text: Sequence[str] = (),
    label: str | None = None,
    group: str | None = None,
    features: Sequence[str] = (),
    read_as: ReadAs | None = None,
    n_folds: int = 5,
    rare: Rare = "keep",
    min_rows: int = 0,
    most_searched: int = MOST_SEARCHED,
) -> Loaded:
    """Read a labelled file or take a table, group its rows and say what is wrong with it.

    Rows with an empty label are left out and counted, empty texts are kept, several text columns are joined by
    a newline, and labels stay exactly as they are written.

    Parameters
    ----------
    read_as : ReadAs, optional
        Overrides what the reader finds; a table needs none.
    n_folds : int
        Folds that the rows will be cut into; bounds the size of a group of duplicates.
    rare : "keep", "merge" or "drop"
        What to do with categories of fewer than ``min_rows`` rows (5 where that is 0).
    most_searched : int
        Distinct texts up to which near duplicates are looked for.

    Raises
    ------
    InputError
        If the file cannot be read, the columns cannot be told, or nothing could be learned and judged: fewer
        than two categories, or fewer than two with rows in two groups.
    """
    expected = (*text, *features, *filter(None, (label, group)))
    table = source if isinstance(source, Table) else read_table(source, read_as, expected=expected)
    columns = choose_columns(table, text=text, label=label, group=group, features=features)
    rows = _labelled_rows(table, columns, rare=rare, min_rows=min_rows)
    _refuse_hopeless(table, columns, rows)
    beside = feature_columns(table, columns.features, rows.kept)
    grouping = group_rows(
        rows.texts, n_folds=n_folds, user_groups=rows.user_groups, most_searched=most_searched
    )
    dataset = _dataset(table, columns, rows, grouping, beside)
    _refuse_unmeasurable(table, dataset, columns)
    found = (
        *_about_reading(table, columns),
        *rows.findings,
        *examine(dataset, grouping, rows.user_groups),
        *about_features(dataset, beside),
    )
    info = _describe(table, columns, dataset, grouping, found)
    asked = {"read_as": read_as or ReadAs(), "features": beside, "column_choice": _choice(columns, beside)}
    unused = [name for name in table.columns if name not in columns.used]
    return Loaded(
        dataset=dataset,
        info=info.model_copy(update=asked),
        candidates=possible_features(table, unused),
    )


def _dataset(
    table: Table, columns: Columns, rows: _Rows, grouping: Grouping, beside: Sequence[FeatureColumn]
) -> Dataset:
    """Return the rows with their categories numbered in the order of their names."""
    classes, codes = np.unique(np.array(rows.labels, dtype=object), return_inverse=True)
    return Dataset(
        texts=rows.texts,
        codes=codes.astype(np.int64),
        classes=tuple(classes.tolist()),
        groups=grouping.groups,
        lines=rows.lines,
        sha256=table.sha256,
        frame=_frame(table, columns, rows, beside) if beside else None,
    )


def _frame(table: Table, columns: Columns, rows: _Rows, beside: Sequence[FeatureColumn]) -> DataFrame:
    """Return the texts and the cells beside them of the labelled rows."""
    cells = {each.name: [table.columns[each.name][row] for row in rows.kept] for each in beside}
    return frame_of(rows.texts, cells, beside, text_name_of(columns.text, beside))


def _choice(columns: Columns, beside: Sequence[FeatureColumn]) -> str:
    """Return how the columns were found, those beside the text with how they are taken."""
    if not beside:
        return columns.reason
    return f"{columns.reason} Beside the text: {listed([each.taken_as for each in beside], len(beside))}."


def _labelled_rows(table: Table, columns: Columns, *, rare: Rare, min_rows: int) -> _Rows:
    """Leave out the rows without a label, and treat rare categories as asked."""
    labels = table.columns[columns.label]
    labelled = [row for row, label in enumerate(labels) if label.strip()]
    if not labelled:
        raise refusal(
            table.file,
            f"every label in column {columns.label!r} is empty",
            "Choose another column with --label",
        )
    found: list[Finding] = []
    if len(labelled) < len(labels):
        empty = sorted(set(range(len(labels))) - set(labelled))
        message = f"{rows_have(len(empty))} no label and will be left out"
        lines = table.lines[empty].tolist()
        found.append(finding("empty_label", "warning", message, "Label these rows or delete them", lines))
    treated = treat_rare(
        [labels[row] for row in labelled], table.lines[labelled].tolist(), rare=rare, min_rows=min_rows
    )
    kept = [(row, label) for row, label in zip(labelled, treated.labels, strict=True) if label is not None]
    if not kept:
        raise refusal(table.file, "--rare drop leaves no row", "Lower --min-rows, or use --rare merge")
    rows = [row for row, _ in kept]
    joined = table.texts(columns.text)
    _refuse_huge(table, joined)
    groups = table.columns[columns.group] if columns.group else None
    return _Rows(
        texts=tuple(joined[row] for row in rows),
        labels=[label for _, label in kept],
        lines=table.lines[rows],
        user_groups=[groups[row].strip() for row in rows] if groups else None,
        findings=(*found, *treated.findings),
        kept=rows,
    )


def _refuse_huge(table: Table, texts: Sequence[str]) -> None:
    """Refuse texts whose pieces of words alone would fill the memory, and more rows than can be grouped."""
    if len(texts) > _MOST_ROWS:
        what = f"{len(texts):,} rows are more than a search can take ({_MOST_ROWS:,})"
        raise refusal(table.file, what, "Give a sample of them; a few thousand tell nearly as much")
    for line, text in zip(table.lines.tolist(), texts, strict=True):
        if len(text) > _LONGEST_TEXT:
            what = f"the text has {len(text):,} characters, above the limit of {_LONGEST_TEXT:,}"
            raise refusal(table.file, what, "Cut it, or look whether a quote is open", line=line)


def _refuse_hopeless(table: Table, columns: Columns, rows: _Rows) -> None:
    """Refuse labels from which nothing can be learned, before the work of grouping."""
    distinct = sorted(set(rows.labels))
    if len(distinct) == 1:
        raise refusal(
            table.file,
            f"every label in column {columns.label!r} is {short_label(distinct[0])!r}: one category is nothing to "
            "choose from",
            "Add rows of other categories, or choose another column with --label",
        )
    if len(distinct) < len(rows.labels):
        return
    if len(distinct) > _FEW_NUMBERS and all(map(is_number, distinct)):
        what = f"column {columns.label!r} holds {len(distinct):,} numbers that never repeat: a quantity, no categories"
        raise refusal(table.file, what, "Choose the column of categories with --label")
    mean_words = sum(len(label.split()) for label in distinct) / len(distinct)
    if len(distinct) >= _FEW_ROWS or mean_words > _LONG_LABEL:
        raise refusal(
            table.file,
            f"column {columns.label!r} has as many categories as rows ({len(distinct):,}): it looks like an "
            "identifier or like text",
            "Choose the column of categories with --label",
        )
    raise refusal(
        table.file,
        f"each of the {len(distinct)} categories in column {columns.label!r} has one row: none can be both learned "
        "and judged",
        "Label at least two rows of each, better ten, or choose another column with --label",
    )


def _refuse_unmeasurable(table: Table, dataset: Dataset, columns: Columns) -> None:
    measurable = [name for name, is_in in zip(dataset.classes, dataset.measurable, strict=True) if is_in]
    if len(measurable) > 1:
        return
    whole = "one value of the --group column" if columns.group else "texts that repeat each other"
    which = (
        f"only {listed(measurable, in_quotes=True)} has"
        if measurable
        else f"no category in column {columns.label!r} has"
    )
    raise refusal(
        table.file,
        f"{which} two rows that can stand on two sides of a split (a category in one row, or in {whole}, "
        "can be learned but not judged)",
        "Label more rows of at least two categories" + (", or leave --group out" if columns.group else ""),
    )


def _about_reading(table: Table, columns: Columns) -> list[Finding]:
    """Say what was guessed when the file was read."""
    found = list(table.findings)
    for each in (profile(name, cells) for name, cells in table.columns.items() if name not in columns.used):
        if each.is_split:
            shares = ", ".join(
                f"{value} {table.columns[each.name].count(value):,}" for value in each.examples
            )
            message = f"Column {each.name!r} says which rows train and which test ({shares}); it is not used"
            remedy = f"All rows train and are judged in turn; --split {each.name} keeps its test rows apart"
            found.append(finding("split_column", "note", message, remedy))
    names = list(table.columns)
    repeated = [
        line
        for line, *cells in zip(table.lines.tolist(), *table.columns.values(), strict=True)
        if cells == names
    ]
    if repeated:
        message = "The header line occurs again among the rows"
        found.append(finding("repeated_header", "warning", message, "Delete these lines", repeated))
    return found


def _describe(
    table: Table,
    columns: Columns,
    dataset: Dataset,
    grouping: Grouping,
    found: Sequence[Finding],
) -> DatasetInfo:
    """Return what the report says of a data set.

    Parameters
    ----------
    table : Table
        What was read.
    dataset : Dataset
        The labelled rows of the table.
    """
    order = ("error", "warning", "note")
    words = [len(text.split()) for text in dataset.texts]
    low, quarter, median, three_quarters, high = np.percentile(
        words, [0, 25, 50, 75, 100], method="lower"
    ).tolist()
    return DatasetInfo(
        file_name=table.file_name,
        sha256=table.sha256,
        encoding=table.encoding,
        separator=table.separator,
        text_columns=columns.text,
        label_column=columns.label,
        group_column=columns.group,
        column_choice=columns.reason,
        n_rows=dataset.n_rows,
        n_groups=len(np.unique(dataset.groups)),
        n_left_out=table.n_rows - dataset.n_rows,
        classes=_classes(dataset),
        words_per_text=(low, quarter, median, three_quarters, high),
        duplicate_share=grouping.duplicate_share,
        findings=tuple(sorted(found, key=lambda one: order.index(one.severity))),
    )


def _classes(dataset: Dataset) -> tuple[ClassInfo, ...]:
    columns = (dataset.rows_of_class, dataset.groups_of_class, dataset.measurable)
    return tuple(
        ClassInfo(label=label, n_rows=n_rows, n_groups=n_groups, is_measurable=is_measurable)
        for label, n_rows, n_groups, is_measurable in zip(
            dataset.classes, *(column.tolist() for column in columns), strict=True
        )
    )
