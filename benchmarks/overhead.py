"""What a run costs beside its fits: the same fits again, each as the plain script that the report prints.

    python benchmarks/overhead.py DATA [--families logreg,linear,lightgbm] [--preset standard] [--jobs 2] [--json FILE]

Searches DATA, then replays the journal's list of rows and parameters in a clean process with one thread: scikit-learn
and LightGBM alone, nothing shared between fits. Printed is wall time x workers of the search's fitting stage over the
replay's time: 1 means that sharing features pays for everything that surrounds the fits.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from silent import Silent

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Stopwatch(Silent):
    """An observer that times the fitting stage."""

    def __init__(self) -> None:
        self.began, self.ended = 0.0, 0.0

    def stage(self, name: str, detail: str = "") -> None:  # noqa: ARG002
        if name == "search":
            self.began = time.perf_counter()
        if name == "verdict":
            self.ended = time.perf_counter()


def replay(jobs_file: Path) -> None:
    """Run every script of ``jobs_file`` and print the seconds that they took."""
    import numpy as np
    import pandas as pd

    jobs = json.loads(jobs_file.read_text())
    data = pd.DataFrame({"text": jobs["texts"], "category": jobs["labels"]})
    rows_file = jobs_file.with_name("rows.csv")
    seconds = 0.0
    for job in jobs["fits"]:
        data.iloc[job["train"]].to_csv(rows_file, index=False)
        test = data["text"].iloc[job["test"]]
        code = compile(job["script"].replace("ROWS.csv", str(rows_file)), "script", "exec")
        started = time.perf_counter()
        names: dict[str, Any] = {}
        exec(code, names)  # noqa: S102  (printed by this package)
        names["predict_proba"](np.array(test, dtype=object))
        seconds += time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "n_fits": len(jobs["fits"])}))


def jobs_of(request: Any, journal: Path) -> dict[str, Any]:
    """Return texts, labels, and for each journalled fit its rows and its script."""
    from automl_text.data.dataset import Split
    from automl_text.data.splitting import split_rows
    from automl_text.experiment.prepare import prepare
    from automl_text.families.plain_code import ScriptInput, plain_code
    from automl_text.families.registry import load_family
    from automl_text.tuning.space import settings_of

    plan = prepare(request).plan
    data = plan.dataset
    given = ScriptInput(
        file_name="ROWS.csv",
        text_columns=("text",),
        label_column="category",
        seed=0,
        steps=0,
        temperature=1.0,
    )
    fits = []
    for line in journal.read_text().splitlines()[1:]:
        record = json.loads(line)
        if record["status"] != "done":
            continue
        split = Split(
            partition=record["split"]["partition"],
            train=tuple(record["split"]["train"]),
            test=tuple(record["split"]["test"]),
            fraction=record["split"]["fraction"],
        )
        train, test = split_rows(split, plan.all_partitions, data.codes, data.groups, request.seed)
        steps = record["scores"]["steps"][-1]
        settings = settings_of(load_family(record["family"]), record["params"])
        script = plain_code(settings, ScriptInput(**{**_fields(given), "steps": steps}))
        fits.append({"train": train.tolist(), "test": test.tolist(), "script": script})
    labels = [data.classes[code] for code in data.codes]
    return {"texts": list(data.texts), "labels": labels, "fits": fits}


def _fields(given: Any) -> dict[str, Any]:
    return {name: getattr(given, name) for name in given.__slots__}


def main() -> None:
    """Search, replay, and print the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--families", default="logreg,linear,lightgbm")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    from automl_text.experiment.request import SearchRequest
    from automl_text.experiment.run import run_search

    with tempfile.TemporaryDirectory() as folder:
        request = SearchRequest(
            data=options.data,
            families=tuple(options.families.split(",")),
            preset=options.preset,
            references="none",
            jobs=options.jobs,
            output=Path(folder) / "run",
        )
        watch = Stopwatch()
        run_search(request, watch)
        jobs_file = Path(folder) / "jobs.json"
        jobs_file.write_text(json.dumps(jobs_of(request, Path(folder) / "run" / "journal.jsonl")))
        command = [sys.executable, __file__, "--replay", str(jobs_file)]
        done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **ONE_THREAD})  # noqa: S603
    replayed = json.loads(done.stdout)
    wall = watch.ended - watch.began
    result = {
        "fits": replayed["n_fits"],
        "search_wall_seconds": round(wall, 1),
        "workers": options.jobs,
        "replay_seconds": round(replayed["seconds"], 1),
        "ratio": round(wall * options.jobs / replayed["seconds"], 3),
    }
    for name, value in result.items():
        print(f"{name:22} {value}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--replay"]:
        replay(Path(sys.argv[2]))
    else:
        main()
