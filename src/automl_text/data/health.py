"""Everything in a data set that a person should know before believing a score."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from automl_text.data.health_groups import GROUP_CHECKS
from automl_text.data.health_labels import LABEL_CHECKS
from automl_text.data.health_texts import TEXT_CHECKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.data.dataset import Dataset
    from automl_text.data.duplicates import Grouping
    from automl_text.results import Finding


def examine(
    dataset: Dataset, grouping: Grouping, user_groups: Sequence[str] | None = None
) -> tuple[Finding, ...]:
    """Return every finding about labels, texts and groups.

    Parameters
    ----------
    dataset : Dataset
    grouping : Grouping
        Of the same rows.
    user_groups : sequence of str, length n_rows, optional
        The values of the ``--group`` column.
    """
    return tuple(
        chain(
            *(check(dataset, grouping) for check in LABEL_CHECKS),
            *(check(dataset) for check in TEXT_CHECKS),
            *(check(dataset, grouping, user_groups) for check in GROUP_CHECKS),
        )
    )
