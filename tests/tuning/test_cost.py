import re
from dataclasses import replace
from itertools import groupby
from types import SimpleNamespace

import numpy as np
import pytest
from planted import PLANTED

from automl_text.data.splitting import partition_rows
from automl_text.families.registry import load_family
from automl_text.tuning import cost as module
from automl_text.tuning.cost import SECONDS, Costs, Load
from automl_text.tuning.plan import FamilySearch, without_costly
from automl_text.tuning.search import search_families
from automl_text.tuning.splits import inner_splits, outer_splits


@pytest.fixture
def sampled(dataset):
    """One partition of all 120 rows, and one of a fifth of them with as many folds."""
    rows = np.arange(0, dataset.n_rows, 5)
    return tuple(
        partition_rows(dataset.codes, dataset.groups, n_folds=3, seed=0, **options)
        for options in ({}, {"rows": rows})
    )


def test_a_fit_costs_by_its_rows_and_not_by_its_number_of_folds(dataset, sampled):
    costs = Costs.of(dataset, sampled)
    for name in ("linear", "lightgbm", "lstm"):
        family = load_family(name)
        whole, few = (costs.fit(family, outer_splits(index, 3)[0]) for index in (0, 1))
        n_rows = [np.sum(np.isin(each.fold_of_row, (1, 2))) for each in sampled]
        average = sum(map(len, dataset.texts)) / dataset.n_rows
        assert whole > few
        for cost, n in zip((whole, few), n_rows, strict=True):
            load = Load(rows=n, characters=n * average, read=n * average, classes=3)
            assert cost == pytest.approx(SECONDS[name](load))


def test_a_network_and_trees_cost_more_than_a_linear_model_on_the_same_rows(dataset, sampled):
    costs, split = Costs.of(dataset, sampled), outer_splits(0, 3)[0]
    linear, logreg, trees, network = (
        costs.fit(load_family(name), split) for name in ("linear", "logreg", "lightgbm", "lstm")
    )
    assert linear < logreg < min(trees, network)


def test_a_family_of_another_package_costs_what_logistic_regression_does(dataset, sampled):
    costs, split = Costs.of(dataset, sampled), outer_splits(0, 3)[0]
    assert costs.fit(PLANTED, split) == costs.fit(load_family("logreg"), split)


def test_trials_of_one_split_stand_together_in_the_queue(dataset, make_plan):
    plan = make_plan(dataset, [{"place": number} for number in range(4)], n_folds=5)
    maker = plan.maker
    units = [
        maker.unit(family, split, params)
        for family in (PLANTED, load_family("lightgbm"), load_family("linear"))
        for split in (*outer_splits(0, 5), *inner_splits(0, 5))
        for params in plan.families[0].trials
    ]
    queue = sorted(units, key=lambda unit: -unit.cost)  # as executors do, stable
    runs = [key for key, _ in groupby(queue, key=lambda unit: (unit.family, unit.split))]
    assert len(runs) == len(set(runs)) == 3 * 15


def test_trials_of_one_split_stand_together_in_what_a_search_asks_for(dataset, make_plan):
    plan, batches = make_plan(dataset, [{"place": number} for number in range(4)]), []

    def run(units, purpose):  # noqa: ARG001
        batches.append(sorted(units, key=lambda unit: (unit.turn, -unit.cost)))
        return {}

    search_families(plan, run)
    runs = [key for key, _ in groupby(batches[1], key=lambda unit: (unit.turn, unit.split))]
    assert len(batches[1]) == 4 * (4 + 6)
    assert len(runs) == len(set(runs)) == 4 + 6


@pytest.fixture
def with_posted(dataset, make_plan):
    """A plan of a light family and of the network as it was posted, which costs many times as much."""
    plan = make_plan(dataset, [{"place": 0}])
    posted = FamilySearch(family=load_family("lstm-as-posted"), trials=({},), space=plan.families[0].space)
    return replace(plan, families=(*plan.families, posted))


def test_a_reference_that_costs_much_of_the_search_is_left_out_with_a_reason(with_posted):
    tuned, posted = without_costly(with_posted, ["lstm-as-posted"]).families
    assert tuned.why_unavailable == ""
    assert re.match(r"Left out: .* about \d+% .*--references all makes them", posted.why_unavailable)


def test_a_reference_that_costs_little_or_was_asked_for_stays(with_posted):
    assert without_costly(with_posted, []).families[1].why_unavailable == ""
    many = replace(with_posted.families[0], trials=({"place": 0},) * 10_000)
    cheap = replace(with_posted, families=(many, with_posted.families[1]))
    assert without_costly(cheap, ["lstm-as-posted"]).families[1].why_unavailable == ""


@pytest.mark.parametrize(
    ("family", "rows", "characters", "classes", "measured"),
    [
        ("logreg", 4000, 132_986, 18, 0.88),
        ("logreg", 400, 16_600, 25, 0.07),
        ("logreg", 85_000, 4_100_000, 18, 44.4),
        ("encoder", 8_000, 385_000, 18, 8.4),
        ("encoder", 21_333, 1_027_000, 18, 25.0),
        ("encoder", 85_333, 4_106_000, 18, 205.0),
        ("logreg", 400, 1_027_849, 9, 0.52),
        ("linear", 4000, 132_986, 18, 0.39),
        ("linear", 400, 16_600, 25, 0.07),
        ("linear", 400, 440_000, 8, 0.1),
        ("lightgbm", 400, 14_000, 18, 0.26),
        ("lightgbm", 400, 51_618, 8, 0.43),
        ("lightgbm", 2000, 524_124, 8, 2.84),
        ("lightgbm", 400, 468_215, 16, 1.61),
    ],
)
def test_the_cost_is_within_a_factor_of_two_of_what_fits_took(family, rows, characters, classes, measured):
    load = Load(rows=rows, characters=characters, read=0, classes=classes)
    assert measured / 2 < SECONDS[family](load) < 2 * measured


def documents(n_rows, n_classes, n_characters):
    """Rows sorted by category."""
    return SimpleNamespace(
        texts=tuple(f"word{row} " * (n_characters // 8) for row in range(n_rows)),
        codes=np.sort(np.arange(n_rows) % n_classes),
        groups=np.arange(n_rows),
    )


def test_a_file_sorted_by_category_gives_a_timed_fit_of_every_category():
    codes = np.repeat([0, 1, 2], [5_000, 3_000, 1])
    rows = module._drawn_rows(codes, seed=0)
    assert len(rows) == len(set(rows)) == module._TIMED_ROWS
    assert set(codes[rows[:3]]) == {0, 1, 2}
    assert np.mean(codes[rows] == 0) == pytest.approx(5 / 8, abs=0.06)


def test_the_same_seed_draws_the_same_rows_and_another_one_others():
    codes = np.arange(5_000) % 7
    assert np.array_equal(module._drawn_rows(codes, seed=1), module._drawn_rows(codes, seed=1))
    assert not np.array_equal(module._drawn_rows(codes, seed=1), module._drawn_rows(codes, seed=2))


@pytest.mark.parametrize(("n_characters", "n_classes"), [(40, 3), (100_000, 20), (600, 900), (100_000, 900)])
def test_long_documents_and_many_classes_make_the_timed_fit_no_longer(n_characters, n_classes):
    data = documents(1_000, n_classes, n_characters)
    sample = module._sample(data, module._drawn_rows(data.codes, seed=0))
    assert module._expected(sample) <= module._TIMED_SECONDS
    assert sample.n_classes == len(set(sample.train_codes)) >= 3


def test_what_is_foreseen_counts_what_the_timed_fit_really_reads():
    data = documents(1_000, 20, 100_000)
    sample = module._sample(data, module._drawn_rows(data.codes, seed=0))
    n_characters = sum(map(len, sample.train_texts))
    load = Load(rows=len(sample.train_texts), characters=n_characters, read=0, classes=sample.n_classes)
    assert module._expected(sample) == SECONDS["linear"](load)


def test_the_machine_is_slow_within_bounds(dataset):
    assert 0.5 <= module.measured_slowness(dataset, seed=0) <= 8.0
