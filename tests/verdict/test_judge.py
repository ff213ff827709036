"""A whole judgement from evidence placed by hand."""

import dataclasses

import numpy as np
import pytest

from automl_text.statistics.metrics import macro_f1
from automl_text.verdict.judge import JudgeOptions, judge


def run(build, data, *families, n_repeats=1, signal=None, **options):
    return judge(
        build["evidence"](data, *families, n_repeats=n_repeats),
        dataset_info=build["info"](data),
        signal=signal,
        options=JudgeOptions(seed=0, **options),
    )


def test_families_stand_in_order_of_their_pooled_macro_f1(judged):
    result = judged(("weak", 0.5, 0), ("strong", 0.1, 1), ("middle", 0.3, 2))
    assert [row.family for row in result.leaderboard] == ["strong", "middle", "weak"]
    assert [row.rank for row in result.leaderboard] == [1, 2, 3]
    scores = [row.macro_f1 for row in result.leaderboard]
    assert scores == sorted(scores, reverse=True)


def test_every_figure_of_a_finished_family_is_there(judged, data):
    row = judged(("only", 0.2, 0)).evaluations[0]
    assert row.interval[0] < row.expected_macro_f1 < row.interval[1]
    assert row.macro_f1 < row.expected_macro_f1
    assert [score.label for score in row.per_class] == list(data.classes)
    assert np.sum(row.confusion) == data.n_rows
    assert row.calibration.ece_after <= row.calibration.ece_before + 0.02
    assert [params.n_rows for params in row.learning_curve.forecast] == [160, 320, 640, 1280]
    assert row.learning_curve.forecast[0].macro_f1 == pytest.approx(row.expected_macro_f1)
    assert {metric.name for metric in row.metrics} >= {"macro_f1", "keras_pr_auc", "log_loss"}


def test_the_measured_figure_is_that_of_the_out_of_fold_predictions(build, data):
    family = build["family"](data, "only", error_rate=0.2)
    row = run(build, data, family).evaluations[0]
    predicted = family.outer_logits[0].argmax(axis=1)
    assert row.macro_f1 == pytest.approx(macro_f1(data.codes, predicted, data.measurable))
    assert {metric.name: metric.value for metric in row.metrics}["macro_f1"] == pytest.approx(row.macro_f1)


def test_repeats_are_pooled_and_do_not_shrink_the_interval_by_their_number(build, data):
    once = build["family"](data, "only", error_rate=0.2)
    same = dataclasses.replace(
        once,
        outer_logits=np.repeat(once.outer_logits, 3, axis=0),
        inner_predicted=np.repeat(once.inner_predicted, 3, axis=0),
    )
    single, repeated = run(build, data, once), run(build, data, same, n_repeats=3)
    assert repeated.evaluations[0].macro_f1 == pytest.approx(single.evaluations[0].macro_f1)
    assert repeated.evaluations[0].interval == pytest.approx(single.evaluations[0].interval)
    assert repeated.procedure.macro_f1 == pytest.approx(single.procedure.macro_f1)
    assert len(repeated.procedure.picks) == 15


def test_a_reference_is_ranked_and_never_recommended(build, data):
    reference = build["family"](
        data, "reference", error_rate=0.05, is_reference=True, inner_predicted=None, curve=()
    )
    result = run(build, data, reference, build["family"](data, "own", error_rate=0.3, simplicity=1))
    assert result.leaderboard[0].family == "reference"
    assert result.verdict.recommended == "own"
    assert result.leaderboard[0].expected_macro_f1 is None
    assert "smaller samples" in result.leaderboard[0].interval_reason


def test_a_failed_family_costs_its_own_row_alone(build, data):
    failed = build["family"](
        data,
        "failed",
        error_rate=0.1,
        status="failed",
        reason="no library",
        outer_logits=None,
        final_params=None,
    )
    result = run(build, data, failed, build["family"](data, "own", error_rate=0.3, simplicity=1))
    last = result.leaderboard[-1]
    assert (last.family, last.macro_f1, last.interval_reason) == ("failed", None, "no library")
    assert last.rank_group > result.leaderboard[0].rank_group
    assert result.verdict.recommended == "own"


def test_repeats_count_every_row_once(build, data):
    info, options = build["info"](data), JudgeOptions(seed=0)
    family = build["family"](data, "own", error_rate=0.2, n_repeats=3)
    evidence = build["evidence"](data, family, n_repeats=3)
    result = judge(evidence, dataset_info=info, signal=None, options=options)
    assert np.sum(result.evaluations[0].confusion, axis=1).tolist() == np.bincount(data.codes).tolist()
    assert result.insight.thresholds[0].n_decided <= data.n_rows


def test_without_any_finished_family_nothing_is_recommended(build, data):
    failed = build["family"](
        data, "failed", error_rate=0.1, status="failed", reason="no memory", outer_logits=None
    )
    result = run(build, data, failed)
    assert (result.verdict.code, result.verdict.recommended) == ("all_failed", None)
    assert any("no memory" in reason for reason in result.verdict.reasons)
    assert result.procedure.macro_f1 is None


def test_references_alone_are_no_failure(build, data):
    result = run(build, data, build["family"](data, "largest", error_rate=0.6, is_reference=True))
    assert (result.verdict.code, result.verdict.recommended) == ("only_references", None)
    assert "--families" in result.verdict.next_steps[0]


def test_without_signal_nothing_is_recommended_unless_forced(build, data):
    family, nothing = build["family"](data, "own", error_rate=0.3), build["signal"](has_signal=False)
    result = run(build, data, family, signal=nothing)
    assert (result.verdict.code, result.verdict.recommended) == ("no_signal", None)
    assert "p = 0.400" in result.verdict.reasons[0]
    assert run(build, data, family, signal=nothing, force=True).verdict.recommended == "own"
    assert run(build, data, family, signal=build["signal"]()).verdict.recommended == "own"


def test_two_categories_are_judged(build):
    data = build["dataset"]((30, 12))
    result = run(
        build,
        data,
        *(build["family"](data, name, error_rate=0.2, simplicity=i) for i, name in enumerate("ab")),
    )
    assert result.verdict.recommended in ("a", "b")
    assert not any("Merge" in step for step in result.verdict.next_steps)


def test_a_category_with_one_row_is_kept_and_said_not_to_count(build):
    data = build["dataset"]((40, 30, 1))
    result = run(build, data, build["family"](data, "own", error_rate=0.1))
    lonely = result.evaluations[0].per_class[2]
    assert (lonely.is_measurable, lonely.is_grey, lonely.interval) == (False, True, None)
    assert "2 of 3 categories" in result.verdict.headline
    assert "category 2" in result.insight.never_safe


def test_no_text_means_no_text(judged):
    result = judged(("a", 0.3, 0), ("b", 0.3, 1), show_text=False)
    assert result.insight.examples
    assert "text number" not in repr(result)
    assert "text number" in repr(judged(("a", 0.3, 0), ("b", 0.3, 1)))


def test_equal_evidence_gives_an_equal_judgement(judged):
    families = (("a", 0.2, 0), ("b", 0.25, 1), ("c", 0.4, 2))
    assert judged(*families) == judged(*families)


def test_a_search_without_a_curve_says_why_there_is_no_interval(build, data):
    result = run(build, data, build["family"](data, "own", error_rate=0.2, curve=()))
    assert result.evaluations[0].interval is None
    assert result.procedure.macro_f1 is not None
    assert "smaller samples" in result.procedure.interval_reason
    assert "on rows it had not seen" in result.verdict.headline
