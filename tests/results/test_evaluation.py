"""One family's record finds its final trial and its metrics by itself."""

import pytest

from automl_text.results import Evaluation, MetricRow, TrialRecord


def trial(number, **params):
    return TrialRecord(
        number=number, params=params, steps=0, inner_score=0.5, inner_scores=(0.5,), status="done"
    )


def family(name="lstm", *trials, **more):
    return Evaluation(
        family=name, title=name, is_reference=False, simplicity=1, status="done", trials=trials, **more
    )


def test_the_final_trial_is_found_by_its_number_and_not_by_its_place():
    found = family("logreg", trial(0), trial(7, C=2.0), trial(3), final_trial=7)
    assert found.final.params == {"C": 2.0}


@pytest.mark.parametrize("number", [None, 9])
def test_a_family_without_a_model_has_no_final_trial(number):
    assert family("logreg", trial(0), final_trial=number).final is None


@pytest.mark.parametrize(
    ("name", "params", "uses"),
    [
        ("encoder", {}, True),
        ("lstm", {"embedding": "pretrained"}, True),
        ("lstm", {"embedding": "learned"}, False),
        ("logreg", {"C": 1.0}, False),
    ],
)
def test_who_learns_on_sentence_vectors(name, params, uses):
    assert family(name, trial(0, **params), final_trial=0).uses_encoder is uses


def test_what_another_trial_learned_on_does_not_count():
    tried = (trial(0, embedding="pretrained"), trial(1, embedding="learned"))
    assert not family("lstm", *tried, final_trial=1).uses_encoder


def test_a_metric_is_found_by_its_name():
    row = MetricRow(name="accuracy", title="Accuracy", value=0.7, chance_random=0.1, chance_shares=0.3)
    found = family("logreg", metrics=(row,))
    assert found.metric("accuracy") is row
    assert found.metric("acuracy") is None
