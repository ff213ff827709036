"""Wrong labels that were planted are found, and right ones mostly left alone."""

import dataclasses

import numpy as np
import pytest

from automl_text.verdict.predictions import predictions_of
from automl_text.verdict.suspects import _contradictions, suspects_of
from automl_text.verdict.texts import _MAX_CHARACTERS, Excerpts


def find(build, data, *families):
    judged = predictions_of(build["evidence"](data, *families))
    return suspects_of(judged, Excerpts(data=data))


def test_a_planted_wrong_label_that_all_families_see_through_is_found(build, data):
    families = [build["family"](data, name, error_rate=0.0, simplicity=i) for i, name in enumerate("ab")]
    for family in families:
        family.outer_logits[0, 5] = 9 * np.eye(5)[0]
    codes = data.codes.copy()
    codes[5] = 3
    found = find(build, dataclasses.replace(data, codes=codes), *families)
    assert (found[0].line, found[0].label, found[0].suggested) == (7, "category 3", "category 0")
    assert found[0].reason == "families_agree"


def test_a_family_far_behind_the_best_has_no_say(build, data):
    good, poor = build["family"](data, "good", error_rate=0.0), build["family"](data, "poor", error_rate=0.7)
    good.outer_logits[0, 5], poor.outer_logits[0, 5] = 9 * np.eye(5)[0], 9 * np.eye(5)[3]
    codes = data.codes.copy()
    codes[5] = 3
    mislabelled = dataclasses.replace(data, codes=codes)
    assert any(each.line == 7 for each in find(build, mislabelled, good, poor))


def test_one_text_with_two_labels_is_a_contradiction(data):
    texts = ("Same  text", "same text", *data.texts[2:59], "SAME TEXT", "other", *data.texts[61:])
    changed = dataclasses.replace(data, texts=texts, codes=np.append([0, 1], data.codes[2:]))
    assert _contradictions(changed) == {0: 1, 1: 0, 59: 1}


def test_contradictions_come_first_and_name_the_other_label(build, data):
    texts = (*data.texts[:-1], data.texts[0])
    found = find(build, dataclasses.replace(data, texts=texts), build["family"](data, "own", error_rate=0.1))
    assert {(each.line, each.suggested) for each in found[:2]} == {(2, "category 4"), (161, "category 0")}
    assert all(each.reason == "contradiction" for each in found[:2])


def test_perfect_predictions_raise_no_suspicion(build, data):
    assert find(build, data, build["family"](data, "own", error_rate=0.0)) == ()


def test_long_texts_are_cut(data):
    excerpts = Excerpts(data=dataclasses.replace(data, texts=("x" * 500, *data.texts[1:])))
    assert len(excerpts.text(0)) == _MAX_CHARACTERS
    assert Excerpts(data=data, show_text=False).text(0) == ""


def confident_learning(probabilities, codes):
    """Rows off the diagonal of the confident joint (Northcutt, Jiang & Chuang 2021, equation 1)."""
    usual = np.array([probabilities[codes == k, k].mean() for k in range(probabilities.shape[1])])
    reached = np.where(probabilities >= usual, probabilities, -1.0)
    return (reached.max(axis=1) >= 0) & (reached.argmax(axis=1) != codes)


def test_suspects_are_worth_what_they_say_and_more_than_those_of_confident_learning(build):
    truth = build["dataset"]((200, 150, 100, 80, 60))
    generator = np.random.default_rng(0)
    is_wrong = generator.random(truth.n_rows) < 0.1
    moved = (truth.codes + generator.integers(1, 5, truth.n_rows)) % 5
    data = dataclasses.replace(truth, codes=np.where(is_wrong, moved, truth.codes))
    family = build["family"](data, "own", error_rate=0.1)
    clear = np.where(generator.random(truth.n_rows) < 0.3, 0.5, 2.8)[:, np.newaxis]  # three in ten are hard
    scores = np.eye(5)[truth.codes] * clear + generator.normal(0, 1, (truth.n_rows, 5))
    (judged,) = predictions_of(
        build["evidence"](data, dataclasses.replace(family, outer_logits=scores[np.newaxis]))
    )
    found = suspects_of([judged], Excerpts(data=data), most=None)
    lines = np.array([each.line for each in found]) - 2
    said = np.mean([each.probability for each in found])
    theirs = confident_learning(judged.probabilities, data.codes)
    assert is_wrong[lines].mean() == pytest.approx(said, abs=0.12)
    assert is_wrong[lines].mean() > is_wrong[theirs].mean() + 0.05
    assert is_wrong[lines].sum() > 0.45 * is_wrong.sum()
