"""How a search grows with the rows: seconds, CPU and peak memory from 500 to 128,000 rows.

    python benchmarks/growth.py POOL [--sizes 500,2000,8000,32000,128000] [--families logreg,linear,lightgbm]
        [--preset standard] [--time-budget 15m] [--json FILE]

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
    parser.add_argument("--families", default="logreg,linear,lightgbm")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--time-budget")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pool = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in options.pool])
    rows = []
    for n_rows in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "grown.csv"
            grown(pool, n_rows, seed=0).to_csv(path, index=False)
            command = [
                sys.executable,
                "-m",
                "automl_text",
                "search",
                str(path),
                "--families",
                options.families,
            ]
            command += ["--preset", options.preset, "--references", "none", "--quiet"]
            command += ["--output", str(Path(folder) / "run")]
            command += ["--time-budget", options.time_budget] if options.time_budget else []
            rows.append({"rows": n_rows, **measure(command)})
        print(rows[-1], flush=True)
    print(pd.DataFrame(rows).to_string(index=False))
    if len(rows) > 1:
        slope = np.polyfit(
            np.log([row["rows"] for row in rows]), np.log([row["seconds"] for row in rows]), 1
        )[0]
        print(f"log-log slope of seconds: {slope:.2f}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
