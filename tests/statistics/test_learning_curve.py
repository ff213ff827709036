"""Curves that are known are found again, and bands hold what they promise."""

import numpy as np
import pytest

from automl_text.statistics.interval import Estimate
from automl_text.statistics.learning_curve import curve_design, fit_curve

SIZES = np.array([50.0, 100, 200, 300, 400])


def scores(stays, exponent, error=0.25):
    return 1 - error * (stays + (1 - stays) * (SIZES / SIZES[-1]) ** -exponent)


@pytest.mark.parametrize(("stays", "exponent"), [(0.0, 0.5), (0.0, 0.35), (0.3, 0.6)])
def test_a_noiseless_curve_is_carried_on(stays, exponent):
    curve = fit_curve(SIZES, scores(stays, exponent), error=0.002)
    for n_rows in (500, 1000, 2000):
        expected = 1 - 0.25 * (stays + (1 - stays) * (n_rows / 400) ** -exponent)
        assert curve.carry(0.75, 400, n_rows) == pytest.approx(expected, abs=0.015)


def test_a_score_that_does_not_rise_is_not_carried_up():
    curve = fit_curve(SIZES, np.full(5, 0.02), error=0.01)
    assert curve.carry(0.02, 400, 500) < 0.04


def test_two_sizes_are_enough_for_a_modest_correction():
    curve = fit_curve([300, 400], [0.71, 0.75], error=0.02)
    assert 0.75 < curve.carry(0.75, 400, 500) < 0.80


def estimate(error, value=0.75):
    """Return an estimate with a given standard error."""
    return Estimate(value=value, rarity=error / Estimate(value=value, rarity=1.0).error)


def test_a_band_holds_the_forecast_and_widens_with_the_error():
    curve = fit_curve(SIZES, scores(0.1, 0.5), error=0.02)
    narrow, wide = curve.band(estimate(0.01), 400, 2000), curve.band(estimate(0.04), 400, 2000)
    assert narrow[0] < curve.carry(0.75, 400, 2000) < narrow[1]
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_with_an_exact_level_the_band_at_the_measured_size_is_the_measurement():
    curve = fit_curve(SIZES, scores(0.1, 0.5), error=0.02)
    assert curve.band(estimate(0.0), 400, 400) == pytest.approx((0.75, 0.75))


def test_bands_cover_simulated_curves():
    generator = np.random.default_rng(0)
    covered = []
    for _ in range(80):
        stays, exponent = min(generator.exponential(0.2), 0.9), np.clip(generator.normal(0.5, 0.15), 0.1, 1)
        measured = scores(stays, exponent) + generator.normal(0, 0.02) + generator.normal(0, 0.006, 5)
        curve = fit_curve(SIZES, measured, 0.02)
        low, high = curve.band(estimate(0.02, measured[-1]), 400, 1600)
        covered.append(low <= 1 - 0.25 * (stays + (1 - stays) * 4**-exponent) <= high)
    assert 0.8 < np.mean(covered) <= 1


def test_sizes_that_err_together_do_not_count_as_independent_evidence():
    few, many = fit_curve([200, 400], [0.7, 0.75], 0.02), fit_curve([200, 399, 400], [0.7, 0.75, 0.75], 0.02)
    assert many.carry(0.75, 400, 800) == pytest.approx(few.carry(0.75, 400, 800), abs=0.01)


@pytest.mark.parametrize("n_folds", [2, 3, 4, 5, 7, 10, 20])
def test_extra_fits_are_few_cheap_and_judge_what_they_did_not_train_on(n_folds):
    design = curve_design(n_folds)
    for split in design:
        assert set(split.train).isdisjoint(split.test)
        assert sorted(split.train + split.test) == list(range(n_folds))
        assert 0 < split.fraction <= 1
        assert len(split.train) * split.fraction < max(n_folds - 2, 1)
    assert len(design) <= 15


def test_five_folds_add_two_fifths_one_fifth_and_a_tenth_of_the_rows():
    sizes = [len(split.train) * split.fraction / 5 for split in curve_design(5)]
    assert sizes == pytest.approx([0.4] * 5 + [0.2] * 5 + [0.1] * 5)
    trained = [part for split in curve_design(5) for part in split.train]
    assert np.ptp(np.bincount(trained)) == 0
