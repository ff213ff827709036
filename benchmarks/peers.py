"""Other tools on the same files in the same time: what they deliver, what they report, what they take.

    python benchmarks/peers.py TRAIN TEST [--time 120] [--cores 1] [--peers flaml,mljar,autogluon]
        [--python PATH | --python flaml=PATH]... [--make FOLDER] [--encoder none|bundled|DIR]... [--json FILE]

Files need the columns text and category. Each tool runs in a process of the Python that ``--python`` names for it, by
default this one, and is left out where it is not installed. ``--make`` gives each one a virtual environment of that
Python in FOLDER; what cannot be installed is listed with pip's message. We run once for each ``--encoder``. Macro-F1
is over the categories of TEST. The score reported is the tool's own for what it chose; ours is what a search expects of
new texts.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.metrics import f1_score

from growth import memory_of_tree
from peers_fit import NOT_INSTALLED, PEERS

OURS = "automl-text"
PACKAGES = {
    "flaml": "flaml[automl]==2.7.*",
    "mljar": "mljar-supervised==1.3.*",
    "autogluon": "autogluon.tabular[catboost,lightgbm,xgboost]==1.6.*",
    "autointent": "autointent[sentence-transformers]==0.4.*",
    "openautonlu": "open-autonlu==1.0.*",
}
"""What ``--make`` installs for each tool."""


def measured(command: list[str], log: Path) -> dict[str, Any]:
    """Run a command beside ``log``; return its exit code, wall and CPU seconds, and its processes' peak memory."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent)  # noqa: S603
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory_of_tree(process.pid))
        time.sleep(0.5)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "exit": process.returncode,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_gib": round(peak / 2**30, 2),
    }


def make_environment(peer: str, folder: Path, base: str) -> str:
    """Make the tool's virtual environment of a Python, if there is none; return what pip said if it failed."""
    python = folder / peer / "bin" / "python"
    if not python.exists():
        subprocess.run([base, "-m", "venv", str(folder / peer)], check=True)  # noqa: S603
    command = [str(python), "-m", "pip", "install", "--quiet", "pandas", PACKAGES[peer]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    said = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
    return " ".join(said[:2]) or f"pip ended with {done.returncode}" if done.returncode else ""


def peer_row(peer: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return the figures of one other tool."""
    if options.make:
        base = options.pythons.get(peer, options.pythons[""])
        if why := make_environment(peer, options.make, base):
            return {"tool": peer, "note": f"not installed: {why}"}
        options.pythons[peer] = str(options.make / peer / "bin" / "python")
    out, script = folder / f"{peer}.json", Path(__file__).resolve().with_name("peers_fit.py")
    command = [options.pythons.get(peer, options.pythons[""]), str(script), peer]
    command += [str(options.train), str(options.test), str(options.time), str(options.cores), str(out)]
    figures = measured(command, folder / f"{peer}.log")
    if figures["exit"] == NOT_INSTALLED:
        return {"tool": peer, "note": "not installed"}
    if figures["exit"]:
        last = (folder / f"{peer}.log").read_text(errors="replace").strip().splitlines()[-1:]
        return {"tool": peer, **figures, "note": "failed: " + "".join(last)}
    answer = json.loads(out.read_text())
    return {"tool": peer, **figures, **scores(options.test, answer["predicted"], answer["reported"])}


def our_row(options: argparse.Namespace, folder: Path, encoder: str) -> dict[str, Any]:
    """Return our own figures: one search within the time, its model on TEST."""
    from automl_text.bundle.load import load_bundle
    from automl_text.results.result import read_result

    run = folder / f"run-{Path(encoder).name}"
    command = [sys.executable, "-m", "automl_text", "search", str(options.train)]
    command += ["--text", "text", "--label", "category"]
    command += ["--time-budget", f"{options.time:g}s", "--jobs", str(options.cores), "--references", "none"]
    command += ["--encoder", encoder]
    figures = measured([*command, "--output", str(run)], folder / "ours.log")
    result = read_result(run)
    expected = next(row.expected_macro_f1 for row in result.leaderboard if row.family == result.recommended)
    texts = pd.read_csv(options.test, dtype=str, keep_default_na=False)["text"].tolist()
    predicted = list(load_bundle(run / "best_model.pkl").estimator.predict(texts))
    note = f"recommended {result.recommended}"
    return {
        "tool": f"{OURS}, encoder {Path(encoder).name}",
        **figures,
        **scores(options.test, predicted, expected),
        "note": note,
    }


def scores(test: Path, predicted: list[str], reported: float | None) -> dict[str, Any]:
    """Return macro-F1 on the test file beside what was reported."""
    labels = pd.read_csv(test, dtype=str, keep_default_na=False)["category"]
    held_out = f1_score(labels, predicted, labels=sorted(set(labels)), average="macro", zero_division=0)
    known = float("nan") if reported is None else reported
    return {"held_out": held_out, "reported": known, "reported_minus_held_out": known - held_out}


def pythons(given: list[str]) -> dict[str, str]:
    """Return tool to interpreter; the empty name stands for all that are not named."""
    found = {"": sys.executable}
    for each in given:
        name, equals, path = each.partition("=")
        found[name if equals else ""] = path if equals else name
    return found


def main() -> None:
    """Print a row for each tool."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--time", type=float, default=120, help="seconds for each tool")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--make", type=Path)
    parser.add_argument("--encoder", action="append", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.pythons = pythons(options.python)
    options.train, options.test = (
        options.train.resolve(),
        options.test.resolve(),
    )  # tools run in a folder of their own
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for encoder in options.encoder or ["none", "bundled"]:
            rows.append(our_row(options, Path(folder), encoder))
            print(rows[-1], flush=True)
        for peer in options.peers.split(","):
            rows.append(peer_row(peer, options, Path(folder)))
            print(rows[-1], flush=True)
    print(pd.DataFrame(rows).drop(columns="exit").to_string(index=False, float_format="%.3f", na_rep=""))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
