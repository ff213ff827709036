"""`automl-text suspects`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from automl_text.cli.options import DataMoved, Raw, RunDir
from automl_text.cli.output import OverwriteOutput, refuse_loss, write_table
from automl_text.cli.say import note, out, print_table
from automl_text.wording import counted, excerpt

_SHOWN = 10


def suspects(
    run_dir: RunDir,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="CSV to write, to be filled in.")
    ] = None,
    n: Annotated[
        int | None, typer.Option("-n", metavar="N", help="At most so many rows; a twentieth of all.")
    ] = None,
    data: DataMoved = None,
    raw: Raw = False,
    overwrite: OverwriteOutput = False,
) -> None:
    """List the rows whose label deserves a second look, worst first, as a table to fill in."""
    from automl_text.loop.review import COLUMNS, review_rows
    from automl_text.results.result import read_result

    config = read_result(run_dir).config
    if output is not None:
        refuse_loss([output], read=[data or Path(config.data)], overwrite=overwrite)
    found = review_rows(run_dir, data, most=n)
    if not found:
        out("No label is in doubt: no row is contradicted by its own text elsewhere or by all good families.")
        return
    if output is None:
        rows = [
            (str(each.line), each.label, each.suggestion, f"{each.probability:.2f}", excerpt(each.text, 80))
            for each in found[:_SHOWN]
        ]
        print_table((">line", "label", "suggestion", ">sure", "text"), rows)
        out(
            f"{counted(len(found), 'label')} in doubt. To fill them in: automl-text suspects {run_dir} -o review.csv"
        )
        return
    write_table(output, COLUMNS, (each.cells for each in found), raw=raw)
    out(f"{counted(len(found), 'label')} in doubt, the worst first, in {output}")
    if not config.show_text and data is None:
        note(
            "the run was told to show no texts: find the rows by their line, or name the data with --data FILE."
        )
    out("Write the right label into the column corrected where one is wrong, leave it empty elsewhere, then:")
    out(f"  automl-text search {data or config.data} --fixes {output}")
