"""`automl-text search`."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, cast

from automl_text.cli.entry_log import log_to
from automl_text.cli.options import Encoding, Label, Open, Separator, Text, one_of, seconds
from automl_text.cli.search_options import (
    Cluster,
    Data,
    Encoder,
    Families,
    Force,
    Group,
    Jobs,
    MinRows,
    NoText,
    OuterFolds,
    Output,
    Overwrite,
    Preset,
    Quiet,
    RareChoice,
    ReferenceChoice,
    Repeats,
    Resume,
    SearchSpace,
    Seed,
    TimeBudget,
    Trials,
)
from automl_text.errors import InputError

if TYPE_CHECKING:
    from automl_text.data.rare import Rare
    from automl_text.experiment.request import Mode, References, SearchRequest

INTERRUPTED = 130
_REFERENCES = ("none", "majority", "all")
_PRESETS = ("quick", "standard", "thorough")
_RARE = ("keep", "merge", "drop")


def search(
    data: Data,
    text: Text = None,
    label: Label = None,
    group: Group = None,
    families: Families = None,
    preset: Preset = "standard",
    trials: Trials = None,
    time_budget: TimeBudget = None,
    outer_folds: OuterFolds = None,
    repeats: Repeats = None,
    seed: Seed = 0,
    jobs: Jobs = None,
    search_space: SearchSpace = None,
    references: ReferenceChoice = "all",
    encoding: Encoding = None,
    sep: Separator = None,
    output: Output = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    rare: RareChoice = "keep",
    min_rows: MinRows = 0,
    no_text: NoText = False,
    force: Force = False,
    encoder: Encoder = None,
    cluster: Cluster = None,
    quiet: Quiet = False,
    open: Open = False,  # noqa: A002
) -> int:
    """Find the best model for a labelled file, measure it honestly, and save it with a report."""
    from automl_text.experiment.request import SearchRequest

    request = SearchRequest(
        data=data,
        text=tuple(text or ()),
        label=label,
        group=group,
        families=_names(families),
        preset=one_of("--preset", preset, _PRESETS),
        n_trials=trials,
        time_budget=seconds(time_budget),
        n_folds=outer_folds,
        n_repeats=repeats,
        seed=seed,
        jobs=jobs,
        search_spaces=tuple(search_space or ()),
        references=cast("References", one_of("--references", references, _REFERENCES)),
        encoding=encoding,
        separator=sep,
        output=output,
        mode=_mode(is_resumed=resume, is_overwritten=overwrite),
        rare=cast("Rare", one_of("--rare", rare, _RARE)),
        min_rows=min_rows,
        show_text=not no_text,
        force=force,
        encoder=encoder,
        cluster=cluster,
    )
    return _run(request, is_quiet=quiet, is_opened=open)


def _mode(*, is_resumed: bool, is_overwritten: bool) -> Mode:
    if is_resumed and is_overwritten:
        raise InputError("--resume continues a run and --overwrite replaces it: choose one of them.")
    return "resume" if is_resumed else "overwrite" if is_overwritten else "new"


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
