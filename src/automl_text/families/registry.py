"""Families by name: the built-in ones, and those that other packages add through an entry point."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from automl_text.errors import InputError, nearest

if TYPE_CHECKING:
    from automl_text.families.contract import ModelFamily

ENTRY_POINT_GROUP = "automl_text.families"
"""Each entry point names a `ModelFamily`; its search space is ``<name>.toml`` beside that object's module."""

BUILT_IN = {
    "logreg": "automl_text.families.logreg",
    "linear": "automl_text.families.linear",
    "lightgbm": "automl_text.families.lightgbm",
    "lstm": "automl_text.families.lstm",
    "encoder": "automl_text.families.encoder",
    "majority": "automl_text.families.majority",
    "lstm-as-posted": "automl_text.families.lstm_as_posted",
}
"""Family name to the module that holds it as ``FAMILY``; imported when first asked for."""


@runtime_checkable
class ChecksItself(Protocol):
    """A family that needs more than importable libraries: a shared library, a folder that the user names."""

    def why_unavailable(self) -> str:
        """Return what is missing and how to mend it; empty when the family can run."""


def family_names() -> tuple[str, ...]:
    """Return every known family: built-in ones in the order of their table, then plug-ins by name."""
    plug_ins = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}
    return (*BUILT_IN, *sorted(plug_ins - BUILT_IN.keys()))


def load_family(name: str) -> ModelFamily:
    """Return the family called ``name``, importing its module now.

    Raises
    ------
    InputError
        If there is no such family, or a plug-in does not fulfil the contract.
    """
    if name in BUILT_IN:
        return cast("ModelFamily", import_module(BUILT_IN[name]).FAMILY)
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return _plug_in(name, point.load())
    known = family_names()
    raise InputError(f"There is no family {name!r}.{nearest(name, known)} Known: {', '.join(known)}.")


def available(family: ModelFamily) -> str:
    """Return why ``family`` cannot run here and how to mend it; empty when it can.

    Libraries are looked for, not imported: TensorFlow alone takes 5 to 11 s.
    """
    missing = [name for name in family.requires if find_spec(name) is None]
    if missing:
        return f"{family.name} needs {', '.join(missing)}: pip install {' '.join(missing)}"
    return family.why_unavailable() if isinstance(family, ChecksItself) else ""


def _plug_in(name: str, loaded: object) -> ModelFamily:
    """Return what an entry point gave, which may be a family or a class of one, after a look at its face."""
    family = loaded() if isinstance(loaded, type) else loaded
    wanted = ("title", "simplicity", "is_reference", "requires", "runtime", "settings", "score", "refit")
    lacking = [attribute for attribute in wanted if not hasattr(family, attribute)]
    if lacking:
        raise InputError(
            f"The plug-in family {name!r} ({type(family).__module__}) lacks {', '.join(lacking)}; "
            "see automl_text.families.contract.ModelFamily."
        )
    if getattr(family, "name", None) != name:
        raise InputError(
            f"The entry point {name!r} leads to a family called {getattr(family, 'name', None)!r}; "
            "give both one name."
        )
    return cast("ModelFamily", family)
