"""How much faster than a notebook: the same families, trials and splits, as a competent user would write them.

    python benchmarks/notebook.py DATA [--families logreg,linear,lightgbm,lstm] [--preset standard] [--jobs 2]
        [--share 1] [--run FOLDER] [--json FILE]

Searches DATA anew (wall time from the start of the command to its end, report included), then fits every trial on every
split of its journal again in a clean process (`notebook_fits.py`): a scikit-learn Pipeline with sparse float32 TF-IDF
for each fit, joblib over both cores with one thread each, LightGBM and ``keras.Model.fit`` with early stopping on a
tenth of the training rows. Neither side prunes. ``--share N`` fits every Nth unit of each family and multiplies their
time (loading libraries is counted once). Macro-F1 is that of all fits' predictions pooled: ours after the last epoch or
round, on the same rows. The bound is what our fits take, spread evenly over the cores with nothing before, between or
after them: no ratio is higher.
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

import numpy as np

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
FAMILIES = ("logreg", "linear", "lightgbm", "lstm")
Fit = dict[str, Any]  # a line of the journal, with rows in place of parts


def journalled(request: Any, share: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return every ``share``-th fit of a run as rows and trial; by family, their number and what ours predicted."""
    from automl_text.data.dataset import Split
    from automl_text.data.splitting import split_rows
    from automl_text.engine.journal import outcome_of
    from automl_text.experiment.prepare import prepare

    plan = prepare(request).plan
    data = plan.dataset
    fits: dict[str, list[Fit]] = {}
    ours: dict[str, Any] = {}
    records = map(json.loads, (request.output / "journal.jsonl").read_text().splitlines()[1:])
    done = sorted(
        (record for record in records if record["status"] == "done"), key=lambda record: record["key"]
    )
    for record in done:
        known = ours.setdefault(record["family"], {"n": 0, "seconds": 0.0, "predicted": []})
        known["n"] += 1
        known["seconds"] += record["seconds"]
        if (known["n"] - 1) % share or record["family"] not in FAMILIES:
            continue
        of = record["split"]
        split = Split(
            partition=of["partition"],
            train=tuple(of["train"]),
            test=tuple(of["test"]),
            fraction=of["fraction"],
        )
        train, test = split_rows(split, plan.all_partitions, data.codes, data.groups, request.seed)
        fit = {"params": record["params"], "train": train.tolist(), "test": test.tolist()}
        fits.setdefault(record["family"], []).append(fit)
        scores = outcome_of(json.dumps(record).encode()).scores
        known["predicted"].append(scores.logits[-1].argmax(axis=1) if scores else None)
    jobs = {"texts": list(data.texts), "codes": data.codes.tolist(), "fits": fits}
    return jobs, {family: ours[family] for family in fits}


def macro_f1(codes: Any, fits: list[Fit], predicted: list[Any]) -> float:
    """Return macro-F1 of all predictions pooled."""
    from sklearn.metrics import f1_score

    truth = np.concatenate([codes[fit["test"]] for fit in fits])
    return float(f1_score(truth, np.concatenate(predicted), average="macro", zero_division=0))


def search_seconds(options: argparse.Namespace, folder: Path) -> float:
    """Search in a process of its own and return its wall time."""
    command = [
        sys.executable,
        "-m",
        "automl_text",
        "search",
        str(options.data),
        "--families",
        options.families,
    ]
    command += ["--preset", options.preset, "--references", "none", "--jobs", str(options.jobs), "--quiet"]
    command += ["--output", str(folder)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return time.perf_counter() - started


def compare(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Search, or take the finished search in ``--run``, fit again as a notebook does, and return the figures."""
    from automl_text.experiment.request import SearchRequest
    from automl_text.results.result import read_result

    run = options.run or folder / "run"
    ours_seconds = read_result(run).timing.total_seconds if options.run else search_seconds(options, run)
    families = tuple(options.families.split(","))
    request = SearchRequest(
        data=options.data, families=families, preset=options.preset, references="none", output=run
    )
    jobs, ours = journalled(request, options.share)
    jobs_file = folder / "jobs.json"
    jobs_file.write_text(json.dumps({**jobs, "n_jobs": options.jobs}))
    command = [sys.executable, str(Path(__file__).with_name("notebook_fits.py")), str(jobs_file)]
    environment = {**os.environ, **ONE_THREAD, **QUIET}
    replayed = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)  # noqa: S603
    codes, rows = np.array(jobs["codes"]), []
    for family, fits in jobs["fits"].items():
        theirs, scale = replayed[family], ours[family]["n"] / len(fits)
        rows.append(
            {
                "family": family,
                "fits": ours[family]["n"],
                "replayed": len(fits),
                "ours_seconds": round(ours[family]["seconds"], 1),
                "notebook_seconds": round(theirs["load_seconds"] + theirs["fit_seconds"] * scale, 1),
                "macro_f1_ours": round(macro_f1(codes, fits, ours[family]["predicted"]), 3),
                "macro_f1_notebook": round(macro_f1(codes, fits, theirs["predicted"]), 3),
            }
        )
    total = sum(row["notebook_seconds"] for row in rows)
    bound = sum(each["seconds"] for each in ours.values()) / options.jobs
    return {
        "families": rows,
        "ours_seconds": round(ours_seconds, 1),
        "bound_seconds": round(bound, 1),
        "highest_ratio": round(total / bound, 2),
        "notebook_seconds": round(total, 1),
        "ratio": round(total / ours_seconds, 2),
    }


def main() -> None:
    """Print a row for each family, and the ratio of the wall times."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--share", type=int, default=1, help="fit every Nth unit of each family")
    parser.add_argument(
        "--run", type=Path, help="a finished run of the same options, in place of a new search"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = compare(options, Path(folder))
    for row in result["families"]:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if options.share > 1:
        print(f"one of {options.share} fits of each family was made; seconds are scaled to all of them")
    print(
        f"ours {result['ours_seconds']} s, notebook {result['notebook_seconds']} s, ratio {result['ratio']}"
    )
    print(
        f"bound: our fits alone, evenly on {options.jobs} cores, take {result['bound_seconds']} s: ratio at most "
        f"{result['highest_ratio']}; the rest of ours is starting, reading, the verdict, the refit and the report"
    )
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
