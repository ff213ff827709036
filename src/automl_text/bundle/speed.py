"""What an exported model costs to use: a process of its own loads it and labels texts, once cold and once warm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from automl_text.bundle.load import load_bundle
from automl_text.results import Speed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_TEXTS = 1000
PATIENCE = 120.0
"""Seconds after which the model counts as not measured."""

_ALONE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
_PROGRAM = f"from {__name__} import main; main()"


def measure_speed(files: Mapping[str, bytes], model: str, texts: Sequence[str]) -> Speed | None:
    """Return what the model costs on one core of this machine; None where that cannot be told.

    Parameters
    ----------
    files : mapping of str to bytes
        The model and what stands beside it, by file name.
    model : str
        Which of them is the model.
    texts : sequence of str
        What it labels, at most `MOST_TEXTS` of them.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                (Path(folder) / name).write_bytes(content)
            done = subprocess.run(  # noqa: S603  (our own interpreter on our own module)
                [sys.executable, "-P", "-c", _PROGRAM, str(Path(folder) / model)],
                input=json.dumps(list(texts[:MOST_TEXTS])),
                capture_output=True,
                text=True,
                encoding="utf-8",
                env={**os.environ, **_ALONE, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                timeout=PATIENCE,
                check=True,
            )
        return Speed.model_validate_json(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, IndexError, ValidationError):
        return None


def main() -> None:
    """Load the model that the command line names, label the texts of standard input, and print what it cost."""
    began = time.monotonic()
    import resource

    texts = json.load(sys.stdin)
    estimator = load_bundle(sys.argv[1], warn=lambda _: None).estimator
    estimator.predict_proba(texts[:1])
    loaded = time.monotonic()
    estimator.predict_proba(texts)
    seconds = max(time.monotonic() - loaded, 1e-6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    speed = Speed(
        cold_seconds=round(loaded - began, 2),
        texts_per_second=round(len(texts) / seconds, 1),
        megabytes=round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)),
        n_texts=len(texts),
    )
    sys.stdout.write(f"{speed.model_dump_json()}\n")
