"""Families of other packages that raise, die, or give anything but scores; and one that cannot even be imported."""

import pytest

from automl_text.cli import entry
from automl_text.errors import InputError
from automl_text.families.registry import load_family
from automl_text.results.result import read_result

SPACE = """
format = 1
family = "{name}"
[params.do]
type = "choice"
choices = ["it", "other"]
default = "it"
"""
MODULE = """
import os
from dataclasses import dataclass

import numpy as np

from automl_text.families.contract import Scores


@dataclass(frozen=True)
class Settings:
    do: str


class Strange:
    simplicity, is_reference, requires, runtime, settings = 50, False, (), "light", Settings

    def __init__(self, name):
        self.name = self.title = name

    def score(self, sample, settings, *, seed):
        shape = 1, len(sample.test_texts), sample.n_classes
        if self.name == "raises":
            raise ZeroDivisionError("no \\x1b[31mtree grew")
        if self.name == "dies":
            os._exit(7)
        if self.name == "nothing":
            return None
        if self.name == "nan":
            return Scores(steps=(0,), logits=np.full(shape, np.nan))
        if self.name == "wide":
            return Scores(steps=(0,), logits=np.zeros((1, shape[1], shape[2] + 1)))
        return Scores(steps=(0,), logits=np.zeros(shape), notes=(lambda: 0,))

    def refit(self, plan, settings):
        raise NotImplementedError


raises, dies, nothing, nan, wide, secret = map(Strange, ("raises", "dies", "nothing", "nan", "wide", "secret"))
"""
REASONS = {
    "raises": "ZeroDivisionError: no ",
    "dies": "its process exited with status 7",
    "nothing": "TypeError: the family gave a NoneType and no Scores",
    "nan": "ValueError: scores that are no numbers",
    "wide": "ValueError: logits of shape (1, ",
    "secret": "cannot be pickled",
}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of installed packages with the strange families in it."""
    site = tmp_path / "site"
    (site / "strange-1.dist-info").mkdir(parents=True)
    (site / "strange.py").write_text(MODULE)
    (site / "strange-1.dist-info" / "METADATA").write_text("Name: strange\nVersion: 1\n")
    points = "".join(f"{name} = strange:{name}\n" for name in REASONS)
    (site / "strange-1.dist-info" / "entry_points.txt").write_text(
        f"[automl_text.families]\n{points}broken = strange.broken:FAMILY\n"
    )
    for name in REASONS:
        (site / f"{name}.toml").write_text(SPACE.format(name=name))
    monkeypatch.syspath_prepend(site)


@pytest.mark.usefixtures("site")
def test_a_search_whose_every_family_failed_says_why_and_is_not_done(tickets, tmp_path, capsys):
    options = [
        "--trials",
        "1",
        "--outer-folds",
        "3",
        "--references",
        "none",
        "--jobs",
        "2",
        "--preset",
        "quick",
    ]
    families = ("--families", ",".join(REASONS))
    code = entry.run(["search", str(tickets), *options, *families, "--output", str(tmp_path / "run")])
    assert code == 1
    result = read_result(tmp_path / "run")
    assert result.verdict.code == "all_failed"
    assert result.timing.model is None
    for each in result.evaluations:
        assert REASONS[each.family] in each.reason, each.family
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.usefixtures("site")
def test_a_family_that_cannot_be_imported_is_refused_by_name():
    with pytest.raises(
        InputError, match=r"plug-in family 'broken' cannot be imported .*strange\.broken:FAMILY"
    ):
        load_family("broken")
