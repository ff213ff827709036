import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from laggards import OVER_ALL, distances


def evaluation(family, *trials):
    return SimpleNamespace(
        family=family,
        trials=tuple(SimpleNamespace(inner_score=score, inner_scores=inside) for score, *inside in trials),
    )


def test_the_distance_before_and_after_tuning_is_that_to_the_best_of_all_families():
    best = evaluation("a", (0.8, 0.7, 0.9), (0.82, 0.6, 0.95))
    behind = evaluation("b", (0.6, 0.7, 0.5), (0.75, 0.65, 0.6))
    rows = {row["choice"]: row for row in distances(SimpleNamespace(evaluations=(best, behind)))}
    assert rows.keys() == {OVER_ALL, 1}  # in outer split 0 both begin level
    over_all, second = rows[OVER_ALL], rows[1]
    assert (over_all["before"], over_all["after"]) == pytest.approx((0.2, 0.07))
    assert (second["before"], second["after"], second["brought"]) == pytest.approx((0.4, 0.35, 0.05))
