"""The whole quick search as a user runs it, held against the rows not drawn."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import joblib

from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search
from honesty_pool import score_on
from silent import Silent

if TYPE_CHECKING:
    from automl_text.data.dataset import Dataset
    from automl_text.results import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A promise and what came of it; ``name`` is a family or "procedure"."""

    name: str
    macro_f1: float
    expected: float
    interval: Interval
    truth: float


def full_figure(sample: Dataset, rest: Dataset, families: tuple[str, ...], seed: int) -> Figure:
    """Return what the quick search promised of its exported model, and what that model does."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "sample.csv"
        with data.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["text", "label"])
            writer.writerows(
                (text, sample.classes[code]) for text, code in zip(sample.texts, sample.codes, strict=True)
            )
        request = SearchRequest(
            data=data,
            text=("text",),
            label="label",
            preset="quick",
            families=families,
            seed=seed,
            references="none",
            output=Path(folder) / "run",
        )
        output = run_search(request, Silent())
        whole = output.result.procedure
        if whole.macro_f1 is None or whole.expected_macro_f1 is None or whole.interval is None:
            raise ValueError(whole.interval_reason or output.result.verdict.headline)
        model = joblib.load(output.folder / "best_model.pkl")
        truth = score_on(model, rest, sample.measurable)
    return Figure(
        name="procedure",
        macro_f1=whole.macro_f1,
        expected=whole.expected_macro_f1,
        interval=whole.interval,
        truth=truth,
    )
