"""The procedure's estimate lets each outer split choose by what it may look at, and no more."""

import dataclasses

import numpy as np
import pytest

from automl_text.verdict.predictions import predictions_of
from automl_text.verdict.procedure import procedure_of


def swap_outside(build, data):
    """Two families: inside split 0 only the first looks good, everywhere else only the second."""
    good, bad = data.codes, (data.codes + 1) % data.n_classes
    folds = np.arange(data.n_rows) % 5

    def family(name, simplicity, inner_is_good):
        inner = np.stack(
            [np.where(folds == fold, -1, good if inner_is_good(fold) else bad) for fold in range(5)]
        )
        made = build["family"](data, name, error_rate=0.2, simplicity=simplicity)
        return dataclasses.replace(made, inner_predicted=inner[np.newaxis])

    return family("first", 0, lambda fold: fold == 0), family("second", 1, lambda fold: fold != 0)


def test_each_split_picks_by_its_own_inner_predictions_and_is_judged_by_its_own_rows(build, data):
    families = swap_outside(build, data)
    evidence = build["evidence"](data, *families)
    judged = predictions_of(evidence)
    procedure = procedure_of(evidence, judged, "second", 0.01)
    assert procedure.picks == ("first", "second", "second", "second", "second")
    folds = np.arange(data.n_rows) % 5
    expected = np.where(folds == 0, judged[0].predicted, judged[1].predicted)
    assert procedure.macro_f1 == pytest.approx(judged[0].truth.macro_f1(expected))


def test_one_family_alone_is_its_own_procedure(build, data):
    evidence = build["evidence"](data, build["family"](data, "own", error_rate=0.2))
    (own,) = predictions_of(evidence)
    procedure = procedure_of(evidence, (own,), "own", 0.01)
    assert procedure.macro_f1 == pytest.approx(own.macro_f1)
    assert procedure.interval[0] < procedure.expected_macro_f1 < procedure.interval[1]


def test_an_outer_prediction_does_not_change_what_is_picked(build, data):
    first, second = swap_outside(build, data)
    spoilt = dataclasses.replace(second, outer_logits=np.zeros_like(second.outer_logits))
    picks = [
        procedure_of(evidence, predictions_of(evidence), "second", 0.01).picks
        for evidence in (build["evidence"](data, first, each) for each in (second, spoilt))
    ]
    assert picks[0] == picks[1]
