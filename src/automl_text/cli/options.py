"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_type_hints

import typer

from automl_text.errors import InputError, nearest
from automl_text.files import ReadAs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.bundle.load import LoadChecks

Text = Annotated[
    list[str] | None,
    typer.Option("--text", metavar="COL", help="Column of texts; may be given several times."),
]
Label = Annotated[str | None, typer.Option("--label", metavar="COL", help="Column of categories.")]
_Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="E", help="Text encoding, such as cp1252; found by itself."),
]
_Separator = Annotated[
    str | None,
    typer.Option("--sep", metavar="S", help="What separates columns: , ; | or tab; found by itself."),
]
_Quote = Annotated[
    str | None,
    typer.Option(
        "--quote",
        metavar="Q",
        help="What stands around cells: C (the \" of spreadsheets), ' or none; found by itself.",
    ),
]
_NoHeader = Annotated[
    bool, typer.Option("--no-header", help="The first line is a row; columns are called 1, 2, …")
]
_Sheet = Annotated[
    str | None,
    typer.Option(
        "--sheet", metavar="NAME", help="Sheet of a workbook; the first that is filled where not named."
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]
_RequireManifest = Annotated[
    bool, typer.Option("--require-manifest", help="Refuse a model whose manifest (.json) is missing.")
]
_Digest = Annotated[
    str | None,
    typer.Option("--sha256", metavar="HEX", help="Refuse a model with another digest; search prints it."),
]
OnlySafe = Annotated[
    bool, typer.Option("--only-safe", help="Refuse a pickle: read skops and npz alone, which run no code.")
]
Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A run's folder or its best_model.pkl.")]
Json = Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")]
RunDir = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Folder of a finished run.")]
DataMoved = Annotated[
    Path | None, typer.Option("--data", metavar="FILE", help="The run's data file, where it has moved.")
]
Raw = Annotated[
    bool, typer.Option("--raw", help="Leave out the ' that keeps a spreadsheet from running a CSV cell.")
]

READ_AS: dict[str, Any] = {
    "encoding": _Encoding,
    "separator": _Separator,
    "quote": _Quote,
    "no_header": _NoHeader,
    "sheet": _Sheet,
}
"""The options of `read_as`, in its order."""

_CHECKS: dict[str, Any] = {"require_manifest": _RequireManifest, "sha256": _Digest, "only_safe": OnlySafe}
"""The options of `_checks`, in its order."""


def read_as(
    encoding: str | None, separator: str | None, quote: str | None, no_header: bool, sheet: str | None
) -> ReadAs:
    """Return how the options say that a file is to be read."""
    return ReadAs(
        encoding=encoding,
        separator=separator,
        quote=quote,
        has_header=False if no_header else None,
        sheet=sheet,
    )


def names_in(option: str, nothing: str, example: str, typed: str | None) -> tuple[str, ...]:
    """Return the names in ``a,b``.

    Raises
    ------
    InputError
        If something is typed, and names nothing.
    """
    names = tuple(name.strip() for name in (typed or "").split(",") if name.strip())
    if typed is not None and not names:
        raise InputError(f"{option} {typed!r} names {nothing}. Write {option} {example}.")
    return names


def _checks(require_manifest: bool, sha256: str | None, only_safe: bool) -> LoadChecks:
    from automl_text.bundle.load import LoadChecks

    return LoadChecks(require_manifest=require_manifest, sha256=sha256, only_safe=only_safe)


_GROUPS: dict[str, tuple[dict[str, Any], Callable[..., object]]] = {
    "read_as": (READ_AS, read_as),
    "checks": (_CHECKS, _checks),
}


def spelt_out(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``command`` with the options in place of its parameters ``read_as`` and ``checks``, which they make up."""
    hints = get_type_hints(command, localns={"LoadChecks": object}, include_extras=True)
    own = signature(command).parameters
    parameters = []
    for name, each in own.items():
        if name not in _GROUPS:
            parameters.append(each.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[name]))
            continue
        for option, hint in _GROUPS[name][0].items():
            default = False if get_args(hint)[0] is bool else None
            parameters.append(Parameter(option, Parameter.KEYWORD_ONLY, annotation=hint, default=default))

    @wraps(command)
    def run(**typed: Any) -> Any:
        for name, (options, make) in _GROUPS.items():
            if name in own:
                typed[name] = make(*(typed.pop(option) for option in options))
        return command(**typed)

    del run.__wrapped__  # typer would read the parameters of the command itself
    cast("Any", run).__signature__ = Signature(parameters, return_annotation=hints.get("return"))
    run.__annotations__ = {}
    return run


_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?", re.IGNORECASE)


def seconds(duration: str | None) -> float | None:
    """Return the seconds in ``10m``, ``1h30m``, ``90s`` or ``600``.

    Raises
    ------
    InputError
        For anything else, and for no time at all.
    """
    if duration is None:
        return None
    found = _DURATION.fullmatch(duration.strip())
    if duration.strip().isdecimal():
        total = float(duration)
    elif found and any(found.groups()):
        total = sum(float(n) * unit for n, unit in zip(found.groups(), (3600.0, 60.0, 1.0), strict=True) if n)
    else:
        raise InputError(
            f"--time-budget {duration!r} is not a duration. Write 90s, 10m, 1h30m, or seconds alone."
        )
    if total <= 0:
        raise InputError(f"--time-budget {duration!r} leaves no time. Write at least 1s.")
    return total


def one_of(option: str, value: str, known: Sequence[str]) -> str:
    """Return ``value`` if it is one of ``known``.

    Raises
    ------
    InputError
        Naming the nearest known value.
    """
    if value not in known:
        raise InputError(
            f"{option} {value!r}: there is no such choice.{_meant(value, known)} Known: {', '.join(known)}."
        )
    return value


_SAME = (
    {"quick", "fast", "short", "small", "rapid", "draft", "test"},
    {"standard", "default", "normal", "medium", "usual"},
    {"thorough", "slow", "long", "best", "full", "exhaustive", "high", "deep"},
    {"none", "no", "off", "false", "0", "nothing"},
    {"all", "yes", "on", "true", "every", "both"},
    {"majority", "baseline", "dummy", "largest"},
    {"drop", "remove", "delete", "exclude", "ignore", "discard", "skip"},
    {"merge", "other", "join", "combine", "group"},
    {"keep", "leave", "include", "retain"},
    {"html", "page", "htm", "web", "browser"},
    {"md", "markdown", "text", "txt"},
    {"pickle", "pkl", "joblib"},
    {"npz", "numpy", "npy"},
)
"""Other words for the values of options that offer a choice."""


def _meant(value: str, known: Sequence[str]) -> str:
    """Return the value that is spelt or meant most alike, as a question; empty where none is."""
    word = value.strip().casefold()
    same = next((name for names in _SAME if word in names for name in known if name in names), None)
    return nearest(same or word, known)


def share(option: str, value: float) -> float:
    """Return ``value`` if it lies in 0..1.

    Raises
    ------
    InputError
        If it does not, or is no number.
    """
    if not 0 <= value <= 1:
        raise InputError(f"{option} {value}: a confidence lies between 0 and 1.")
    return value
