import ast
import tomllib
from pathlib import Path

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from automl_text.report.sections.answers import _LINEAR_LINE, _METRIC_LINE, _imbalance_line, _network_line
from sample_result import eighteen_categories

SPACES = Path(__file__).parents[2].glob("search_spaces/*.toml")
IMBALANCES = [tomllib.loads(space.read_text()).get("params", {}).get("imbalance", {}) for space in SPACES]
STRATEGIES = sorted({name for each in IMBALANCES for name in each.get("choices", ())})


@pytest.mark.parametrize(
    "line", [_METRIC_LINE, _LINEAR_LINE, _network_line(None), *map(_imbalance_line, STRATEGIES)]
)
def test_every_line_is_python(line):
    assert "\n" not in line
    ast.parse(line)


def test_every_strategy_that_a_search_can_choose_has_its_own_line():
    assert {"oversample", "focal"} <= set(STRATEGIES)
    assert len({_imbalance_line(strategy) for strategy in STRATEGIES}) == len(STRATEGIES)


def test_the_balanced_line_gives_what_scikit_learn_gives():
    y = np.array([0, 0, 0, 1, 1, 2])
    names = {"np": np, "y": y}
    exec(_imbalance_line("balanced"), names)  # noqa: S102  (the line is ours)
    expected = compute_class_weight("balanced", classes=np.unique(y), y=y)
    assert list(names["class_weight"].values()) == pytest.approx(expected)


def test_the_network_line_carries_the_tuned_sizes():
    tuned = eighteen_categories().evaluation("lstm")
    params = {"units": 77, "dropout": 0.35, "n_directions": 1, "pooling": "mean"}
    trials = tuple(trial.model_copy(update={"params": params}) for trial in tuned.trials)
    line = _network_line(tuned.model_copy(update={"trials": trials}))
    assert "LSTM(77, return_sequences=True)" in line
    assert "Dropout(0.35)" in line
    assert "GlobalAveragePooling1D" in line
    assert "Bidirectional" not in line
