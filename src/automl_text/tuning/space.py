"""Search spaces: which parameters a family tries, over which values, and where it starts.

A file in TOML says it:

format = 1
family = "logreg"

[params.C]          # tuned: float or int with low and high, or choice with choices; always a default
type = "float"
low = 1.0
high = 300.0
log = true
default = 30.0

[fixed]             # not tuned
min_df = 1
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from pydantic import Field, ValidationError, create_model

from automl_text.errors import InputError, nearest
from automl_text.families.registry import SPACE_FOLDERS, load_family
from automl_text.files import read_whole
from automl_text.tuning.params import ChoiceParam, FloatParam, IntParam, SearchSpace, StrictTable
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

    from automl_text.families.contract import ModelFamily, Params

_SPACE_FORMAT = 1
"""Raised when a file that was right becomes wrong."""

_PARAM_KEYS = ("type", "low", "high", "log", "choices", "default")
_FILE_KEYS = ("format", "family", "params", "fixed")
_KINDS = ("float", "int", "choice")
_TABLES = {"params": "[params.NAME] for each parameter", "fixed": "[fixed] and the values below it"}
_WORDS = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "finite_number": "finite",
    "tuple_type": "a list",
}
_BITS = 64


def load_space(family_name: str, path: Path | None = None) -> SearchSpace:
    """Return the search space of a family, from the user's file or the one that comes with the family.

    Raises
    ------
    InputError
        If the family or the file does not exist, the file is another family's, or anything in it is wrong;
        the message holds every fault of the file, one a line.
    """
    family = load_family(family_name)
    space = read_space(path or _space_path(family))
    if space.family != family_name:
        raise InputError(f"{path}: this is a search space of {space.family!r}, not of {family_name!r}.")
    return space


def read_space(path: Path) -> SearchSpace:
    """Return the search space in ``path``, whichever family it is for.

    Raises
    ------
    InputError
        If the file cannot be read or anything in it is wrong, with every fault, one a line.
    """
    try:
        content = read_whole(path)
    except OSError as error:
        raise InputError(f"Cannot read the search space {path}: {error.strerror}.") from error
    return _parse_space(content, name=str(path))


def _space_path(family: ModelFamily) -> Path:
    """Return the search-space file that comes with ``family``.

    Built-in ones lie in the installed package, or in ``search_spaces/`` of a checkout; a plug-in keeps
    ``<name>.toml`` beside the module that defines its family.

    Raises
    ------
    InputError
        If there is none.
    """
    file_name = f"{family.name}.toml"
    module_file = sys.modules[type(family).__module__].__file__ or ""
    places = [*SPACE_FOLDERS, Path(module_file).parent]
    for place in places:
        if (place / file_name).is_file():
            return place / file_name
    looked = ", ".join(str(place) for place in places)
    raise InputError(f"No search space {file_name} for the family {family.name!r}; looked in {looked}.")


def _parse_space(content: bytes, *, name: str) -> SearchSpace:
    """Return the search space that ``content`` describes; ``name`` stands before every fault.

    Raises
    ------
    InputError
        With every fault, one a line.
    """
    table = _read_toml(content, name)
    types = _types_of(_family_named(table, name).settings)
    faults = list(_absent_or_double(table, types))
    try:
        read = _file_model(tuple(types.items())).model_validate({"params": {}, "fixed": {}, **table})
    except ValidationError as error:
        faults += _sentences(error, types)
    if faults:
        raise InputError("\n".join(f"{name}: {printable(fault)}" for fault in sorted(faults)))
    return SearchSpace(
        family=read.family,
        distributions={key: getattr(read.params, key) for key in table.get("params", {})},
        fixed={key: getattr(read.fixed, key) for key in table.get("fixed", {})},
        sha256=hashlib.sha256(content).hexdigest(),
    )


def settings_of(family: ModelFamily, params: Params) -> Any:  # each family has its own settings
    """Return the family's settings with the values of ``params``, which must name all of them and no other.

    Raises
    ------
    InputError
        With every fault, one a line.
    """
    types = _types_of(family.settings)
    try:
        checked = _settings_model(tuple(types.items())).model_validate(params)
    except ValidationError as error:
        faults = sorted(_sentences(error, types))
        raise InputError("\n".join(f"Settings of {family.name}: {fault}" for fault in faults)) from error
    return family.settings(**{name: getattr(checked, name) for name in types})


def _types_of(settings: type) -> dict[str, Any]:  # bool, int, float, str or a Literal of them
    hints = get_type_hints(settings)
    return {field.name: hints[field.name] for field in fields(settings)}


@cache
def _settings_model(
    types: tuple[tuple[str, Any], ...],
) -> Any:  # a model made here has no type that mypy knows
    return _model("Settings", {name: (kind, ...) for name, kind in types})


@cache
def _file_model(types: tuple[tuple[str, Any], ...]) -> Any:  # as above
    """Return the model of a search-space file for a family with such settings."""
    params = _model("Params", {name: (_param_kind(kind), None) for name, kind in types})
    fixed = _model("Fixed", {name: (kind, None) for name, kind in types})
    top = {"format": (Literal[_SPACE_FORMAT], ...), "family": (str, ...)}
    return _model("SpaceFile", {**top, "params": (params, ...), "fixed": (fixed, ...)})


def _model(name: str, types: dict[str, Any]) -> Any:  # as above
    return create_model(name, __base__=StrictTable, **types)


def _param_kind(kind: Any) -> Any:  # types that pydantic reads
    """Return how a parameter of such a type may be tuned: from a list, numbers in a range too."""
    choice = ChoiceParam[kind]
    if kind is float:
        return Annotated[FloatParam | choice, Field(discriminator="type")]
    return Annotated[IntParam | choice, Field(discriminator="type")] if kind is int else choice


def _read_toml(content: bytes, name: str) -> dict[str, Any]:  # what tomllib returns
    """Return what the file says, in numbers that 64 bits hold."""
    try:
        table = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, no TOML, a number of 5,000 digits
        raise InputError(f"{name}: not a TOML file: {printable(str(error))}.") from error
    try:
        large = list(_too_large(table, ""))
    except RecursionError as error:
        raise InputError(f"{name}: its tables lie deeper in each other than any search space.") from error
    if large:
        raise InputError("\n".join(f"{name}: {key} is a whole number beyond 64 bits." for key in large))
    return table


def _too_large(value: object, key: str) -> Iterator[str]:
    """Return where whole numbers stand that neither TOML nor a sampler knows."""
    if isinstance(value, int) and value.bit_length() >= _BITS:
        yield key
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _too_large(each, f"{key}.{name}" if key else printable(name))
    elif isinstance(value, list):
        for each in value:
            yield from _too_large(each, key)


def _family_named(table: Mapping[str, Any], name: str) -> ModelFamily:  # what tomllib returns
    """Return the family that the file names; without one nothing else can be judged."""
    family = table.get("family")
    if not isinstance(family, str):
        raise InputError(f'{name}: family is missing. Add a line such as family = "logreg".')
    try:
        return load_family(family)
    except InputError as error:
        raise InputError(f"{name}: family: {error}") from error


def _absent_or_double(table: Mapping[str, Any], types: Mapping[str, Any]) -> Iterator[str]:  # as above
    """Yield parameters that the file lacks, and those that it tunes and fixes."""
    params, fixed = table.get("params", {}), table.get("fixed", {})
    if not isinstance(params, dict) or not isinstance(fixed, dict):
        return
    for key in types.keys() - params.keys() - fixed.keys():
        yield f"parameter {key} is missing; tune it under [params.{key}] or set it under [fixed]."
    for key in params.keys() & fixed.keys():
        yield f"parameter {key} stands under params and under fixed; remove one."


def _sentences(error: ValidationError, types: Mapping[str, Any]) -> Iterator[str]:  # values are types
    """Yield each fault in one sentence that names its key and the remedy."""
    for fault in error.errors(include_url=False):
        place = [
            str(each) for each in fault["loc"] if each not in _KINDS
        ]  # pydantic names the kind it has read
        if fault["type"].startswith("union_tag"):
            place.append("type")
        if fault["type"] == "value_error":
            yield from (f"{'.'.join(place)}.{each}" for each in str(fault["ctx"]["error"]).splitlines())
        elif place[-1].isdigit():
            yield f"{'.'.join(place[:-1])}: a value {_what(fault, place, types)}"
        else:
            yield f"{'.'.join(place)} {_what(fault, place, types)}"


def _what(fault: ErrorDetails, place: list[str], types: Mapping[str, Any]) -> str:  # values are types
    """Return what is wrong with the value at ``place``."""
    kind, value = fault["type"], fault["input"]
    if kind in {"missing", "union_tag_not_found"}:
        return "is missing."
    if kind == "extra_forbidden":
        known = {1: (*types, *_FILE_KEYS), 2: tuple(types)}.get(len(place), _PARAM_KEYS)
        return f"is unknown.{nearest(place[-1], known)}"
    if kind in {"model_type", "model_attributes_type"}:
        where = ".".join(place)
        tuned = f"[{where}] with type and default, or move it under [fixed]"
        return f"is no table; write {_TABLES.get(where, tuned)}."
    if kind == "union_tag_invalid":
        return _no_member(value["type"], fault["ctx"]["expected_tags"])
    if kind == "literal_error":
        return _no_member(value, fault["ctx"]["expected"])
    return f"is {value!r}; it must be {_WORDS.get(kind, fault['msg'])}."


def _no_member(value: object, known: str) -> str:
    """Return the fault of a value that is none of the ``known`` ones, which pydantic lists in quotes."""
    members = re.findall(r"'(.*?)'", known)
    return f"is {value!r}; it must be {known}.{nearest(str(value), members)}"
