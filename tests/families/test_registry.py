from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from automl_text.errors import InputError
from automl_text.families.registry import available, family_names, load_family
from automl_text.tuning.space import load_space

if TYPE_CHECKING:
    from pathlib import Path

PLUG_IN = """
from dataclasses import dataclass

@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    depth: int

class {cls}:
    name, title, simplicity, is_reference = "{name}", "A stump", 4, False
    requires, runtime, settings = {requires}, "light", Settings
    def score(self, sample, settings, *, seed): ...
    {refit}
"""
REFIT = "def refit(self, plan, settings): ..."
SPACE = """
format = 1
family = "stump"
[params.depth]
type = "int"
low = 1
high = 3
default = 2
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that installs a package with one entry point, as pip leaves it."""

    def installed(
        entry: str, *, name: str = "stump", refit: str = REFIT, requires: tuple[str, ...] = ()
    ) -> None:
        package = tmp_path / "stump_family"
        package.mkdir()
        source = PLUG_IN.format(cls="Stump", name=name, refit=refit, requires=requires)
        (package / "__init__.py").write_text(source + "\nSTUMP = Stump()\n")
        (package / "stump.toml").write_text(SPACE)
        info = tmp_path / "stump_family-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stump-family\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[automl_text.families]\nstump = stump_family:{entry}\n")
        monkeypatch.syspath_prepend(tmp_path)

    yield installed
    sys.modules.pop("stump_family", None)


@pytest.mark.parametrize("entry", ["Stump", "STUMP"])
def test_a_plug_in_is_found_with_its_search_space(install, entry: str):
    install(entry)
    assert family_names()[-1] == "stump"
    assert load_family("stump").title == "A stump"
    assert available(load_family("stump")) == ""
    assert load_space("stump").default_params == {"depth": 2}


def test_a_plug_in_that_breaks_the_contract_is_refused(install):
    install("Stump", refit="")
    with pytest.raises(InputError, match=r"plug-in family 'stump' \(stump_family\) lacks refit"):
        load_family("stump")


def test_a_plug_in_of_another_name_is_refused(install):
    install("Stump", name="trunk")
    with pytest.raises(InputError, match="leads to a family called 'trunk'; give both one name"):
        load_family("stump")


def test_a_missing_library_is_the_reason(install):
    install("Stump", requires=("no_such_library",))
    assert available(load_family("stump")) == "stump needs no_such_library: pip install no_such_library"


def test_an_unknown_family_names_the_nearest():
    with pytest.raises(InputError, match=r"There is no family 'lightgmb'\. Did you mean 'lightgbm'\?"):
        load_family("lightgmb")


def test_built_in_families_come_first():
    assert family_names()[:3] == ("logreg", "linear", "lightgbm")


def test_what_a_person_would_call_simpler_comes_first_in_the_declared_order():
    tuned = [family for family in map(load_family, family_names()) if not family.is_reference]
    by_simplicity = [family.name for family in sorted(tuned, key=lambda family: family.simplicity)]
    assert by_simplicity == ["logreg", "linear", "lightgbm", "lstm", "encoder"]
