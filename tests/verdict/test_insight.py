"""Confusions, errors, what to label next, and the figure when texts repeat."""

import dataclasses
import tracemalloc

import numpy as np
import pytest

from automl_text.verdict.insight import confused_pairs, label_next, worst_errors
from automl_text.verdict.predictions import predictions_of
from automl_text.verdict.texts import Excerpts, repeated_macro_f1


def predictions(build, data, error_rate=0.3):
    return predictions_of(build["evidence"](data, build["family"](data, "own", error_rate=error_rate)))[0]


def test_confused_pairs_are_counted_and_shown_with_their_own_examples(build, data):
    own = predictions(build, data)
    pairs = confused_pairs(own, Excerpts(data=data))
    counts = [pair.n for pair in pairs]
    assert counts == sorted(counts, reverse=True)
    for pair in pairs:
        is_pair = (data.codes == data.classes.index(pair.label)) & (
            own.predicted == data.classes.index(pair.predicted)
        )
        assert is_pair.sum() == pair.n
        assert {(each.label, each.predicted) for each in pair.examples} == {(pair.label, pair.predicted)}


def test_worst_errors_are_wrong_and_most_confident_first(build, data):
    errors = worst_errors(predictions(build, data), Excerpts(data=data))
    confidences = [each.confidence for each in errors]
    assert confidences == sorted(confidences, reverse=True)
    assert all(each.label != each.predicted for each in errors)
    assert all(data.texts[each.line - 2] == each.text for each in errors)


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
