from dataclasses import replace

import pytest
from engine_fakes import unit

from automl_text.engine.executor import Engine
from automl_text.engine.halt import never
from automl_text.engine.journal import Journal
from automl_text.errors import RunError
from inline_executor import InlineExecutor


@pytest.fixture
def journal(tmp_path):
    with Journal.open(tmp_path / "journal.jsonl", {}) as journal:
        yield journal


def test_equal_units_run_once(work, journal):
    outcomes = Engine(InlineExecutor(work), journal).run([unit(1), unit(1), unit(2)])
    assert set(outcomes) == {unit(1).key, unit(2).key}
    assert sorted(number for number, *_ in work.entries()) == ["1", "2"]


def test_what_the_journal_holds_does_not_run_again(work, tmp_path):
    for numbers in ([1, 2], [1, 2, 3]):
        with Journal.open(tmp_path / "journal.jsonl", {}) as journal:
            outcomes = Engine(InlineExecutor(work), journal).run(list(map(unit, numbers)))
        assert [outcomes[unit(number).key].scores.logits[0, 0, 0] for number in numbers] == numbers
    assert sorted(number for number, *_ in work.entries()) == ["1", "2", "3"]


def test_a_failure_of_the_machine_is_tried_again_by_the_next_run_only(work, tmp_path):
    for n_attempts in (1, 2):
        with Journal.open(tmp_path / "journal.jsonl", {}) as journal:
            engine = Engine(InlineExecutor(work), journal)
            for _ in range(2):
                (outcome,) = engine.run([unit(1, do="lack")]).values()
        assert (outcome.status, outcome.reason) == ("failed", "ModuleNotFoundError: No module named 'absent'")
        assert len(work.entries()) == n_attempts


def test_each_outcome_is_on_disk_before_it_is_announced(work, journal, tmp_path):
    seen = []

    def on_outcome(unit, outcome):
        seen.append(unit.params["number"])
        assert outcome.key in (tmp_path / "journal.jsonl").read_text()

    Engine(InlineExecutor(work), journal).run([unit(1), unit(2)], on_outcome)
    assert sorted(seen) == [1, 2]


def test_a_halt_leaves_the_rest_for_the_next_run(work, journal):
    engine = Engine(InlineExecutor(work), journal, halt=lambda: "soon" if work.entries() else "no")
    units = [unit(number) for number in range(3)]
    assert len(engine.run(units)) == 1
    assert len(engine.missing(units)) == 2


class Liar(InlineExecutor):
    """Gives back what it was not asked for."""

    def __init__(self, work, lie):
        super().__init__(work)
        self._lie = lie

    def run(self, units, halt=never):
        yield from map(self._lie, super().run(units, halt))


@pytest.mark.parametrize("lie", [lambda outcome: replace(outcome, key="another"), str, lambda _: None])
def test_an_outcome_that_nobody_asked_for_ends_the_run_and_is_not_journalled(work, journal, lie):
    with pytest.raises(RunError, match="an outcome that nobody had asked for"):
        Engine(Liar(work, lie), journal).run([unit(1)])
    assert journal.outcomes == {}
