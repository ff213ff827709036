"""The run's tables for people with a spreadsheet: leaderboard, out-of-fold predictions, trials."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl_text.statistics.metrics import softmax
from automl_text.tables.csv_guard import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from automl_text.results import Evaluation, LeaderboardRow, Suspect
    from automl_text.tuning.evidence import SearchEvidence

    Cell = str | int | float | None

_LEADERBOARD = (
    "rank", "rank_group", "family", "macro_f1", "expected_macro_f1", "interval_low", "interval_high", "is_reference",
    "status", "reason", "strategy",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _GuardedTable:
    """A CSV file and how many of its cells begin like a formula and got a leading apostrophe."""

    content: str
    n_guarded: int


def leaderboard_rows(rows: Iterable[LeaderboardRow]) -> list[dict[str, Any]]:
    """Return the leaderboard's rows as plain values, the interval in two columns."""
    return [
        {**row.model_dump(exclude={"interval"}), "interval_low": low, "interval_high": high}
        for row in rows
        for low, high in (row.interval or (None, None),)
    ]


def leaderboard_table(rows: Iterable[LeaderboardRow]) -> _GuardedTable:
    """Return leaderboard.csv: one line per family, in rank order."""
    named = [
        {
            **values,
            "is_reference": str(values["is_reference"]).lower(),
            "reason": values["reason"] or values["interval_reason"],
        }
        for values in leaderboard_rows(rows)
    ]
    return _csv(_LEADERBOARD, ([values[name] for name in _LEADERBOARD] for values in named))


def trials_table(evaluations: Sequence[Evaluation]) -> _GuardedTable:
    """Return trials.csv: one line per trial tried."""
    rows = []
    for each in evaluations:
        for trial in each.trials:
            is_final, params = (
                str(trial.number == each.final_trial).lower(),
                json.dumps(trial.params, sort_keys=True),
            )
            tried = (trial.number, trial.status, trial.inner_score, trial.steps)
            rows.append((each.family, *tried, is_final, params, trial.reason))
    header = ("family", "number", "status", "inner_score", "steps", "is_final", "params", "reason")
    return _csv(header, rows)


def out_of_fold_table(
    evidence: SearchEvidence, temperatures: Mapping[str, float], suspects: Sequence[Suspect]
) -> _GuardedTable:
    """Return out_of_fold.csv: every row as predicted by the fits that had not seen it (first partition).

    One column of predictions and one of confidence per family, and why a label is suspect.
    """
    data = evidence.dataset
    header = ["line", "fold", "label"]
    columns: list[list[Cell]] = [
        data.lines.tolist(),
        evidence.partitions[0].fold_of_row.tolist(),
        [data.classes[code] for code in data.codes],
    ]
    for each in evidence.families:
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
