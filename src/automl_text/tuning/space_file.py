"""Reads a search-space file and says everything that is wrong with it at once.

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
import math
import tomllib
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from automl_text.errors import InputError, nearest
from automl_text.families.registry import load_family
from automl_text.tuning.params import ChoiceParam, FloatParam, IntParam, Param, SearchSpace
from automl_text.tuning.settings import settings_types, value_fault
from automl_text.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from automl_text.families.contract import Params

SPACE_FORMAT = 1
"""Raised when a file that was right becomes wrong."""

_KEYS = {
    "float": ("type", "low", "high", "log", "default"),
    "int": ("type", "low", "high", "log", "default"),
    "choice": ("type", "choices", "default"),
}
_OPTIONAL = ("log",)
_BITS = 64

Table = dict[str, Any]  # what tomllib returns


def parse_space(content: bytes, *, name: str) -> SearchSpace:
    """Return the search space that ``content`` describes; ``name`` stands before every fault.

    Raises
    ------
    InputError
        With every fault, one a line.
    """
    table = _table(content, name)
    types = settings_types(load_family(_family_name(table, name)).settings)
    params, fixed = table.get("params", {}), table.get("fixed", {})
    faults = _top_faults(table)
    if isinstance(params, dict) and isinstance(fixed, dict):
        faults += _name_faults(params, fixed, types) + _value_faults(params, fixed, types)
    if faults:
        raise InputError("\n".join(f"{name}: {printable(fault)}" for fault in sorted(faults)))
    return SearchSpace(
        family=table["family"],
        distributions={key: _distribution(param) for key, param in params.items()},
        default=_typed({key: param["default"] for key, param in params.items()}, types),
        fixed=_typed(fixed, types),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _table(content: bytes, name: str) -> Table:
    """Return what the file says, in numbers that 64 bits hold."""
    try:
        table = tomllib.loads(content.decode())
    except (
        ValueError,
        RecursionError,
    ) as error:  # ValueError: no UTF-8, no TOML, or a number of 5,000 digits
        raise InputError(f"{name}: not a TOML file: {printable(str(error))}.") from error
    if large := list(_too_large(table, "")):
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


def _typed(params: Params, types: Table) -> Params:
    """Return ``params`` with whole numbers made floats where a float is meant: equal trials look equal."""
    return {key: float(value) if types[key] is float else value for key, value in params.items()}


def _distribution(param: Table) -> Param:
    """Return the record of one sound ``[params.x]`` table."""
    if param["type"] == "choice":
        return ChoiceParam(choices=tuple(param["choices"]))
    log = param.get("log", False)
    if param["type"] == "int":
        return IntParam(low=param["low"], high=param["high"], log=log)
    return FloatParam(low=float(param["low"]), high=float(param["high"]), log=log)


def _family_name(table: Table, name: str) -> str:
    """Return the family that the file names; without one nothing else can be judged."""
    family = table.get("family")
    if not isinstance(family, str):
        raise InputError(f'{name}: family is missing. Add a line such as family = "logreg".')
    try:
        load_family(family)
    except InputError as error:
        raise InputError(f"{name}: family: {error}") from error
    return family


def _top_faults(table: Table) -> list[str]:
    """Return the faults of the file's first level."""
    faults = _unknown(table, ("format", "family", "params", "fixed"), where="")
    if table.get("format") != SPACE_FORMAT:
        faults.append(f"format is {table.get('format')!r}; this version reads format = {SPACE_FORMAT}.")
    if not isinstance(table.get("fixed", {}), dict):
        faults.append("fixed is no table; write [fixed] and the values below it.")
    if not isinstance(table.get("params", {}), dict):
        faults.append("params is no table; write [params.NAME] for each parameter.")
    return faults


def _value_faults(params: Table, fixed: Table, types: Table) -> list[str]:
    """Return the faults of every value of the parameters that the family has."""
    faults = []
    for key in params.keys() & types.keys():
        faults += _param_faults(f"params.{key}", params[key], types[key])
    for key in fixed.keys() & types.keys():
        fault = value_fault(types[key], fixed[key])
        faults += [f"fixed.{key} {fault}"] if fault else []
    return faults


def _name_faults(params: Table, fixed: Table, types: Table) -> list[str]:
    """Return parameters that the family does not have, that the file lacks, and that stand twice."""
    faults = _unknown(params, types, where="params.") + _unknown(fixed, types, where="fixed.")
    faults += [
        f"parameter {key} is missing; tune it under [params.{key}] or set it under [fixed]."
        for key in types.keys() - params.keys() - fixed.keys()
    ]
    faults += [
        f"parameter {key} stands under params and under fixed; remove one."
        for key in params.keys() & fixed.keys()
    ]
    return faults


def _param_faults(where: str, param: object, expected: Any) -> list[str]:  # a type or a Literal
    """Return the faults of one ``[params.x]`` table."""
    if not isinstance(param, dict):
        return [f"{where} is no table; write [{where}] with type and default, or move it under [fixed]."]
    kind = param.get("type")
    if not isinstance(kind, str) or kind not in _KEYS:
        return [f"{where}.type is {kind!r}; it must be one of {', '.join(_KEYS)}.{nearest(str(kind), _KEYS)}"]
    faults = _unknown(param, _KEYS[kind], where=f"{where}.")
    missing = [key for key in _KEYS[kind] if key not in param and key not in _OPTIONAL]
    faults += [f"{where}.{key} is missing." for key in missing]
    if missing:
        return faults
    if kind == "choice":
        return faults + _choice_faults(where, param, expected)
    return faults + _range_faults(where, param, expected)


def _choice_faults(where: str, param: Table, expected: Any) -> list[str]:  # a type or a Literal
    """Return the faults of a choice."""
    choices, default = param["choices"], param["default"]
    if not isinstance(choices, list) or not choices:
        return [f"{where}.choices is {choices!r}; it must be a list of at least one value."]
    faults = [
        f"{where}.choices: a value {fault}" for each in choices if (fault := value_fault(expected, each))
    ]
    if len({(type(each), str(each)) for each in choices}) < len(choices):
        faults.append(f"{where}.choices holds a value twice.")
    if default not in choices:
        faults.append(f"{where}.default is {default!r}, which is none of its choices {choices!r}.")
    return faults


def _range_faults(where: str, param: Table, expected: Any) -> list[str]:  # a type or a Literal
    """Return the faults of a float or int range."""
    number = {"float": float, "int": int}[param["type"]]
    if get_origin(expected) is Literal:
        listed = ", ".join(repr(each) for each in get_args(expected))
        return [f'{where}.type is {param["type"]!r}; it must be "choice", with choices among {listed}.']
    if expected is not number:
        wanted = "int" if expected is int else "float" if expected is float else "choice"
        return [f"{where}.type is {param['type']!r}; this parameter needs type = {wanted!r}."]
    log = param.get("log", False)
    faults = [
        f"{where}.{key} {fault}"
        for key in ("low", "high", "default")
        if (fault := _number_fault(number, param[key]))
    ]
    if not isinstance(log, bool):
        faults.append(f"{where}.log is {log!r}; it must be true or false.")
    return faults or _order_faults(where, low=param["low"], high=param["high"], rest=param)


def _number_fault(number: type, value: object) -> str:
    """Return what is wrong with one number; TOML knows inf and nan."""
    fault = value_fault(number, value)
    if not fault and isinstance(value, float) and not math.isfinite(value):
        return f"is {value!r}; it must be finite."
    return fault


def _order_faults(where: str, *, low: float, high: float, rest: Table) -> list[str]:
    """Return what is wrong between low, high, log and default, all of which are numbers."""
    faults = []
    if low > high:
        faults.append(f"{where}.low is {low}, above high = {high}. Exchange them.")
    if rest.get("log", False) and low <= 0:
        faults.append(f"{where}.low is {low}; with log = true it must be above 0. Raise low or remove log.")
    if not faults and not low <= rest["default"] <= high:
        faults.append(f"{where}.default is {rest['default']}, outside of {low} to {high}.")
    return faults


def _unknown(keys: Iterable[str], known: Iterable[str], *, where: str) -> list[str]:
    """Return one fault for each key that is not among the known ones."""
    known = list(known)
    return [f"{where}{key} is unknown.{nearest(key, known)}" for key in keys if key not in known]
