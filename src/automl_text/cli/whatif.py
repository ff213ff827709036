"""`automl-text whatif`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from automl_text.cli.options import Json, Raw, RunDir
from automl_text.cli.output import OverwriteOutput, refuse_loss, write_table
from automl_text.cli.say import out
from automl_text.errors import InputError


def whatif(
    run_dir: RunDir,
    merge: Annotated[
        list[str] | None, typer.Option(metavar="a,b", help="Categories to make one of; may be repeated.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="c", help="Category to do without; may be repeated.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the merge for search --fixes."),
    ] = None,
    json: Json = False,
    raw: Raw = False,
    overwrite: OverwriteOutput = False,
) -> None:
    """Say at once what merging or dropping categories would do to the figure."""
    from automl_text.loop.whatif import TOGETHER, merged_rows, what_if
    from automl_text.results.result import read_result

    groups = [
        tuple(name.strip() for name in next(csv.reader([names], skipinitialspace=True), []) if name.strip())
        for names in merge or ()
    ]
    if not all(groups):
        raise InputError("--merge names no category. Write --merge a,b.")
    if output is not None and (drop or not groups):
        raise InputError(
            "-o writes what --merge changes; rows of a dropped category have to be left out of the file."
        )
    if output is not None:
        refuse_loss([output], read=[], overwrite=overwrite)
    found = what_if(run_dir, groups, drop or ())
    if json:
        typer.echo(found.model_dump_json(indent=1))
        return
    out(found.sentence)
    for names, f1 in zip(groups, found.merged_f1, strict=True):
        out(f"F1 of {TOGETHER.join(names)}: {f1:.2f}")
    data = read_result(run_dir).config.data
    if output is None:
        hint = " ".join(f"--merge {','.join(names)}" for names in groups)
        if groups and not drop:
            out(f"To search with it: automl-text whatif {run_dir} {hint} -o merge.csv")
        return
    write_table(output, ("line", "label", "corrected", "digest"), merged_rows(run_dir, groups), raw=raw)
    out(f"To search with it: automl-text search {data} --fixes {output}")
