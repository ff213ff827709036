"""Rank groups and pairwise verdicts."""

from automl_text.results import Comparison
from automl_text.tuning.nested import NOT_RUN
from automl_text.verdict.leaderboard import _rank_groups, leaderboard_of


def pair(a, b, verdict):
    return Comparison(
        a=a,
        b=b,
        difference=0.1,
        interval=(0, 0.2),
        p_better=0.5,
        p_equivalent=0.3,
        p_worse=0.2,
        verdict=verdict,
    )


def test_a_rank_group_holds_all_that_are_not_credibly_worse_than_its_first():
    comparisons = [
        pair("a", "b", "undecided"),
        pair("a", "c", "better"),
        pair("a", "d", "better"),
        pair("b", "c", "undecided"),
        pair("b", "d", "better"),
        pair("c", "d", "equivalent"),
    ]
    assert _rank_groups(["a", "b", "c", "d"], comparisons) == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_no_family_no_group():
    assert _rank_groups([], []) == {}


def test_clear_and_unclear_pairs_are_told_apart(judged):
    result = judged(("good", 0.05, 0), ("same", 0.06, 1), ("bad", 0.7, 2))
    verdicts = {(each.a, each.b): each.verdict for each in result.comparisons}
    assert verdicts["good", "bad"] == verdicts["same", "bad"] == "better"
    assert verdicts["good", "same"] == "undecided"
    groups = {row.family: row.rank_group for row in result.leaderboard}
    assert groups == {"good": 1, "same": 1, "bad": 2}


def test_differences_add_up_to_the_leaderboard(judged):
    result = judged(("a", 0.1, 0), ("b", 0.2, 1), ("c", 0.4, 2))
    scores = {row.family: row.macro_f1 for row in result.leaderboard}
    for each in result.comparisons:
        assert abs(each.difference - (scores[each.a] - scores[each.b])) < 1e-12
        assert each.interval[0] <= each.difference <= each.interval[1]


def test_what_was_not_reached_or_not_tried_has_not_failed(judged):
    made = judged(("a", 0.1, 0), ("b", 0.2, 1), ("c", 0.3, 2)).evaluations
    lost = {"status": "failed", "macro_f1": None, "reason": f"{NOT_RUN} 2 of 5 outer splits are complete."}
    broken = {**lost, "reason": "it raised"}
    untried = {**lost, "reason": "Left out: its fits would take about 179% of the time of all others."}
    changes = zip(made, (lost, broken, untried), strict=True)
    rows = leaderboard_of([each.model_copy(update=update) for each, update in changes], ())
    assert [row.status for row in rows] == ["unfinished", "failed", "left out"]
