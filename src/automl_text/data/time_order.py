"""Rows in time order: the later half is judged block by block, each by models of what came before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.dataset import Partition, Split
from automl_text.data.splitting import split_rows
from automl_text.errors import InputError
from automl_text.results import TimeOrder, finding
from automl_text.wording import counted, listed, rows_are

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.data.dates import Times
    from automl_text.data.loading import Loaded
    from automl_text.results import Finding

_LEAST_FOLDS = 3


def in_time_order(loaded: Loaded, times: Times, n_folds: int) -> tuple[Loaded, Partition]:
    """Return the rows with what their order means for them, and the folds that follow each other in time.

    The earlier half is never judged. The later half is cut into ``n_folds`` blocks of equal size, rows of one time
    together, and each is judged by models of all that came before it; blocks of the same size before the half serve
    the choice of settings. A group that spans blocks stays where its rows are, and `split_rows` leaves it out of
    what a block is judged by.

    Raises
    ------
    InputError
        If too few times differ, or the groups leave too little to learn from or to judge.
    """
    data, when = loaded.dataset, times.of(loaded.dataset.lines)
    partition = _blocks(when, n_folds)
    if partition is None:
        raise InputError(_too_few(when, n_folds, times.column))
    _refuse_hopeless(data, partition, times.column)
    judged, unlearned = partition.rows(tuple(partition.judged_folds)), _unlearned(data, partition)
    never = np.setdiff1d(data.codes[unlearned], data.codes[np.setdiff1d(judged, unlearned)])
    ordered = replace(data, unlearned=tuple(never.tolist()))
    measurable = ordered.take(judged).measurable
    if measurable.sum() < 2:  # noqa: PLR2004
        raise InputError(
            f"--time {times.column!r}: fewer than two categories stand in the later half of the rows and were learned "
            "before. Label more rows, or leave --time out."
        )
    classes = tuple(
        each.model_copy(update={"is_measurable": is_in})
        for each, is_in in zip(loaded.info.classes, measurable.tolist(), strict=True)
    )
    findings = (*loaded.info.findings, *_findings(data, partition, times, unlearned))
    info = loaded.info.model_copy(
        update={"classes": classes, "findings": findings, "time": _record(when, partition, times)}
    )
    return replace(loaded, dataset=ordered, info=info), partition


def _blocks(when: NDArray[np.float64], n_folds: int) -> Partition | None:
    """Cut rows into blocks of a tenth (with 5 folds), the first of three; None where too few times differ."""
    n_before = n_folds // 2
    targets = len(when) / (2 * n_folds) * np.arange(n_folds - n_before, 2 * n_folds)
    moments, counts = np.unique(when, return_counts=True)
    ends = np.cumsum(counts)[:-1]
    if len(ends) < len(targets):
        return None
    nearest = np.abs(ends[np.newaxis, :] - targets[:, np.newaxis]).argmin(axis=1)
    if (np.diff(nearest) < 1).any():
        return None
    fold_of_row = np.searchsorted(moments[nearest], when, side="left").astype(np.int64)
    return Partition(fold_of_row=fold_of_row, n_folds=len(targets) + 1, first_judged=n_before + 1)


def _too_few(when: NDArray[np.float64], n_folds: int, column: str) -> str:
    n_times = len(np.unique(when))
    fewer = next((n for n in range(n_folds - 1, _LEAST_FOLDS - 1, -1) if _blocks(when, n)), None)
    remedy = f"use --outer-folds {fewer}" if fewer else "name a finer column, or leave --time out"
    return (
        f"--time {column!r}: {counted(n_times, 'time')} of {counted(len(when), 'row')} cannot be cut into blocks that "
        f"follow each other (rows of one time stay together); {remedy}."
    )


def _past(data: Dataset, partition: Partition, fold: int) -> NDArray[np.int64]:
    """Return the rows that models are trained on which judge a block."""
    split = Split(partition=0, train=tuple(range(fold)), test=(fold,))
    return split_rows(split, [partition], data.codes, data.groups, seed=0)[0]


def _unlearned(data: Dataset, partition: Partition) -> NDArray[np.int64]:
    """Return the judged rows whose category no row before their block had."""
    return np.concatenate(
        [
            rows[~np.isin(data.codes[rows], data.codes[_past(data, partition, fold)])]
            for fold in partition.judged_folds
            for rows in (partition.rows((fold,)),)
        ]
    )


def _refuse_hopeless(data: Dataset, partition: Partition, column: str) -> None:
    """Refuse groups that stand in so many blocks that nothing is left to learn or to choose by."""
    for fold in range(1, partition.n_folds):
        past = _past(data, partition, fold)
        can_choose = fold < partition.judged_folds.start or (partition.fold_of_row[past] > 0).any()
        if len(np.unique(data.codes[past])) < 2 or not can_choose:  # noqa: PLR2004
            raise InputError(
                f"--time {column!r}: block {fold + 1} of {partition.n_folds} has too little before it: its rows share "
                "their groups or categories with too many rows of the past. Leave --group out, use fewer folds "
                "(--outer-folds), or leave --time out."
            )


def _findings(
    data: Dataset, partition: Partition, times: Times, unlearned: NDArray[np.int64]
) -> list[Finding]:
    found = []
    if times.read_as:
        message = f"Column {times.column!r} is read as {times.read_as}"
        found.append(finding("time_read", "note", message, "Write dates as 2024-03-31 if that is not meant"))
    if len(unlearned):
        names = listed([data.classes[code] for code in np.unique(data.codes[unlearned])], in_quotes=True)
        message = (
            f"{rows_are(len(unlearned))} of categories that no row before their block had ({names}): no model could "
            "know them, and they count as wrong"
        )
        remedy = "A category that no judged row could be learned for is left out of macro-F1"
        found.append(finding("late_category", "warning", message, remedy, data.lines[unlearned].tolist()))
    pairs = np.unique(np.stack([data.groups, partition.fold_of_row]), axis=1)[0]
    spanning = np.unique(pairs[1:][pairs[1:] == pairs[:-1]])
    if len(spanning):
        message = (
            f"{counted(len(spanning), 'group')} of rows (copies, or one value of --group) "
            f"{'spans' if len(spanning) == 1 else 'span'} several blocks of time"
        )
        remedy = "Nothing to do: where a row is judged, rows of its group are left out of what came before"
        found.append(finding("group_spans_time", "note", message, remedy))
    return found


def _record(when: NDArray[np.float64], partition: Partition, times: Times) -> TimeOrder:
    blocks = [partition.rows((fold,)) for fold in partition.judged_folds]
    return TimeOrder(
        column=times.column,
        first=times.words(float(when.min())),
        last=times.words(float(when.max())),
        starts=tuple(times.words(float(when[rows].min())) for rows in blocks),
        n_judged=tuple(len(rows) for rows in blocks),
    )
