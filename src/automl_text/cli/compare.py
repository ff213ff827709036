"""`automl-text compare`."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.options import Json, RunDir, Text
from automl_text.cli.output import OverwriteOutput, refuse_loss
from automl_text.cli.say import out, print_table
from automl_text.wording import counted

if TYPE_CHECKING:
    from automl_text.results.after import RunComparison, RunSide


def compare(
    run_dir: RunDir,
    others: Annotated[
        list[Path],
        typer.Argument(metavar="OTHER", help="Later runs, or files with a column of predictions."),
    ],
    text: Text = None,
    prediction: Annotated[
        str, typer.Option(metavar="COL", help="Column of the predictions, where OTHER is a file.")
    ] = "prediction",
    json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page too.")] = None,
    overwrite: OverwriteOutput = False,
) -> None:
    """Compare runs, or a run and anybody's predictions, on the texts that they share."""
    from automl_text.files import write_whole
    from automl_text.loop.baseline import judged_file
    from automl_text.loop.compare import compare_runs, comparison_page, judged_run

    if html is not None:
        refuse_loss([html], read=[each for each in others if each.is_file()], overwrite=overwrite)
    first = judged_run(run_dir)
    sides = [
        judged_file(str(other), first, text=tuple(text or ()), column=prediction)
        if other.is_file()
        else judged_run(other)
        for other in others
    ]
    found = [compare_runs(first, each) for each in sides]
    if html is not None:
        write_whole(html, comparison_page(found))
    if json:
        rows = [each.model_dump(mode="json") for each in found]
        typer.echo(json_module.dumps(rows, indent=1, ensure_ascii=False))
        return
    for number, comparison in enumerate(found):
        if number:
            out()
        _show(comparison)


def _show(found: RunComparison) -> None:
    heads = ("run", ">rows", ">expected", ">95 % interval", ">on shared rows")
    print_table(heads, [_side(found.before), _side(found.after)])
    out()
    out(f"macro-F1 {found.sentence}")
    left = [
        (found.n_relabelled, "has another label", "have another label"),
        (found.n_only_before, "is gone", "are gone"),
        (found.n_only_after, "is new", "are new"),
    ]
    said = [f"{counted(n, 'row')} {one if n == 1 else many}" for n, one, many in left if n]
    if said:
        out(f"not compared: {', '.join(said)}")
    for sentence in found.changed:
        out(f"changed  {sentence}")
    for change in found.classes:
        if change.verdict != "level":
            low, high = change.interval
            out(
                f"{change.verdict}  {change.label}: F1 {change.before:.2f} to {change.after:.2f} "
                f"({low:+.2f} to {high:+.2f})"
            )
    if all(change.verdict == "level" for change in found.classes):
        out("No category rose or fell by more than chance explains.")


def _side(side: RunSide) -> tuple[str, ...]:
    expected = "-" if side.expected_macro_f1 is None else f"{side.expected_macro_f1:.3f}"
    interval = f"{side.interval[0]:.3f}-{side.interval[1]:.3f}" if side.interval else "-"
    return (side.name, f"{side.n_rows:,}", expected, interval, f"{side.shared_macro_f1:.3f}")
