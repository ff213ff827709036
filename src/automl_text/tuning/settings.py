"""From a trial to a family's settings, with every value checked against the type of its field."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from automl_text.errors import InputError, nearest

if TYPE_CHECKING:
    from automl_text.families.contract import ModelFamily, Params

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def settings_types(settings: type) -> dict[str, Any]:  # values are types or Literals
    """Return parameter name to type (bool, int, float, str or a Literal of them) of a settings dataclass."""
    hints = get_type_hints(settings)
    return {field.name: hints[field.name] for field in fields(settings)}


def value_fault(expected: Any, value: object) -> str:  # a type or a Literal
    """Return what is wrong with ``value`` where ``expected`` is asked for; empty when nothing is."""
    if get_origin(expected) is Literal:
        known = get_args(expected)
        if any(value == each and type(value) is type(each) for each in known):
            return ""
        listed = ", ".join(repr(each) for each in known)
        return f"is {value!r}; it must be one of {listed}.{nearest(str(value), map(str, known))}"
    accepted = (int, float) if expected is float else expected
    if isinstance(value, accepted) and isinstance(value, bool) == (expected is bool):
        return ""
    return f"is {value!r}; it must be {_WORDS[expected]}."


def settings_of(family: ModelFamily, params: Params) -> Any:  # each family has its own settings
    """Return the family's settings with the values of ``params``, which must name all of them and no other.

    Raises
    ------
    InputError
        With every fault, one a line.
    """
    types = settings_types(family.settings)
    faults = [f"{name} is missing." for name in types.keys() - params.keys()]
    faults += [f"{name} is no parameter.{nearest(name, types)}" for name in params.keys() - types.keys()]
    for name in types.keys() & params.keys():
        fault = value_fault(types[name], params[name])
        faults += [f"{name} {fault}"] if fault else []
    if faults:
        raise InputError("\n".join(f"Settings of {family.name}: {fault}" for fault in sorted(faults)))
    return family.settings(**params)
