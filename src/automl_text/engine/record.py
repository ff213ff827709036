"""One outcome as a record of plain JSON and back, exactly: floats by their shortest digits, arrays as base64."""

from __future__ import annotations

import base64
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.engine.unit import Outcome
from automl_text.families.contract import Scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.engine.unit import Unit

DAMAGE = (ValueError, KeyError, TypeError, AttributeError, zlib.error)
"""What reading a damaged record may raise."""

_FAST = 1  # logits hardly compress: level 9 takes 4 times as long for 1 % less


def record_of(unit: Unit, outcome: Outcome) -> dict[str, Any]:
    """Return what the journal writes: the fields a person looks for first, the arrays last."""
    scores = outcome.scores
    return {
        "key": outcome.key,
        "status": outcome.status,
        "reason": outcome.reason,
        "is_final": outcome.is_final,
        "family": unit.family,
        "params": unit.params,
        "split": asdict(unit.split),
        "seconds": round(scores.fit_seconds + scores.predict_seconds, 3) if scores else None,
        "scores": _plain(scores) if scores else None,
    }


def outcome_of(record: dict[str, Any]) -> Outcome:
    """Return the outcome that `record_of` has written.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, zlib.error
        If the record is damaged.
    """
    scores = record["scores"]
    return Outcome(
        key=record["key"],
        status=record["status"],
        reason=record["reason"],
        is_final=record["is_final"],
        scores=_scores(scores) if scores else None,
    )


def _plain(scores: Scores) -> dict[str, Any]:
    logits = np.ascontiguousarray(scores.logits, dtype="<f4")
    return {
        "steps": [int(step) for step in scores.steps],
        "training": {name: [float(value) for value in curve] for name, curve in scores.training.items()},
        "notes": list(scores.notes),
        "n_parameters": int(scores.n_parameters),
        "fit_seconds": float(scores.fit_seconds),
        "predict_seconds": float(scores.predict_seconds),
        "shape": list(logits.shape),
        "logits": base64.b64encode(zlib.compress(logits.tobytes(), _FAST)).decode(),
    }


def _scores(plain: dict[str, Any]) -> Scores:
    raw = zlib.decompress(base64.b64decode(plain["logits"], validate=True))
    logits: NDArray[np.float32] = np.frombuffer(raw, dtype="<f4").reshape(plain["shape"])
    return Scores(
        steps=tuple(plain["steps"]),
        logits=logits,
        training={name: tuple(curve) for name, curve in plain["training"].items()},
        notes=tuple(plain["notes"]),
        n_parameters=plain["n_parameters"],
        fit_seconds=plain["fit_seconds"],
        predict_seconds=plain["predict_seconds"],
    )
