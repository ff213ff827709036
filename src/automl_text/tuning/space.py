"""Search spaces: which parameters a family tries, over which values, and where it starts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.errors import InputError
from automl_text.families.registry import SPACE_FOLDERS, load_family
from automl_text.tuning.space_file import parse_space

if TYPE_CHECKING:
    from automl_text.families.contract import ModelFamily
    from automl_text.tuning.params import SearchSpace


def load_space(family_name: str, path: Path | None = None) -> SearchSpace:
    """Return the search space of a family, from the user's file or the one that comes with the family.

    Raises
    ------
    InputError
        If the family or the file does not exist, the file is another family's, or anything in it is wrong;
        the message holds every fault of the file, one a line.
    """
    family = load_family(family_name)
    space = read_space(path or space_path(family))
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
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read the search space {path}: {error.strerror}.") from error
    return parse_space(content, name=str(path))


def space_path(family: ModelFamily) -> Path:
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
