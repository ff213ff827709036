"""Confusions, errors, what to label next, and the figure when texts repeat."""

import dataclasses
import tracemalloc

import numpy as np
import pytest

from automl_text.verdict import insight
from automl_text.verdict.insight import _examples_of, label_next
from automl_text.verdict.predictions import predictions_of
from automl_text.verdict.texts import Excerpts, repeated_macro_f1


def predictions(build, data, error_rate=0.3):
    return predictions_of(build["evidence"](data, build["family"](data, "own", error_rate=error_rate)))[0]


def test_examples_are_all_rows_wrong_ones_first_and_each_surest_first(build, data):
    own = predictions(build, data)
    examples = _examples_of(own, Excerpts(data=data))
    assert [each.line for each in sorted(examples, key=lambda each: each.line)] == data.lines.tolist()
    order = [(each.label == each.predicted, -each.confidence) for each in examples]
    assert order == sorted(order)
    for each in examples:
        row = each.line - 2
        assert (each.text, each.label) == (data.texts[row], data.classes[data.codes[row]])
        assert each.predicted == data.classes[own.predicted[row]]


def test_of_data_too_large_for_a_page_every_cell_gives_its_surest(build, data, monkeypatch):
    own = predictions(build, data)
    every = _examples_of(own, Excerpts(data=data))
    monkeypatch.setattr(insight, "MAX_EXAMPLES", data.n_rows - 1)
    kept = _examples_of(own, Excerpts(data=data))
    cells = {(each.label, each.predicted) for each in every}
    assert {(each.label, each.predicted) for each in kept} == cells
    for cell in cells:
        of_cell = [each for each in every if (each.label, each.predicted) == cell]
        assert [each for each in kept if (each.label, each.predicted) == cell] == of_cell[: insight._PER_CELL]


def test_withheld_texts_leave_examples_without_words(build, data):
    examples = _examples_of(predictions(build, data), Excerpts(data=data, show_text=False))
    assert {each.text for each in examples} == {""}


def test_the_rare_category_that_fails_is_labelled_first_and_a_perfect_one_never(build, data):
    family = build["family"](data, "own", error_rate=0.0)
    family.outer_logits[0, data.codes == 4] = np.eye(5)[3] * 9
    own = predictions_of(build["evidence"](data, family))[0]
    assert label_next(own, data) == ("category 4", "category 3")


def test_without_repetitions_there_is_no_such_figure(build, data):
    assert repeated_macro_f1(predictions(build, data), data, groups_repeat=True) is None


def test_a_repeated_text_is_answered_with_the_label_of_its_repetition(build, data):
    own = predictions(build, data, error_rate=0.4)
    pairs = dataclasses.replace(data, groups=np.arange(data.n_rows) // 2)
    assert repeated_macro_f1(own, pairs, groups_repeat=True) == pytest.approx(1.0)


def test_where_groups_are_customers_only_equal_texts_repeat(build, data):
    own = predictions(build, data, error_rate=0.4)
    customers = dataclasses.replace(data, groups=np.arange(data.n_rows) // 2)
    assert repeated_macro_f1(own, customers, groups_repeat=False) is None
    wrong = np.flatnonzero((own.predicted != data.codes) & (data.codes == 0))[:2]
    texts = np.array(data.texts, dtype=object)
    texts[wrong] = ["Once more", "once  more"]
    same = dataclasses.replace(customers, texts=tuple(texts))
    assert repeated_macro_f1(own, same, groups_repeat=False) > own.macro_f1


def test_one_long_text_does_not_cost_its_length_for_every_row(build, data):
    one_long = dataclasses.replace(data, texts=("x" * 100_000, *data.texts[1:]))
    tracemalloc.start()
    repeated_macro_f1(predictions(build, data), one_long, groups_repeat=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000 * data.n_rows
