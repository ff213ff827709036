"""`automl-text search`."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from automl_text.cli.entry_log import log_to
from automl_text.cli.options import Encoding, Label, Open, Separator, Text, one_of, seconds
from automl_text.errors import InputError

if TYPE_CHECKING:
    from automl_text.data.rare import Rare
    from automl_text.experiment.request import References, SearchRequest

INTERRUPTED = 130
_REFERENCES = ("none", "majority", "all")
_PRESETS = ("quick", "standard", "thorough")
_RARE = ("keep", "merge", "drop")


def search(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="CSV, TSV, JSONL or Parquet with labelled texts.")
    ],
    text: Text = None,
    label: Label = None,
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="COL", help="Keep a customer or thread on one side of every split."),
    ] = None,
    families: Annotated[
        str | None, typer.Option(metavar="a,b", help="Families to try; all of them when left out.")
    ] = None,
    preset: Annotated[
        str, typer.Option(metavar="quick|standard|thorough", help="How much to try.", show_default=True)
    ] = "standard",
    trials: Annotated[int | None, typer.Option(metavar="N", help="Points to try for each family.")] = None,
    time_budget: Annotated[
        str | None, typer.Option(metavar="10m", help="Stop in time: 90s, 10m, 1h30m.")
    ] = None,
    outer_folds: Annotated[int | None, typer.Option(metavar="N", help="Parts the rows are cut into.")] = None,
    repeats: Annotated[int | None, typer.Option(metavar="N", help="Partitions to average over.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Same seed, same result.")] = 0,
    jobs: Annotated[int | None, typer.Option(metavar="N", help="Processes; the cores available.")] = None,
    search_space: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A search space of your own; may be repeated.")
    ] = None,
    references: Annotated[
        str, typer.Option(metavar="none|majority|all", help="Reference rows to measure beside the families.")
    ] = "all",
    encoding: Encoding = None,
    sep: Separator = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for everything; reports/<name of DATA>.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in the output folder.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the run in the output folder.")
    ] = False,
    rare: Annotated[
        str, typer.Option(metavar="keep|merge|drop", help="Categories with fewer than --min-rows rows.")
    ] = "keep",
    min_rows: Annotated[int, typer.Option(metavar="N", help="What counts as rare for --rare.")] = 0,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Keep words of the data out of the reports.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write a model even where nothing can be learned.")
    ] = False,
    encoder: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder of a sentence encoder, tried as one more family."),
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler to work on.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    open: Open = False,  # noqa: A002
) -> int:
    """Find the best model for a labelled file, measure it honestly, and save it with a report."""
    from automl_text.experiment.request import SearchRequest

    if resume and overwrite:
        raise InputError("--resume continues a run and --overwrite replaces it: choose one of them.")
    request = SearchRequest(
        data=data,
        text=tuple(text or ()),
        label=label,
        group=group,
        families=_names(families),
        preset=one_of("--preset", preset, _PRESETS),
        n_trials=trials,
        time_budget=seconds(time_budget),
        n_parts=outer_folds,
        n_repeats=repeats,
        seed=seed,
        jobs=jobs,
        search_spaces=tuple(search_space or ()),
        references=cast("References", one_of("--references", references, _REFERENCES)),
        encoding=encoding,
        separator=sep,
        output=output,
        mode="resume" if resume else "overwrite" if overwrite else "new",
        rare=cast("Rare", one_of("--rare", rare, _RARE)),
        min_rows=min_rows,
        show_text=not no_text,
        force=force,
        encoder=encoder,
        cluster=cluster,
    )
    return _run(request, is_quiet=quiet, is_opened=open)


def _names(families: str | None) -> tuple[str, ...]:
    """Return the names in ``a,b``."""
    names = tuple(name.strip() for name in (families or "").split(",") if name.strip())
    if families is not None and not names:
        raise InputError(f"--families {families!r} names no family. Write --families logreg,lightgbm.")
    return names


def _run(request: SearchRequest, *, is_quiet: bool, is_opened: bool) -> int:
    """Run the search under the view that fits the terminal, and say what came of it."""
    from automl_text.cli.summary import print_summary
    from automl_text.cli.view import watching
    from automl_text.experiment.run import data_stem, run_search

    log_to((request.output or Path("reports") / data_stem(request.data)) / "run.log")
    with watching(is_quiet=is_quiet) as watcher:
        output = run_search(request, watcher)
    if not is_quiet:
        print_summary(output.result, output.folder)
    if is_opened:
        webbrowser.open((output.folder / "report.html").absolute().as_uri())
    return INTERRUPTED if output.result.partial else 0
