"""The run's tables for people with a spreadsheet: leaderboard, out-of-fold predictions, trials."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.statistics.metrics import softmax
from automl_text.tables.csv_guard import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from automl_text.results import Evaluation, LeaderboardRow, Suspect
    from automl_text.tuning.evidence import SearchEvidence

    Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _GuardedTable:
    """A CSV file and how many of its cells begin like a formula and got a leading apostrophe."""

    content: str
    n_guarded: int


def leaderboard_table(rows: Sequence[LeaderboardRow]) -> _GuardedTable:
    """Return leaderboard.csv: one line per family, in rank order."""
    header = [
        "rank",
        "rank_group",
        "family",
        "macro_f1",
        "expected_macro_f1",
        "interval_low",
        "interval_high",
        "is_reference",
        "status",
        "reason",
        "strategy",
    ]
    return _csv(
        header,
        (
            [
                row.rank,
                row.rank_group,
                row.family,
                row.macro_f1,
                row.expected_macro_f1,
                *(row.interval or (None, None)),
                str(row.is_reference).lower(),
                row.status,
                row.reason or row.interval_reason,
                row.strategy,
            ]
            for row in rows
        ),
    )


def trials_table(evaluations: Sequence[Evaluation]) -> _GuardedTable:
    """Return trials.csv: one line per trial tried."""
    header = ["family", "number", "status", "inner_score", "steps", "is_final", "params", "reason"]
    return _csv(
        header,
        (
            [
                each.family,
                trial.number,
                trial.status,
                trial.inner_score,
                trial.steps,
                str(trial.number == each.final_trial).lower(),
                json.dumps(trial.params, sort_keys=True),
                trial.reason,
            ]
            for each in evaluations
            for trial in each.trials
        ),
    )


def out_of_fold_table(
    evidence: SearchEvidence, temperatures: Mapping[str, float], suspects: Sequence[Suspect]
) -> _GuardedTable:
    """Return out_of_fold.csv: every row as predicted by the fits that had not seen it (first partition).

    One column of predictions and one of confidence per family, and why a label is suspect.
    """
    data = evidence.dataset
    families = [each for each in evidence.families if each.outer_logits is not None]
    header = ["line", "fold", "label"]
    columns: list[list[Cell]] = [
        data.lines.tolist(),
        evidence.partitions[0].fold_of_row.tolist(),
        [data.classes[code] for code in data.codes],
    ]
    for each in families:
        if each.outer_logits is None:
            continue
        probabilities = softmax(each.outer_logits[0], temperatures.get(each.family, 1.0))
        header += [each.family, f"{each.family} confidence"]
        columns.append([data.classes[code] for code in probabilities.argmax(axis=1)])
        columns.append([round(float(value), 4) for value in probabilities.max(axis=1)])
    reasons = {suspect.line: suspect.reason for suspect in suspects}
    columns.append([reasons.get(int(line), "") for line in data.lines])
    return _csv([*header, "suspect"], zip(*columns, strict=True))


def _csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> _GuardedTable:
    stream = io.StringIO()
    n_guarded = write_csv(stream, header, rows)
    return _GuardedTable(content=stream.getvalue(), n_guarded=n_guarded)
