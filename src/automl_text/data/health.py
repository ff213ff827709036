"""Everything in a data set that a person should know before believing a score."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.health_labels import LABEL_CHECKS
from automl_text.data.health_texts import TEXT_CHECKS
from automl_text.data.similarity import MOST_EXACT, MOST_SEARCHED
from automl_text.results import finding
from automl_text.wording import counted, rows_are

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from automl_text.data.dataset import Dataset
    from automl_text.data.duplicates import Grouping
    from automl_text.results import Finding, Severity

_MANY = 0.2
_FEW_USER_GROUPS = 20


def _duplicates(dataset: Dataset, grouping: Grouping, _: Sequence[str] | None) -> Iterator[Finding]:
    """Rows that repeat others."""
    sizes = np.bincount(grouping.text_of_row)
    equal = sizes[grouping.text_of_row] > 1
    severity: Severity = "warning" if grouping.duplicate_share > _MANY else "note"
    if equal.any():
        yield finding(
            "duplicates",
            severity,
            f"{rows_are(int(equal.sum()))} equal to another row but for case, blanks and punctuation",
            "Nothing to do: equal rows stay on one side of every split, so they do not raise the score",
            dataset.lines[equal],
        )
    clusters = np.bincount(grouping.cluster_of_row)
    near = (clusters[grouping.cluster_of_row] > 1) & ~equal
    if near.any():
        yield finding(
            "near_duplicates",
            "note",
            f"{rows_are(int(near.sum()))} nearly equal to another row",
            "Nothing to do: near duplicates stay on one side of every split",
            dataset.lines[near],
        )


def _cut_groups(dataset: Dataset, grouping: Grouping, _: Sequence[str] | None) -> Iterator[Finding]:
    if grouping.was_cut.any():
        yield finding(
            "large_group_cut",
            "warning",
            f"{rows_are(int(grouping.was_cut.sum()))} in groups of similar texts above {grouping.max_rows:,} rows; "
            "these groups were cut, so some similar rows stand on both sides of a split",
            "If these rows are copies, keep one of each; if people really repeat them, nothing to do",
            dataset.lines[grouping.was_cut],
        )
    if grouping.compared == "equal":
        yield finding(
            "near_duplicates_not_searched",
            "note",
            "There are too many texts to look for near duplicates (a search does so up to "
            f"{MOST_SEARCHED:,}, inspect up to {MOST_EXACT:,}); equal texts were grouped",
            "Nothing to do unless the file holds many reworded copies",
        )
    if grouping.compared == "sharing":
        yield finding(
            "near_duplicates_sampled",
            "note",
            "There are too many texts to compare all pairs: near duplicates were looked for among those that share "
            "runs of characters which few others hold, and about 1 in 100 was not found",
            "Nothing to do unless the file holds many reworded copies",
        )


def _user_groups(
    dataset: Dataset, grouping: Grouping, user_groups: Sequence[str] | None
) -> Iterator[Finding]:
    """Say what the --group column does to the estimate."""
    if user_groups is None:
        return
    sizes = np.bincount(dataset.groups)
    large = sizes[dataset.groups] > grouping.max_rows
    if large.any():
        yield finding(
            "large_user_group",
            "warning",
            f"{rows_are(int(large.sum()))} in groups of the --group column above {grouping.max_rows:,} rows; they are "
            "never cut, so the folds differ in size",
            "Use a finer group column if there is one",
            dataset.lines[large],
        )
    n_groups = len({group for group in user_groups if group})
    if n_groups < _FEW_USER_GROUPS:
        yield finding(
            "few_user_groups",
            "warning",
            f"The --group column has {counted(n_groups, 'value')}: scores on so few groups are uncertain",
            "Collect rows of more groups, or leave --group out if new texts come from the same ones",
        )
    missing = np.array([not group for group in user_groups])
    if missing.any():
        yield finding(
            "empty_group",
            "note",
            f"{rows_are(int(missing.sum()))} without a value in the --group column and stand alone",
            "Nothing to do if they belong to nobody",
            dataset.lines[missing],
        )


_GROUP_CHECKS = (_duplicates, _cut_groups, _user_groups)


def examine(
    dataset: Dataset, grouping: Grouping, user_groups: Sequence[str] | None = None
) -> tuple[Finding, ...]:
    """Return every finding about labels, texts and groups.

    Parameters
    ----------
    grouping : Grouping
        Of the same rows.
    user_groups : sequence of str, length n_rows, optional
        The values of the ``--group`` column.
    """
    return tuple(
        chain(
            *(check(dataset, grouping) for check in LABEL_CHECKS),
            *(check(dataset) for check in TEXT_CHECKS),
            *(check(dataset, grouping, user_groups) for check in _GROUP_CHECKS),
        )
    )
