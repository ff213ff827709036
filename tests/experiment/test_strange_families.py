"""Families of other packages that raise, die, or give anything but scores; and one that cannot even be imported."""

import pytest

from automl_text.cli import entry
from automl_text.errors import InputError
from automl_text.experiment import searching
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
import resource
import signal
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
        if self.name == "starves":
            limits = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (1 << 20, limits[1]))  # ulimit -v
            try:
                np.zeros(1 << 30)
            finally:
                resource.setrlimit(resource.RLIMIT_AS, limits)
        if self.name == "hangs":
            signal.pause()
        if self.name == "nothing":
            return None
        if self.name == "nan":
            return Scores(steps=(0,), logits=np.full(shape, np.nan))
        if self.name == "wide":
            return Scores(steps=(0,), logits=np.zeros((1, shape[1], shape[2] + 1)))
        return Scores(steps=(0,), logits=np.zeros(shape), notes=(lambda: 0,))

    def refit(self, plan, settings):
        raise NotImplementedError


names = ("raises", "dies", "starves", "nothing", "nan", "wide", "secret", "hangs")
raises, dies, starves, nothing, nan, wide, secret, hangs = map(Strange, names)
"""
REASONS = {
    "raises": "ZeroDivisionError: no ",
    "dies": "its process exited with status 7",
    "starves": "MemoryError: Unable to allocate",
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
    points = "".join(f"{name} = strange:{name}\n" for name in (*REASONS, "hangs"))
    (site / "strange-1.dist-info" / "entry_points.txt").write_text(
        f"[automl_text.families]\n{points}broken = strange.broken:FAMILY\n"
    )
    for name in (*REASONS, "hangs"):
        (site / f"{name}.toml").write_text(SPACE.format(name=name))
    monkeypatch.syspath_prepend(site)


@pytest.fixture
def evaluations(site, tickets, tmp_path):  # noqa: ARG001  (the families are found there)
    """Search with some of the strange families, all of which fail, and return what is said of them."""

    def search(*families):
        options = "--trials 1 --outer-folds 3 --references none --jobs 2 --preset quick --families"
        where = ("--output", str(tmp_path / "run"))
        assert entry.run(["search", str(tickets), *options.split(), ",".join(families), *where]) == 1
        result = read_result(tmp_path / "run")
        assert (result.verdict.code, result.timing.model) == ("all_failed", None)
        return result.evaluations

    return search


def test_a_search_whose_every_family_failed_says_why_and_is_not_done(evaluations, capsys):
    for each in evaluations(*REASONS):
        assert REASONS[each.family] in each.reason, each.family
    assert "\x1b" not in capsys.readouterr().out


def test_a_family_whose_fits_hang_has_failed_when_their_time_is_over(evaluations, monkeypatch):
    monkeypatch.setattr(searching, "_UNIT_SECONDS", 1.0)
    (hangs,) = evaluations("hangs")
    assert hangs.reason == "took longer than the time limit of 1 s"


@pytest.mark.usefixtures("site")
def test_a_family_that_cannot_be_imported_is_refused_by_name():
    with pytest.raises(
        InputError, match=r"plug-in family 'broken' cannot be imported .*strange\.broken:FAMILY"
    ):
        load_family("broken")
