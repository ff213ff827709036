"""The options of `automl-text search` that no other command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Argument(metavar="DATA", help="CSV, TSV, JSONL or Parquet with labelled texts.")]
Group = Annotated[
    str | None,
    typer.Option("--group", metavar="COL", help="Keep a customer or thread on one side of every split."),
]
Families = Annotated[
    str | None, typer.Option(metavar="a,b", help="Families to try; all of them when left out.")
]
Preset = Annotated[
    str, typer.Option(metavar="quick|standard|thorough", help="How much to try.", show_default=True)
]
Trials = Annotated[int | None, typer.Option(metavar="N", help="Points to try for each family.")]
TimeBudget = Annotated[str | None, typer.Option(metavar="10m", help="Stop in time: 90s, 10m, 1h30m.")]
OuterFolds = Annotated[int | None, typer.Option(metavar="N", help="Parts the rows are cut into.")]
Repeats = Annotated[int | None, typer.Option(metavar="N", help="Partitions to average over.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Same seed, same result.")]
Jobs = Annotated[int | None, typer.Option(metavar="N", help="Processes; the cores available.")]
SearchSpace = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="A search space of your own; may be repeated.")
]
ReferenceChoice = Annotated[
    str, typer.Option(metavar="none|majority|all", help="Reference rows to measure beside the families.")
]
Output = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder for everything; reports/<name of DATA>.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the run in the output folder.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the run in the output folder.")]
RareChoice = Annotated[
    str, typer.Option(metavar="keep|merge|drop", help="Categories with fewer than --min-rows rows.")
]
MinRows = Annotated[int, typer.Option(metavar="N", help="What counts as rare for --rare.")]
NoText = Annotated[bool, typer.Option("--no-text", help="Keep words of the data out of the reports.")]
Force = Annotated[bool, typer.Option("--force", help="Write a model even where nothing can be learned.")]
Encoder = Annotated[
    str | None,
    typer.Option(
        metavar="DIR|ID", help="Sentence encoder to try: a folder, or ORG/NAME[@REVISION] to download."
    ),
]
Cluster = Annotated[str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler to work on.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
