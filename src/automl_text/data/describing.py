"""What was read, as the record that a report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import ClassInfo, DatasetInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.data.columns import Columns
    from automl_text.data.dataset import Dataset
    from automl_text.data.duplicates import Grouping
    from automl_text.data.table import Table
    from automl_text.results import Finding


def describe(
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
    columns : Columns
    dataset : Dataset
        The labelled rows of the table.
    grouping : Grouping
    found : sequence of Finding
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
