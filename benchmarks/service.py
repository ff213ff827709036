"""What one model file costs in a service: seconds to load, memory, milliseconds per text."""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

TEXT = (
    "Hello, my parcel was to arrive on Monday and has not come yet. Where is it, please? The order is 48113."
)
BATCH = 1000
N_SINGLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds are those of one core, whatever else the machine does; memory is read as Linux counts it."""

    file_mb: float
    load_seconds: float
    memory_mb: float
    ms_one_text: float
    ms_per_text_of_1000: float


def measure(path: Path) -> Cost:
    """Load the model and predict single texts and a batch, with a number in each so that no two are equal."""
    began = time.process_time()
    import joblib

    model = joblib.load(path)
    model.predict_proba([TEXT])  # what it imports late
    loaded = time.process_time()
    for number in range(N_SINGLE):
        model.predict_proba([f"{TEXT} {number}"])
    single = time.process_time()
    model.predict_proba([f"{TEXT} {number}" for number in range(BATCH)])
    batch = time.process_time()
    return Cost(
        file_mb=path.stat().st_size / 1e6,
        load_seconds=loaded - began,
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        ms_one_text=(single - loaded) / N_SINGLE * 1000,
        ms_per_text_of_1000=(batch - single) / BATCH * 1000,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    cost = asdict(measure(arguments.model))
    for name, value in cost.items():
        print(f"{name.replace('_', ' '):22} {value:10.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(cost, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
