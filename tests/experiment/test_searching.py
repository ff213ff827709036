import csv
import dataclasses
import re
from contextlib import closing
from types import SimpleNamespace

import pytest

from automl_text.engine.executor import Engine
from automl_text.engine.halt import Interruption
from automl_text.engine.journal import Journal
from automl_text.errors import InputError
from automl_text.experiment import searching
from automl_text.experiment.budget import _HARD_SHARE, _SHARES, Budget, Clock
from automl_text.experiment.prepare import prepare
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.searching import Session, open_journal, search
from automl_text.tuning.fitting import FitWork
from inline_executor import InlineExecutor


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """60 letters of 20 customers, a third of them complaints, with a subject, a body and two rare categories."""
    path = tmp_path_factory.mktemp("data") / "letters.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["subject", "body", "category", "tone", "customer"])
        for row in range(60):
            category = "rare" if row < 2 else ("complaint", "question", "praise")[row % 3]
            tone = ("calm", "angry")[row // 2 % 2]
            writer.writerow(
                [f"about {row} things", f"{row} words of number {row * row}", category, tone, row // 3]
            )
    return path


def prepared(letters, **changes):
    asked = {"text": ("body",), "label": "category", "preset": "quick", "n_folds": 3, "families": ("logreg",)}
    return prepare(SearchRequest(data=letters, references="none", **{**asked, **changes}))


CHANGES = {
    "folds (--outer-folds) 3 there, 4 here": {"n_folds": 4},
    "repeats 1 there, 2 here": {"n_repeats": 2},
    "repeats 1 there, 3 here": {"preset": "thorough"},
    "group column none there, customer here": {"group": "customer"},
    "text columns body there, subject, body here": {"text": ("subject", "body")},
    "label column category there, tone here": {"label": "tone"},
    "rare categories keep there, drop below 5 rows here": {"rare": "drop"},
    "seed 0 there, 7 here": {"seed": 7},
}


@pytest.mark.parametrize("difference", CHANGES)
def test_another_search_is_refused_in_the_words_of_its_options(letters, tmp_path, difference):
    path = tmp_path / "journal.jsonl"
    with open_journal(path, prepared(letters)):
        pass
    with pytest.raises(InputError, match=re.escape(f"another search: {difference}. --resume continues")):
        open_journal(path, prepared(letters, **CHANGES[difference]))


def test_the_same_search_goes_on_with_more_trials_and_families(letters, tmp_path):
    path = tmp_path / "journal.jsonl"
    with open_journal(path, prepared(letters)):
        pass
    open_journal(path, prepared(letters, n_trials=9, families=("logreg", "linear"), group=None))


class Steered:
    """An executor whose every fit takes so many seconds of a clock that nothing else moves."""

    n_at_once = 1

    def __init__(self, plan, seconds):
        self.now, self._seconds = 0.0, seconds
        work = FitWork(dataset=plan.dataset, partitions=plan.all_partitions, n_repeats=len(plan.partitions))
        self._inline = InlineExecutor(work)

    def run(self, units, halt, known):
        for outcome in self._inline.run(units, halt, known):
            self.now += self._seconds
            yield outcome

    def close(self):
        """Do nothing."""


@pytest.mark.parametrize("changes", [{}, {"preset": "thorough", "n_repeats": 1}])
def test_a_time_budget_is_kept_and_says_what_was_cut(request_for, tmp_path, watcher, changes):
    plan = prepare(dataclasses.replace(request_for(tmp_path, n_trials=50, time_budget=100.0), **changes)).plan
    executor = Steered(plan, 1.0)
    budget = Budget(plan, Clock(monotonic=0.0, now=lambda: executor.now), seconds=100.0)
    session = Session(
        folder=SimpleNamespace(journal=tmp_path), observer=watcher, interruption=Interruption(), budget=budget
    )
    with Engine(executor, Journal.open(tmp_path / "journal.jsonl", {}), session.halt) as engine:
        evidence = search(plan, engine, session)
    assert _HARD_SHARE * 100 > executor.now >= _SHARES["trials"] * 100 - 1
    tuned = [each for each in evidence.families if not each.is_reference]
    assert all(each.outer_logits is not None for each in tuned)
    assert all("not tried" in " ".join(each.cuts) for each in tuned)


def test_a_fit_that_is_foreseen_to_take_long_gets_the_time(letters, tmp_path, monkeypatch):
    request, found = SearchRequest(data=letters), prepared(letters)
    costliest = max(map(found.plan.cost, found.plan.families))
    for usual, limit in ((100 * costliest, 100 * costliest), (0.0, 10 * costliest)):
        monkeypatch.setattr(searching, "_UNIT_SECONDS", usual)
        with closing(searching.open_executor(request, found, jobs=1, log=tmp_path / "log")) as executor:
            assert executor._options.time_limit == pytest.approx(limit)
