"""What the protocol for large data costs: held-out macro-F1 with its rules, and with those of small data.

    python benchmarks/adapted.py [POOL.csv] [--rows 20000] [--held-out 5000] [--words 12]
        [--families linear,logreg,lightgbm] [--preset quick] [--seeds 1] [--packages 30] [--jobs 1] [--json FILE]

Without POOL the texts are the docstrings of the packages installed here, their categories the packages with most of
them. Each family is tuned by itself, once as `tuning/presets.py` adapts the search from 20,000 rows on, once with
these rules switched off; the model that would be exported is scored on rows that neither has seen.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

LEAST_WORDS = 5


def docstrings(site: Path, words: int, n_packages: int) -> pd.DataFrame:
    """Return the first words of every docstring below ``site`` that stands in one of the largest packages alone."""
    package_of: dict[str, str] = {}
    for package in sorted(folder for folder in site.iterdir() if (folder / "__init__.py").is_file()):
        for path in sorted(package.rglob("*.py")):
            for text in _texts_of(path, words):
                package_of[text] = package.name if package_of.get(text, package.name) == package.name else ""
    named = {text: name for text, name in package_of.items() if name}
    kept = {name for name, _ in Counter(named.values()).most_common(n_packages)}
    rows = [(text, name) for text, name in named.items() if name in kept]
    return pd.DataFrame(rows, columns=["text", "category"])


def _texts_of(path: Path, words: int) -> list[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (SyntaxError, ValueError, RecursionError):
        return []
    nodes = (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef)))
    found = [re.split(r"\s+", (ast.get_docstring(node) or "").strip())[:words] for node in nodes]
    return [" ".join(each) for each in found if len(each) >= LEAST_WORDS]


def chosen_model(data: Path, family: str, options: argparse.Namespace, *, adapts: bool) -> dict[str, Any]:
    """Return the model that a search would export, made by the fits that its choice reads alone, and the seconds."""
    from automl_text.experiment.prepare import prepare
    from automl_text.experiment.refit import RefitRequest, refit
    from automl_text.experiment.request import SearchRequest
    from automl_text.tuning import presets
    from automl_text.tuning.fitting import FitWork
    from automl_text.tuning.nested import Trial, choose_for

    large_rows = presets.LARGE_ROWS
    presets.LARGE_ROWS = large_rows if adapts else sys.maxsize
    began = time.perf_counter()
    try:
        plan = prepare(
            SearchRequest(data=data, families=(family,), references="none", preset=options.preset)
        ).plan
    finally:
        presets.LARGE_ROWS = large_rows
    planned, over_all = plan.families[0], plan.choosers[0]
    units = [
        plan.maker.unit(planned.family, split, params)
        for split in over_all.splits
        for params in planned.trials
    ]
    work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, n_repeats=len(plan.partitions))
    scores = iter(joblib.Parallel(n_jobs=options.jobs)(joblib.delayed(work)(unit) for unit in units))
    by_split = [(split, [next(scores) for _ in planned.trials]) for split in over_all.splits]
    trials = [
        Trial(number=number, params=params, fits={split: fits[number] for split, fits in by_split})
        for number, params in enumerate(planned.trials)
    ]
    choice = choose_for(over_all, trials, plan)
    chosen = trials[choice.trial_index]
    wanted = RefitRequest(
        family=family, params=chosen.params, steps=chosen.steps[choice.step_index], temperature=1.0, seed=0
    )
    model = refit(plan.dataset, wanted, lambda: "no")
    return {"seconds": time.perf_counter() - began, "trial": chosen.number, "model": model}


def compare(pool: pd.DataFrame, family: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one family on one sample."""
    from sklearn.metrics import f1_score

    shuffled = pool.sample(options.rows + options.held_out, random_state=seed)
    held_out = shuffled.iloc[options.rows :]
    row: dict[str, Any] = {"family": family, "seed": seed}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.csv"
        shuffled.iloc[: options.rows].to_csv(data, index=False)
        for name, adapts in (("adapted", True), ("uncapped", False)):
            found = chosen_model(data, family, options, adapts=adapts)
            predicted = found["model"].predict(held_out["text"].tolist())
            row[f"{name}_seconds"] = round(found["seconds"], 1)
            row[f"{name}_trial"] = found["trial"]
            row[name] = round(float(f1_score(held_out["category"], predicted, average="macro")), 4)
    return {**row, "loss": round(row["uncapped"] - row["adapted"], 4)}


def main() -> None:
    """Print a row for each family and sample, and the mean loss."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pool", type=Path, nargs="?", help="CSV file with the columns text and category")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--held-out", type=int, default=5_000)
    parser.add_argument("--words", type=int, default=12, help="of each docstring")
    parser.add_argument("--packages", type=int, default=30)
    parser.add_argument("--families", default="linear,logreg,lightgbm")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pool = (
        pd.read_csv(options.pool, dtype=str, keep_default_na=False)
        if options.pool
        else docstrings(Path(np.__file__).parents[1], options.words, options.packages)
    )
    print(f"{len(pool):,} texts in {pool['category'].nunique()} categories", flush=True)
    rows = []
    for seed in range(options.seeds):
        for family in options.families.split(","):
            rows.append(compare(pool, family, seed, options))
            print(rows[-1], flush=True)
    print(pd.DataFrame(rows).to_string(index=False))
    print(f"mean loss {np.mean([row['loss'] for row in rows]):.4f}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
