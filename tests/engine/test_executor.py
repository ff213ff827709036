from dataclasses import replace

import pytest
from engine_fakes import unit

from automl_text.engine.executor import Engine, start_all
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

    def run(self, units, halt=never, known=start_all):
        yield from map(self._lie, super().run(units, halt, known))


@pytest.mark.parametrize("lie", [lambda outcome: replace(outcome, key="another"), str, lambda _: None])
def test_an_outcome_that_nobody_asked_for_ends_the_run_and_is_not_journalled(work, journal, lie):
    with pytest.raises(RunError, match="an outcome that nobody had asked for"):
        Engine(Liar(work, lie), journal).run([unit(1)])
    assert journal.outcomes == {}


class Hangs(InlineExecutor):
    """Lets the fits of a family reach their time limit."""

    def __init__(self, work, family, n_times):
        super().__init__(work)
        self._family, self._left = family, n_times

    def run(self, units, halt=never, known=start_all):
        of = {each.key: each.family for each in units}
        for outcome in super().run(units, halt, known):
            is_hung = of[outcome.key] == self._family and self._left > 0
            self._left -= is_hung
            yield replace(outcome, status="timed_out", scores=None, is_final=False) if is_hung else outcome


def test_a_family_of_which_two_fits_hang_and_none_is_done_is_given_up_and_no_other_one(work, journal):
    hanging = [unit(number, turn=number) for number in range(5)]
    others = [replace(unit(number, turn=number), family="other") for number in range(5, 8)]
    outcomes = Engine(Hangs(work, hanging[0].family, 5), journal).run([*hanging, *others])
    assert [outcomes[each.key].status for each in [*hanging, *others]] == ["timed_out"] * 5 + ["done"] * 3
    assert [number for number, *_ in work.entries()] == ["0", "1", "5", "6", "7"]
    assert "before it" in outcomes[hanging[2].key].reason
    assert not outcomes[hanging[2].key].is_final


def test_a_family_that_hangs_after_a_fit_was_done_goes_on(work, journal):
    units = [unit(number, turn=number) for number in range(5)]
    Engine(InlineExecutor(work), journal).run(units[:1])
    outcomes = Engine(Hangs(work, units[0].family, 2), journal).run(units)
    assert [outcomes[each.key].status for each in units] == ["done", *["timed_out"] * 2, *["done"] * 2]
