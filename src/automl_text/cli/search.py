"""`automl-text search`: its options are the fields of `SearchRequest`."""

from __future__ import annotations

import webbrowser
from dataclasses import Field, fields
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_type_hints

import typer

from automl_text.cli.options import READ_AS, Label, Open, Text, names_in, one_of, read_as, seconds
from automl_text.cli.say import DONE, FAILED, INTERRUPTED, log_to
from automl_text.errors import InputError
from automl_text.experiment.request import Option, SearchRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from automl_text.experiment.request import Mode
    from automl_text.results import RunResult

_Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="CSV, TSV, JSON, Parquet or Excel with labelled texts.")
]
_Resume = Annotated[bool, typer.Option("--resume", help="Continue the run in the output folder.")]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the run in the output folder.")]
_NoText = Annotated[bool, typer.Option("--no-text", help="Keep words of the data out of the reports.")]
_Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]

_SPELT: dict[str, dict[str, Any]] = {  # types, which typer reads
    "data": {"data": _Data},
    "table": {},
    "pool": {},
    "text": {"text": Text},
    "label": {"label": Label},
    "read_as": READ_AS,
    "mode": {"resume": _Resume, "overwrite": _Overwrite},
    "show_text": {"no_text": _NoText},
}
"""Fields that share their words with other commands, or are typed as flags; all others spell their own option."""


def search(**typed: Any) -> int:
    """Find the best model for a labelled file, measure it honestly, and save it with a report."""
    from automl_text.cli.summary import print_summary
    from automl_text.cli.view import watching
    from automl_text.experiment.run import output_folder, run_search

    request = _request(typed)
    log_to(output_folder(request) / "run.log")
    with watching(is_quiet=typed["quiet"]) as watcher:
        output = run_search(request, watcher)
    if not typed["quiet"]:
        print_summary(output.result, output.folder)
    if typed["open"]:
        webbrowser.open((output.folder / "report.html").absolute().as_uri())
    return _code(output.result)


def _code(result: RunResult) -> int:
    """Return the exit code: a search that was cut short, or of which no family finished, is not done."""
    if result.partial:
        return INTERRUPTED
    return FAILED if result.verdict.code == "all_failed" else DONE


def _request(typed: dict[str, Any]) -> SearchRequest:
    """Return what was asked for with these arguments of the command."""
    values: dict[str, Any] = {}
    for each in fields(SearchRequest):
        option: Option | None = each.metadata.get("option")
        value: Any = typed.get(each.name)
        if option and option.choices:
            value = one_of(option.flag, value, option.choices)
        if each.name in _READ:
            value = _READ[each.name](value)
        elif isinstance(each.default, tuple):
            value = tuple(value or ())
        values[each.name] = value
    values["mode"] = _mode(is_resumed=typed["resume"], is_overwritten=typed["overwrite"])
    values["show_text"] = not typed["no_text"]
    values["read_as"] = read_as(*(typed[name] for name in READ_AS))
    return SearchRequest(**values)


def _mode(*, is_resumed: bool, is_overwritten: bool) -> Mode:
    if is_resumed and is_overwritten:
        raise InputError("--resume continues a run and --overwrite replaces it: choose one of them.")
    return "resume" if is_resumed else "overwrite" if is_overwritten else "new"


_READ: dict[str, Callable[[str | None], object]] = {
    "features": partial(names_in, "--features", "no column", "channel,amount"),
    "families": partial(names_in, "--families", "no family", "logreg,lightgbm"),
    "time_budget": seconds,
}
"""Fields whose values are typed as one word."""


def _parameters() -> Iterator[Parameter]:
    """Yield the command's parameters in the order of the fields, then what concerns the terminal alone."""
    hints = get_type_hints(SearchRequest, localns={"Table": object})
    for each in fields(SearchRequest):
        spelt = _SPELT.get(each.name)
        if spelt is None:
            yield _parameter(each.name, _annotation(each, hints[each.name]), _default(each))
            continue
        for name, annotation in spelt.items():
            is_flag = name in {"resume", "overwrite", "no_text", "no_header"}
            yield _parameter(
                name, annotation, Parameter.empty if name == "data" else False if is_flag else None
            )
    yield _parameter("quiet", _Quiet, False)
    yield _parameter("open", Open, False)


def _parameter(name: str, annotation: Any, default: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _default(each: Field[Any]) -> Any:
    return None if each.default == () else each.default


def _annotation(each: Field[Any], hint: Any) -> Any:
    """Return the field's type as typed: a word for a choice, a repeated option for a tuple."""
    option: Option = each.metadata["option"]
    if each.name in _READ:
        hint = str | None
    elif option.choices:
        hint = str
    elif each.default == ():
        hint = GenericAlias(list, (get_args(hint)[0],)) | None
    return Annotated[hint, typer.Option(option.flag, help=option.help, metavar=option.metavar or None)]


cast("Any", search).__signature__ = Signature(list(_parameters()), return_annotation=int)
