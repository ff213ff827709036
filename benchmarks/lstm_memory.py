"""How much memory LSTM fits cost: of this process, which must not grow, and of the worker, which ends.

    python benchmarks/lstm_memory.py [--data FILE] [--fits 200] [--trials 8] [--json FILE]

The fits run by the engine as in a search, one process, over several trials of the search space: every new shape of
the network is traced anew by TensorFlow, and stays in the memory of its process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from automl_text.data.loading import load_dataset
from automl_text.data.splitting import partition_rows
from automl_text.engine.local import LocalExecutor
from automl_text.engine.unit import Unit
from automl_text.tuning.fitting import FitWork, data_key
from automl_text.tuning.plan import inner_splits
from automl_text.tuning.space import load_space
from automl_text.tuning.trials import shared_trials

EXAMPLE = Path(__file__).parent.parent / "examples" / "support_tickets.csv"
N_FOLDS = 5
MB = 1e6


def resident_mb(pid: int | str) -> float:
    """Return the resident memory of a process, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


def worker_mb() -> float:
    """Return the resident memory of this process's only child, in MB; 0 without a child."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return resident_mb(children[0]) if children else 0.0


def units(work: FitWork, n_fits: int, n_trials: int) -> list[Unit]:
    """Return so many LSTM units: trials in turn, then splits, then seeds."""
    trials = shared_trials(load_space("lstm").fixing("embedding", "learned"), n_trials, seed=0)
    splits = inner_splits(0, N_FOLDS)
    return [
        Unit(
            family="lstm",
            split=splits[number // n_trials % len(splits)],
            params=trials[number % n_trials],
            run_seed=number // (n_trials * len(splits)),
            data_key=data_key(work.dataset, work.partitions),
            runtime="tensorflow",
        )
        for number in range(n_fits)
    ]


def main() -> int:
    """Run the fits and print a row for every tenth of them; 1 if this process grew by 100 MB."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=EXAMPLE)
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    dataset = load_dataset(arguments.data).dataset
    partition = partition_rows(dataset.codes, dataset.groups, n_folds=N_FOLDS, seed=0)
    work = FitWork(dataset=dataset, partitions=(partition,))
    executor = LocalExecutor(work, jobs=1)
    before = resident_mb("self")
    print(f"{'fits':>6}{'this process':>15}{'worker':>12}   MB")
    measured: list[dict[str, float]] = []
    for number, outcome in enumerate(executor.run(units(work, arguments.fits, arguments.trials)), start=1):
        if outcome.status != "done":
            sys.exit(f"fit {number}: {outcome.reason}")
        if number % max(1, arguments.fits // 10) == 0:
            row = {"fits": number, "parent_mb": resident_mb("self"), "worker_mb": worker_mb()}
            measured.append(row)
            print(f"{number:>6}{row['parent_mb']:>15.0f}{row['worker_mb']:>12.0f}", flush=True)
    executor.close()
    growth = resident_mb("self") - before
    print(f"this process grew by {growth:.0f} MB")
    if arguments.json:
        arguments.json.write_text(json.dumps({"growth_mb": growth, "rows": measured}, indent=1) + "\n")
    return int(growth >= 100)  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main())
