"""Curves that are known are found again, within their range, and bands hold what they promise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from automl_text.statistics.learning_curve import (
    ClassLevels,
    CurveMeasurement,
    curve_design,
    fit_curves,
)
from automl_text.statistics.truth import Truth, trained_on

ROWS = np.array([200.0, 120, 80, 60, 40])
SHARES = (0.1, 0.2, 0.4, 0.6, 0.8)


def true_f1(rows, *, stays=0.0, slope=0.6, height=-1.0):
    return (1 - stays) * special.expit(height + slope * np.log(rows))


def size_of(share, macro_f1, rows=ROWS):
    trained = np.rint(share * rows).astype(int)[np.newaxis]
    return CurveMeasurement(
        n_train=float(trained.sum()), macro_f1=macro_f1, trained=trained, judged=rows.astype(int)[np.newaxis]
    )


def levels_of(f1, rows=ROWS, certainty=1.0):
    return ClassLevels(
        measurable=np.ones(len(rows), dtype=bool),
        f1=np.asarray(f1),
        groups=rows,
        effective=certainty * rows,
        trained=0.8 * rows,
        ratio=np.ones(len(rows)),
        ratio_error=np.zeros(len(rows)),
    )


def fitted(**shape):
    sizes = [size_of(share, float(true_f1(share * ROWS, **shape).mean())) for share in SHARES]
    return fit_curves(levels_of(true_f1(0.8 * ROWS, **shape), certainty=100), sizes)


@pytest.mark.parametrize("slope", [0.5, 0.8, 1.2])
def test_a_noiseless_curve_is_carried_on(slope):
    curves = fitted(slope=slope)
    for multiple in (1, 2, 4):
        assert curves.macro_f1(multiple) == pytest.approx(
            true_f1(multiple * ROWS, slope=slope).mean(), abs=0.012
        )


def test_what_stays_is_noticed():
    free, stuck = fitted(slope=0.9), fitted(slope=0.9, stays=0.2)
    true_gain = (true_f1(4 * ROWS, slope=0.9, stays=0.2) - true_f1(ROWS, slope=0.9, stays=0.2)).mean()
    assert stuck.gain(4)[0] < free.gain(4)[0]
    assert stuck.gain(4)[0] == pytest.approx(true_gain, abs=0.03)


def test_a_rare_class_rises_more_than_its_share_of_rows_would_say():
    assert trained_on(4, 5) == 3  # of 4 rows in 5 folds each is judged by models that hold the other three
    assert trained_on(7, 5) == pytest.approx(7 - (2 * 4 + 3 * 1) / 7)
    assert trained_on(100, 5) == 80
    assert trained_on(1, 5) == 0.5


def test_a_score_that_does_not_rise_is_not_carried_up():
    flat = fit_curves(levels_of(np.full(5, 0.02)), [size_of(share, 0.02) for share in SHARES])
    assert flat.macro_f1() < 0.05


def test_two_sizes_are_enough_for_a_modest_correction():
    curves = fit_curves(levels_of(np.full(5, 0.75)), [size_of(0.6, 0.72), size_of(0.8, 0.75)])
    assert 0.75 < curves.macro_f1() < 0.80


f1_values = st.lists(st.sampled_from([0.0, 0.3, 0.8, 1.0]), min_size=2, max_size=6)


@settings(max_examples=30, deadline=None)
@given(f1_values, f1_values, st.integers(1, 30))
def test_nothing_that_is_said_leaves_the_range_of_a_score(f1, macros, n_rows):
    rows = np.full(len(f1), float(n_rows))
    sizes = [
        size_of(share, score, rows)
        for share, score in zip(np.linspace(0.2, 0.8, len(macros)), macros, strict=True)
    ]
    curves = fit_curves(levels_of(f1, rows), sizes)
    for multiple in (1, 2, 8):
        low, high = curves.interval(multiple)
        assert 0 <= low < curves.macro_f1(multiple) < high <= 1
    gain, (low, high) = curves.gain(2)
    assert 0 <= low <= gain <= high <= 1
    assert all(0 <= low < high <= 1 for low, high in curves.class_intervals())


def test_all_rows_right_still_leaves_an_interval_with_width():
    curves = fit_curves(
        levels_of(np.ones(2), np.array([10.0, 10.0])),
        [size_of(s, 1.0, np.array([10.0, 10.0])) for s in (0.6, 0.8)],
    )
    low, high = curves.interval()
    assert 0.6 < low < 0.97
    assert high <= 1
    rows = np.full(18, 30.0)
    many = fit_curves(levels_of(np.ones(18), rows), [size_of(share, 1.0, rows) for share in (0.6, 0.8)])
    assert many.interval()[0] > 0.98


def test_a_class_of_few_rows_is_drawn_towards_the_others_and_one_of_many_is_not():
    rows, f1 = np.array([200.0, 200, 200, 3]), np.array([0.8, 0.8, 0.8, 0.0])
    sizes = [size_of(share, 0.55 + 0.1 * share, rows) for share in SHARES]
    few = fit_curves(levels_of(f1, rows), sizes).class_f1()[-1]
    rows[-1] = 200
    many = fit_curves(levels_of(f1, rows), sizes).class_f1()[-1]
    assert few > 0.1
    assert many < 0.1


def test_a_class_that_is_rarer_among_new_texts_is_taken_for_others_as_often_as_before():
    """Of 100 rows 60 are hits, 40 are missed and 40 others are taken for it; then half as many are of the class."""
    levels = levels_of(np.full(5, 0.6), certainty=1000)
    sizes = [size_of(share, 0.6) for share in (0.6, 0.8)]
    usual = fit_curves(levels, sizes).class_f1()
    rarer = fit_curves(replace(levels, ratio=np.full(5, 0.5)), sizes).class_f1()
    assert usual == pytest.approx(0.6, abs=0.02)
    assert rarer - usual == pytest.approx(2 * 30 / (50 + 30 + 40) - 0.6, abs=0.01)


def test_a_row_is_worth_most_where_a_class_has_few_and_is_not_yet_good():
    rows, f1 = np.array([200.0, 20, 20]), np.array([0.7, 0.7, 0.999])
    worth = fit_curves(
        levels_of(f1, rows), [size_of(s, 0.7 + 0.1 * s, rows) for s in SHARES]
    ).worth_of_a_row()
    assert np.argmax(worth) == 1


def test_intervals_cover_what_simulated_models_reach():
    generator = np.random.default_rng(0)
    covered, forecast, gains = [], [], []
    for _ in range(60):
        slope, heights = generator.normal(0.8, 0.2), generator.normal(-0.8, 0.5, 5)
        at = {m: true_f1(m * ROWS, slope=slope, height=heights) for m in (*SHARES, 1, 2)}
        luck = generator.normal(0, 1, 5) * np.sqrt(at[0.8] * (1 - at[0.8]) / ROWS)
        level = (at[0.8] + luck).clip(0, 1)
        sizes = [
            size_of(s, float((at[s] + luck).clip(0, 1).mean() + generator.normal(0, 0.004))) for s in SHARES
        ]
        curves = fit_curves(levels_of(level), sizes)
        (low, high), (low2, high2) = curves.interval(), curves.interval(2, 0.9)
        covered.append(low <= at[1].mean() <= high)
        forecast.append(low2 <= at[2].mean() <= high2)
        band = curves.gain(2)[1]
        gains.append(band[0] <= at[2].mean() - at[1].mean() <= band[1])
    assert np.mean(covered) > 0.9
    assert np.mean(forecast) > 0.85
    assert np.mean(gains) > 0.85


def test_levels_count_groups_once_and_repeats_not_at_all():
    codes, groups = np.repeat([0, 1], [6, 4]), np.array([0, 0, 0, 1, 2, 3, 4, 5, 6, 7])
    truth = Truth(codes=codes, groups=groups, measurable=np.ones(2, dtype=bool), n_folds=2)
    once, twice = truth.levels(codes), truth.repeated(2).levels(np.tile(codes, 2))
    assert once.groups.tolist() == twice.groups.tolist() == [4, 4]
    assert once.effective.tolist() == pytest.approx([36 / 12, 4])
    assert twice.effective.tolist() == pytest.approx(once.effective.tolist())


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
