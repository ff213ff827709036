"""How a search grows with the rows: seconds, CPU, peak memory and each family's fits from 500 to 128,000 rows.

    python benchmarks/growth.py POOL [--sizes 500,2000,8000,32000,128000] [--preset standard] [--jobs 1]
        [--families logreg,linear,lightgbm,encoder,lstm] [--time-budget 15m] [--json FILE]

Larger files than POOL are made of its rows: each new text takes its words, in order, from two texts of one category, so
that vocabulary and categories stay real and no text repeats another.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

LARGE_ROWS = 20_000
"""From here on a search has other proportions."""


def grown(pool: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    """Return ``n_rows`` rows: drawn from the pool while it lasts, then mixed from two of its texts."""
    if n_rows <= len(pool):
        return pool.sample(n_rows, random_state=seed)
    rng = random.Random(seed)  # noqa: S311
    by_label = {label: texts.tolist() for label, texts in pool.groupby("category")["text"]}
    labels = pool["category"].sample(n_rows, replace=True, random_state=seed).tolist()
    texts = []
    for label in labels:
        first, second = rng.choice(by_label[label]).split(), rng.choice(by_label[label]).split()
        cut, rest = rng.randint(0, len(first)), rng.randint(0, len(second))
        texts.append(" ".join([*first[:cut], *second[rest:], str(rng.randint(0, 999_999))]))
    return pd.DataFrame({"text": texts, "category": labels})


def measure(command: list[str]) -> dict[str, Any]:
    """Return seconds, CPU seconds and the sum of the processes' peak memory of one command."""
    started, before = time.perf_counter(), os.times()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory_of_tree(process.pid))
        time.sleep(0.5)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "exit": process.returncode,
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_gib": round(peak / 2**30, 2),
    }


def seconds_by_family(run: Path) -> dict[str, float]:
    """Return what the fits in a run's journal took, predictions included, by family."""
    if not (run / "journal.jsonl").is_file():
        return {}
    given: dict[str, float] = {}
    with (run / "journal.jsonl").open(encoding="utf-8") as lines:
        for entry in map(json.loads, lines):
            if "family" in entry and "fit_seconds" in (scores := entry.get("scores") or {}):
                spent = scores["fit_seconds"] + scores["predict_seconds"]
                given[entry["family"]] = given.get(entry["family"], 0.0) + spent
    return {name: round(seconds, 1) for name, seconds in given.items()}


def slope(rows: list[dict[str, Any]], what: str) -> float:
    """Return how ``what`` grows: the exponent of the rows that fits it best."""
    return float(np.polyfit(np.log([row["rows"] for row in rows]), np.log([row[what] for row in rows]), 1)[0])


def memory_of_tree(root: int) -> int:
    """Return the bytes held by a process and all below it."""
    children: dict[int, list[int]] = {}
    held: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            held[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            continue  # it ended while we looked
        children.setdefault(int(fields[1]), []).append(int(entry.name))
    waiting, total = [root], 0
    while waiting:
        process = waiting.pop()
        total += held.get(process, 0)
        waiting += children.get(process, [])
    return total


def main() -> None:
    """Print a row for each size, and the slope of seconds against rows on logarithmic axes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pool", type=Path, nargs="+", help="CSV files with the columns text and category")
    parser.add_argument("--sizes", default="500,2000,8000,32000,128000")
    parser.add_argument("--families", default="logreg,linear,lightgbm,encoder,lstm")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--time-budget")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pool = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in options.pool])
    rows: list[dict[str, Any]] = []
    for n_rows in map(int, options.sizes.split(",")):
        rows.append({"rows": n_rows, **searched(grown(pool, n_rows, seed=0), options)})
        print(rows[-1], flush=True)
    print(pd.DataFrame(rows).to_string(index=False))
    for name, least in (("all sizes", 0), (f"{LARGE_ROWS:,} rows and more", LARGE_ROWS)):
        counted = [row for row in rows if row["rows"] >= least]
        if len(counted) > 1:
            seconds, cpu = (slope(counted, what) for what in ("seconds", "cpu_seconds"))
            print(f"log-log slope, {name}: seconds {seconds:.2f}, CPU {cpu:.2f}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def searched(data: pd.DataFrame, options: argparse.Namespace) -> dict[str, Any]:
    """Return what one search took, and its fits' seconds by family."""
    with tempfile.TemporaryDirectory() as folder:
        path, run = Path(folder) / "grown.csv", Path(folder) / "run"
        data.to_csv(path, index=False)
        command = [sys.executable, "-m", "automl_text", "search", str(path), "--output", str(run), "--quiet"]
        command += ["--families", options.families, "--preset", options.preset, "--references", "none"]
        command += ["--time-budget", options.time_budget] if options.time_budget else []
        command += ["--jobs", str(options.jobs)] if options.jobs else []
        measured = measure(command)
        return {**measured, **seconds_by_family(run)}


if __name__ == "__main__":
    main()
