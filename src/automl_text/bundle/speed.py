"""What an exported model costs to use: a process of its own loads it and labels texts, once cold and once warm."""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.bundle.load import load_bundle
from automl_text.engine.alone import HaltedError, run_alone
from automl_text.engine.halt import never
from automl_text.errors import RunError
from automl_text.results import Speed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from automl_text.engine.halt import Halt
    from automl_text.families.contract import Rows

_MOST_TEXTS = 200
_PATIENCE = 120.0
"""Seconds after which the model counts as not measured."""


def measure_speed(
    files: Mapping[str, bytes], model: str, texts: Rows, halt: Callable[[], Halt] = never
) -> Speed:
    """Return what the model costs on one core of this machine.

    Parameters
    ----------
    files : mapping of str to bytes
        The model and what stands beside it, by file name.
    model : str
        Which of them is the model.
    texts : sequence of str or DataFrame
        What it labels, at most `_MOST_TEXTS` of them.
    halt : callable () -> Halt
        Says "now" where nobody wants to wait for it.

    Raises
    ------
    RunError
        If that cannot be told, with the reason: no search ends for a figure beside the model.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                (Path(folder) / name).write_bytes(content)
            measured = partial(_measured, str(Path(folder) / model), texts[:_MOST_TEXTS])
            return run_alone(measured, halt, seconds=_PATIENCE)
    except HaltedError as error:
        raise RunError("somebody waited for the end") from error
    except Exception as error:  # whatever is wrong with it
        raise RunError(f"{type(error).__name__}: {error}".splitlines()[0]) from error


def _measured(path: str, texts: Rows) -> Speed:
    """Load the model, label the texts, and return what it cost this process."""
    import resource

    began = time.monotonic()
    estimator = load_bundle(path, warn=lambda _: None).estimator
    estimator.predict_proba(texts[:1])
    loaded = time.monotonic()
    estimator.predict_proba(texts)
    seconds = max(time.monotonic() - loaded, 1e-6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Speed(
        cold_seconds=round(loaded - began, 2),
        texts_per_second=round(len(texts) / seconds, 1),
        megabytes=round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)),
        n_texts=len(texts),
    )
