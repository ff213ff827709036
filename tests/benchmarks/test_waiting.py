import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from waiting import figures


def test_what_was_told_is_held_against_what_was_left():
    told = [
        (2.0, None, False),
        (10.0, 45.0, False),
        (20.0, 80.0, True),
        (60.0, 80.0, True),
        (98.0, 50.0, True),
    ]
    replay = SimpleNamespace(
        now=100.0, told=told, further={"a": [4.0, 6.0], "b": [0.5]}, foreseen={"a": 15.0, "b": 9.0, "c": 1.0}
    )
    found = figures(replay)
    assert found["before_defaults_median"] == 0.5
    assert (found["after_defaults_median"], found["after_defaults_range"]) == (1.5, [1.0, 2.0])
    assert found["after_defaults_near"] == 0.5
    assert found["foreseen_over_taken"] == {"a": 1.5}
