"""One temperature makes probabilities mean what they say."""

import numpy as np
import pytest

from automl_text.families.contract import ABSENT_LOGIT
from automl_text.statistics.calibration import (
    _ABSENT,
    expected_calibration_error,
    fit_temperature,
    label_doubt,
)
from automl_text.statistics.metrics import softmax


def labelled(temperature, n_rows=4000):
    generator = np.random.default_rng(0)
    logits = generator.normal(scale=3, size=(n_rows, 4))
    probabilities = softmax(logits, temperature)
    codes = (probabilities.cumsum(axis=1) > generator.random((n_rows, 1))).argmax(axis=1)
    return logits, codes


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_the_temperature_that_made_the_labels_is_found(temperature):
    assert fit_temperature(*labelled(temperature)) == pytest.approx(temperature, rel=0.1)


def test_calibration_error_falls_when_the_temperature_is_right():
    logits, codes = labelled(4.0)
    before = expected_calibration_error(softmax(logits), codes)
    after = expected_calibration_error(softmax(logits, fit_temperature(logits, codes)), codes)
    assert before > 0.2
    assert after < 0.03


def test_rows_of_a_category_the_fit_never_saw_do_not_move_the_temperature():
    logits, codes = labelled(2.0)
    expected = fit_temperature(logits, codes)
    unseen = np.zeros((50, 4))
    unseen[:, 3] = ABSENT_LOGIT
    with_unseen = fit_temperature(np.vstack([logits, unseen]), np.append(codes, np.full(50, 3)))
    assert _ABSENT > ABSENT_LOGIT
    assert with_unseen == pytest.approx(expected)


def test_without_a_usable_row_nothing_is_scaled():
    assert fit_temperature(np.array([[0.0, ABSENT_LOGIT]]), np.array([1])) == 1.0


def test_hand_worked_calibration_error():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4]])
    assert expected_calibration_error(probabilities, np.array([0, 1])) == pytest.approx((0.1 + 0.6) / 2)


def test_rows_that_are_all_right_do_not_make_a_model_certain():
    codes = np.arange(60) % 3
    temperature = fit_temperature(np.eye(3)[codes] * 2.0, codes)
    confidence = softmax(np.eye(3)[:1] * 2.0, temperature).max()
    assert confidence == pytest.approx(1 - 1 / 62, abs=1e-3)


@pytest.mark.parametrize("rate", [0.02, 0.1])
def test_wrong_labels_are_doubted_most_and_doubt_does_not_exaggerate(rate):
    generator = np.random.default_rng(0)
    n_rows, n_classes = 6000, 8
    sharp = generator.dirichlet(np.full(n_classes, 0.15), size=n_rows)
    codes = np.array([generator.choice(n_classes, p=each) for each in sharp])
    is_wrong = generator.random(n_rows) < rate
    given = np.where(is_wrong, (codes + generator.integers(1, n_classes, n_rows)) % n_classes, codes)
    calibrated = (1 - rate) * sharp + rate * (1 - sharp) / (n_classes - 1)
    doubt = label_doubt(calibrated[np.arange(n_rows), given], n_classes)
    assert doubt.mean() < 1.35 * rate
    assert is_wrong[np.argsort(-doubt)[: int(rate * n_rows / 2)]].mean() > 0.8
    assert is_wrong[doubt > 0.2].mean() > doubt[doubt > 0.2].mean() - 0.05


def test_right_labels_of_hard_texts_are_hardly_doubted():
    generator = np.random.default_rng(0)
    soft = generator.dirichlet(np.full(4, 0.6), size=3000)
    codes = np.array([generator.choice(4, p=each) for each in soft])
    assert label_doubt(soft[np.arange(3000), codes], 4).mean() < 0.02
