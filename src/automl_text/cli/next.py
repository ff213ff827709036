"""`automl-text next`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from automl_text.cli.options import OnlySafe, Raw, RunDir, one_of
from automl_text.cli.output import OverwriteOutput, refuse_loss, write_table
from automl_text.cli.say import note, out, warn
from automl_text.wording import counted

if TYPE_CHECKING:
    from automl_text.tables.csv_guard import Cell


def next_to_label(
    run_dir: RunDir,
    pool: Annotated[Path, typer.Argument(metavar="POOL", help="A file of texts without a label.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="CSV to write, to be filled in.")
    ],
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many texts.")] = 50,
    strategy: Annotated[
        str,
        typer.Option(metavar="unsure|mixed|random", help="What counts; docs/how-to/improve.md measures it."),
    ] = "unsure",
    seed: Annotated[int, typer.Option(metavar="N", help="Of the random strategy.")] = 0,
    raw: Raw = False,
    overwrite: OverwriteOutput = False,
    only_safe: OnlySafe = False,
) -> None:
    """Pick the unlabelled texts whose label would help most, as a table to fill in."""
    from automl_text.bundle.load import LoadChecks, load_bundle
    from automl_text.loop.label_next import STRATEGIES, PickOptions, Strategy, label_next
    from automl_text.results.result import read_result

    chosen = cast("Strategy", one_of("--strategy", strategy, STRATEGIES))
    wanted = PickOptions(n=n, strategy=chosen, seed=seed)
    refuse_loss([output], read=[pool], overwrite=overwrite)
    data = read_result(run_dir).config.data
    model = load_bundle(run_dir, LoadChecks(only_safe=only_safe), warn=warn)
    found = label_next(run_dir, model, str(pool), wanted)
    header = (*found.text_columns, found.label_column, "suggestion", "confidence", "why", "line")
    rows: list[tuple[Cell, ...]] = [
        (*each.cells, "", each.suggestion, round(each.confidence, 3), each.why, each.line)
        for each in found.picks
    ]
    write_table(output, header, rows, raw=raw)
    out(
        f"{counted(len(found.picks), 'text')} of {found.n_pool:,} to label, the most useful first, in {output}"
    )
    if found.n_known:
        note(f"{counted(found.n_known, 'text')} left out: labelled already, empty, or a repetition.")
    out(
        f"Write the label into the column {found.label_column}, put the rows under those of {data}, and search again."
    )
