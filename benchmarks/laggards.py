"""How much tuning brought a family on the way to the best one: finished searches, read.

    python benchmarks/laggards.py RUN [RUN ...]

For every choice of every search (each outer split's, and the one over all rows) and every family whose default trial is
behind the best family's: its distance before tuning, its distance after tuning, and the difference, in macro-F1 of the
scores that the choice sees. Both families are tuned, so the difference may be negative. The searches must not have
dropped families that are far behind (preset thorough, or a version that did not).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl_text.results.result import read_result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from automl_text.results import RunResult, TrialRecord

OVER_ALL = -1
ROPE = 0.01
"""Nearer than this is level."""


def distances(result: RunResult) -> Iterator[dict[str, Any]]:
    """Yield a row for each choice and family that begins behind another one."""
    tuned = {
        each.family: [trial for trial in each.trials if trial.inner_scores]
        for each in result.evaluations
        if each.trials and each.trials[0].inner_scores
    }
    n_splits = min((len(trials[0].inner_scores) for trials in tuned.values()), default=0)
    for choice in range(OVER_ALL, n_splits):
        scores = {family: _scores(trials, choice) for family, trials in tuned.items()}
        first = max(of_family[0] for of_family in scores.values())
        best = max(max(of_family) for of_family in scores.values())
        for family, of_family in scores.items():
            before, after = first - of_family[0], best - max(of_family)
            if before > 0:
                yield {
                    "family": family,
                    "choice": choice,
                    "trials": len(of_family),
                    "before": before,
                    "after": after,
                    "brought": before - after,
                }


def _scores(trials: list[TrialRecord], choice: int) -> list[float]:
    scores = [each.inner_score if choice == OVER_ALL else each.inner_scores[choice] for each in trials]
    return [score for score in scores if score is not None]


def main() -> None:
    """Print what tuning brought by family, and every case beyond each distance."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", help="folders of finished searches")
    options = parser.parse_args()
    rows = [{"file": str(path), **row} for path in options.runs for row in distances(read_result(path))]
    table = pd.DataFrame(rows)
    print(table.groupby("family")["brought"].describe(percentiles=[0.5, 0.95]).round(3).to_string())
    for far in (0.04, 0.06, 0.08, 0.1, 0.15):
        behind = table[table["before"] > far]
        print(
            f"more than {far:.2f} behind: {len(behind)} cases, {(behind['after'] < ROPE).sum()} of them level with "
            f"the best after tuning, the nearest {behind['after'].min():.3f} behind"
        )


if __name__ == "__main__":
    main()
