"""`automl-text evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.options import Json, Label, Model, Text, spelt_out
from automl_text.cli.say import out, print_table, warn
from automl_text.files import ReadAs
from automl_text.wording import counted

if TYPE_CHECKING:
    from automl_text.bundle.load import LoadChecks
    from automl_text.results.model import Holdout

_GREY = " *"


@spelt_out
def evaluate(
    model: Model,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A labelled file the model has not seen.")],
    *,
    text: Text = None,
    label: Label = None,
    json: Json = False,
    read_as: ReadAs,
    checks: LoadChecks,
) -> None:
    """Judge a model on a labelled file, and hold the figure against what the report promised."""
    from automl_text.bundle.evaluate import EvaluateOptions, evaluate_file
    from automl_text.bundle.load import load_bundle

    loaded = load_bundle(model, checks, warn=warn)
    options = EvaluateOptions(text=tuple(text or ()), label=label, read_as=read_as)
    holdout = evaluate_file(loaded, str(data), options)
    if holdout.n_training_rows == holdout.n_rows:
        warn(
            f"no row of {holdout.file_name} is new: the model was trained on all of them. These figures show what it "
            "remembers, not how good it is on new texts."
        )
    if json:
        typer.echo(holdout.model_dump_json(indent=1))
    else:
        _show(holdout)


def _show(holdout: Holdout) -> None:
    rows = [
        (
            score.label,
            f"{score.support:,}{_GREY if score.is_grey else ''}",
            f"{score.precision:.2f}",
            f"{score.recall:.2f}",
            f"{score.f1:.2f}",
            _span(score.interval),
        )
        for score in holdout.per_class
    ]
    print_table(("label", ">rows", ">precision", ">recall", ">F1", ">95 % interval"), rows)
    if any(score.is_grey for score in holdout.per_class):
        out(f"{_GREY.strip()} so few rows that the figures beside them are little more than a guess")
    out()
    out(
        f"macro-F1 {holdout.macro_f1:.3f} (95 % interval {_span(holdout.interval)}) on "
        f"{counted(holdout.n_rows, 'row')} of {holdout.file_name}"
    )
    out(f"accuracy {holdout.accuracy:.3f}, balanced accuracy {holdout.balanced_accuracy:.3f}")
    out(
        f"by chance: {holdout.chance_random:.3f} at random, {holdout.chance_shares:.3f} from the label shares alone"
    )
    if holdout.n_left_out:
        have = "has no label and was" if holdout.n_left_out == 1 else "have no label and were"
        out(f"{counted(holdout.n_left_out, 'row')} {have} left out")
    if holdout.n_training_rows:
        were = "was a training row" if holdout.n_training_rows == 1 else "were training rows"
        out(
            f"{counted(holdout.n_training_rows, 'row')} {were}: the figure above is too good by what they add"
        )
    for unseen in holdout.unseen_labels:
        hint = f"; probably it is {unseen.meant!r}: write it so in the file" if unseen.meant else ""
        n_rows = counted(unseen.n_rows, "row")
        out(f"label {unseen.label!r} ({n_rows}) was not in training: the model can never name it{hint}")
    out(holdout.promise.sentence)


def _span(interval: tuple[float, float] | None) -> str:
    return f"{interval[0]:.2f}-{interval[1]:.2f}" if interval else ""
