"""`automl-text predict`."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.explain import near
from automl_text.cli.options import DataMoved, Model, Raw, Text, share, spelt_out
from automl_text.cli.output import OverwriteOutput, refuse_loss
from automl_text.cli.say import console, note, warn
from automl_text.files import ReadAs
from automl_text.wording import counted, rows_are, rows_have

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from automl_text.bundle.load import LoadChecks
    from automl_text.bundle.predict import PredictSummary


_STDOUT = "-"


@spelt_out
def predict(
    model: Model,
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="CSV, TSV, JSON, Parquet or Excel; - for standard input.")
    ],
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - for standard output.")
    ] = _STDOUT,
    overwrite: OverwriteOutput = False,
    text: Text = None,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Add a column for the probability of each label.")
    ] = False,
    min_confidence: Annotated[
        float, typer.Option(metavar="X", help="Leave rows below this confidence (0..1) for a human.")
    ] = 0.0,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add a column with what decided each prediction.")
    ] = False,
    data_moved: DataMoved = None,
    read_as: ReadAs,
    raw: Raw = False,
    checks: LoadChecks,
) -> None:
    """Add the columns prediction and confidence to a file of any size."""
    from automl_text.bundle.load import load_bundle
    from automl_text.bundle.predict import PredictOptions, predict_file
    from automl_text.loop.reasons import because

    confidence = share("--min-confidence", min_confidence)
    if output != _STDOUT:
        refuse_loss([Path(output)], read=[Path(data), model, model / "best_model.pkl"], overwrite=overwrite)
    loaded = load_bundle(model, checks, warn=warn)
    options = PredictOptions(
        text=tuple(text or ()),
        probabilities=probabilities,
        min_confidence=confidence,
        read_as=read_as,
        raw=raw,
        explain=partial(because, loaded.estimator, near(model, loaded.estimator, data_moved))
        if explain
        else None,
    )
    with _progress() as on_rows:
        summary = predict_file(loaded, data, output, options, on_rows=on_rows)
    _report(summary, output, min_confidence)


@contextmanager
def _progress() -> Iterator[Callable[[int, float | None], None] | None]:
    """Show a bar on a terminal, nothing elsewhere."""
    screen = console(is_error=True)
    if not screen.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("predicting"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=None, rows=0)

        def on_rows(n_rows: int, done: float | None) -> None:
            progress.update(task, total=None if done is None else 1.0, completed=done or 0.0, rows=n_rows)

        yield on_rows


def _report(summary: PredictSummary, output: str, min_confidence: float) -> None:
    """Say on stderr what was done; standard output may be the predictions."""
    from automl_text.bundle.predict import DOUBTFUL

    for finding in summary.findings:
        lines = f" (lines {finding.first_lines})" if finding.lines else ""
        warn(f"{finding.message}{lines}. {finding.remedy}.")
    note(f"{counted(summary.n_rows, 'row')} read and predicted, written to {_place(output)}.")
    if summary.n_empty:
        their = "its" if summary.n_empty == 1 else "their"
        note(f"{rows_have(summary.n_empty)} no text; {their} prediction rests on how frequent each label is.")
    if min_confidence > 0:
        _report_left(summary, min_confidence)
    elif summary.n_doubtful:
        note(
            f"{rows_are(summary.n_doubtful)} below a confidence of {DOUBTFUL:g} and more likely wrong than right: "
            f"--min-confidence {DOUBTFUL:g} leaves such rows for a human."
        )
    if summary.n_unlike:
        note(
            f"{rows_are(summary.n_unlike)} unlike the training texts, of which 1 in 20 would be marked so: see the "
            "column unlike_training."
        )
    if summary.n_guarded:
        cells = "cell begins" if summary.n_guarded == 1 else "cells begin"
        note(f"{summary.n_guarded:,} {cells} like a formula and got a leading '. --raw leaves it out.")


def _place(output: str) -> str:
    if output == _STDOUT:
        return "standard output exactly; -o FILE.csv guards cells that a spreadsheet would run"
    return output


def _report_left(summary: PredictSummary, min_confidence: float) -> None:
    share_left = summary.n_left / max(summary.n_rows, 1)
    are = "is" if summary.n_left == 1 else "are"
    unlike = ", or unlike the training texts," if summary.n_unlike else ""
    left = f"{counted(summary.n_left, 'row')} ({share_left:.0%}) {are} below {min_confidence:g}"
    note(f"{left}{unlike} and left for a human.")
    row = summary.expected
    if row is not None and row.error is not None:
        note(
            f"At {row.threshold:g} the search saw {1 - row.coverage:.0%} left for a human and an error of "
            f"{row.error:.1%} in the others."
        )
