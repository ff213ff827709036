"""Families by name: one for each file in ``search_spaces/``, and those that other packages add by an entry point."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from automl_text.errors import InputError, nearest

if TYPE_CHECKING:
    from automl_text.families.contract import ModelFamily

ENTRY_POINT_GROUP = "automl_text.families"
"""Each entry point names a `ModelFamily`; its search space is ``<name>.toml`` beside that object's module."""

SPACE_FOLDERS = (Path(__file__).parents[1] / "search_spaces", Path(__file__).parents[3] / "search_spaces")
"""Where the search spaces of the built-in families lie: in the installed package, or in a checkout."""


@runtime_checkable
class _Checks(Protocol):
    """A family that needs more than importable libraries: a shared library, a folder that the user names."""

    def why_unavailable(self) -> str:
        """Return what is missing and how to mend it; empty when the family can run."""


def family_names() -> tuple[str, ...]:
    """Return every known family: built-in ones from simple to involved, references last, then plug-ins by name."""
    plug_ins = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}
    families = {name: load_family(name) for name in _built_in()}
    ordered = sorted(families, key=lambda name: (families[name].is_reference, families[name].simplicity))
    return (*ordered, *sorted(plug_ins - families.keys()))


def load_family(name: str) -> ModelFamily:
    """Return the family called ``name``, importing its module now.

    Raises
    ------
    InputError
        If there is no such family, or a plug-in does not fulfil the contract.
    """
    if name in _built_in():
        return cast("ModelFamily", import_module(_module_of(name)).FAMILY)
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        try:
            loaded = point.load()
        except Exception as error:  # another package's module may raise anything
            raise InputError(
                f"The plug-in family {name!r} cannot be imported ({type(error).__name__}: {error}). Mend or uninstall "
                f"the package that brings {point.value}."
            ) from error
        return _plug_in(name, loaded)
    known = family_names()
    raise InputError(f"There is no family {name!r}.{nearest(name, known)} Known: {', '.join(known)}.")


def available(family: ModelFamily) -> str:
    """Return why ``family`` cannot run here and how to mend it; empty when it can.

    Libraries are looked for, not imported: TensorFlow alone takes 5 to 11 s.
    """
    missing = [name for name in family.requires if find_spec(name) is None]
    if missing:
        return f"{family.name} needs {', '.join(missing)}: pip install {' '.join(missing)}"
    return family.why_unavailable() if isinstance(family, _Checks) else ""


@cache
def _built_in() -> frozenset[str]:
    """Return the names of the families that come with this package: whatever has a search space there."""
    return frozenset(path.stem for folder in SPACE_FOLDERS for path in folder.glob("*.toml"))


def _module_of(name: str) -> str:
    """Return the module that holds ``FAMILY``: of the family's name, or inside the house of its first word."""
    named = f"automl_text.families.{name.replace('-', '_')}"
    if find_spec(named):
        return named
    house, _, rest = name.partition("-")
    return f"automl_text.families.{house}.{rest.replace('-', '_')}"


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
