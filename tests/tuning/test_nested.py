import numpy as np
import pytest

from automl_text.statistics.truth import Truth
from automl_text.tuning.nested import _choose, best_step


@pytest.fixture
def truth():
    codes = np.tile([0, 1, 2], 20)
    return Truth(codes=codes, groups=np.arange(60), measurable=np.ones(3, dtype=bool), n_folds=5)


def predictions(truth, share_right, seed=0):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(60) < share_right, truth.codes, (truth.codes + 1) % 3)


def test_the_clearly_better_candidate_is_chosen(truth):
    weak, strong = predictions(truth, 0.4)[None], predictions(truth, 0.9)[None]
    assert _choose([weak, strong], truth).trial_index == 1


def test_a_tie_goes_to_the_default(truth):
    same = predictions(truth, 0.7)[None]
    assert _choose([same, same], truth).trial_index == 0


def test_rows_that_may_not_be_looked_at_change_nothing(truth):
    weak, strong = predictions(truth, 0.4)[None].copy(), predictions(truth, 0.9)[None].copy()
    weak[:, :10], strong[:, :10] = -1, -1
    choice = _choose([weak, strong], truth)
    assert choice.trial_index == 1
    assert np.array_equal(choice.predicted[:10], [-1] * 10)


def test_each_candidate_is_judged_at_its_own_best_step(truth):
    rising = np.stack([predictions(truth, share) for share in (0.3, 0.5, 0.7, 0.95, 0.95, 0.95)])
    choice = _choose([rising[:3], rising], truth)
    assert choice.trial_index == 1
    assert choice.step_indices[1] >= 3


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([0.5], 0),
        ([0.1, 0.9], 1),
        ([0.5, 0.9, 0.5, 0.7, 0.8, 0.8], 5),  # a lone peak loses to a plateau
        ([0.5, 0.5, 0.5], 0),
    ],
)
def test_the_step_chosen_is_the_earliest_of_the_best_neighbourhood(curve, expected):
    assert best_step(np.array(curve)) == expected
