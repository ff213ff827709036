"""The tests hold their level where nothing has changed, and see what has."""

import dataclasses

import numpy as np
import pytest

from automl_text.bundle.load import load_bundle
from automl_text.errors import InputError
from automl_text.loop.out_of_fold import read_out_of_fold
from automl_text.loop.shares import _corrected_shares, expected_under
from automl_text.loop.watch import _ALARM_LEVEL, _alarms, _Look, _ranks_p, _through, _unlike, watch
from automl_text.results.result import read_result


def looks(values, is_new, fold):
    return _Look(
        is_new=is_new,
        fold=fold,
        measures={"similarity": values},
        predicted=np.zeros(len(values), dtype=np.int64),
    )


def test_p_values_are_spread_evenly_where_nothing_has_changed():
    luck = np.random.default_rng(0)
    fold, is_new = np.arange(200) % 4, luck.random(200) < 0.4
    found = []
    for _ in range(400):
        values = luck.normal(size=200) + fold  # folds may differ: each is compared within itself
        found.append(_ranks_p(values, looks(values, is_new, fold)))
    assert 0.03 < np.mean(np.array(found) < 0.05) < 0.08
    assert 0.44 < np.mean(found) < 0.56


def test_few_texts_far_from_all_others_are_seen():
    luck = np.random.default_rng(1)
    values = luck.uniform(0.3, 1, 400)
    is_new = np.arange(400) >= 300
    fold = np.arange(400) % 5
    assert _unlike(looks(values, is_new, fold)).p_value > 0.01
    values[300:315] = 0.01
    assert _unlike(looks(values, is_new, fold)).p_value < 1e-4


def test_the_model_that_looks_at_texts_has_learned_their_categories():
    luck = np.random.default_rng(0)
    made = ["".join(luck.choice(list("abcdefghijklmnop"), 6)) for _ in range(324)]
    codes = np.arange(240) % 12  # 14 words of no meaning and two that tell, as in texts that people write
    texts = [" ".join([*luck.choice(made[24:], 14), *made[2 * code : 2 * code + 2]]) for code in codes]
    seen = _through(texts[:200], codes[:200], texts[200:])
    assert (seen["predicted"] == codes[200:]).mean() > 0.9
    assert seen["confidence"].mean() > 2 / 12  # a model that was never fitted gives each category a twelfth


def test_one_level_holds_for_all_checks_together():
    luck = np.random.default_rng(2)
    check = _unlike(looks(luck.random(40), np.arange(40) > 20, np.arange(40) % 2))
    n_alarms = 0
    for _ in range(5000):
        checks = [check.model_copy(update={"p_value": p}) for p in luck.random(5)]
        n_alarms += any(each.is_off for each in _alarms(checks))
    assert n_alarms / 5000 == pytest.approx(_ALARM_LEVEL, abs=0.005)


def test_shares_are_corrected_for_the_models_errors():
    luck = np.random.default_rng(3)
    codes = np.repeat([0, 1], [150, 850])  # training had halves
    evidence = luck.normal(loc=np.where(codes == 1, 1.0, -1.0), scale=1.0)
    second = 1 / (1 + np.exp(-2 * evidence))
    probability = np.stack([1 - second, second], axis=1)
    assert _corrected_shares(probability, np.array([0.5, 0.5]))[1] == pytest.approx(0.85, abs=0.03)
    assert (probability.argmax(axis=1) == 1).mean() < 0.80  # as predicted it is further off


@pytest.fixture(scope="module")
def model(finished):
    return load_bundle(finished)


def test_texts_of_the_same_source_raise_no_alarm(finished, model):
    found = watch(finished, model, str(finished.parent / "pool.csv"))
    assert not found.is_off, found.checks
    assert sum(each.corrected for each in found.shares) == pytest.approx(1)
    assert found.macro_f1 is not None
    assert found.interval[0] < found.macro_f1 < found.interval[1]
    assert found == watch(finished, model, str(finished.parent / "pool.csv"))


def test_texts_of_another_source_raise_one_and_training_texts_are_counted(finished, model, tmp_path):
    lines = (finished.parent / "tickets.csv").read_text("utf-8").splitlines()
    news = [
        f'"Quarterly profit of company {i} rose by {i} mln dlrs, it said in a statement",' for i in range(60)
    ]
    (tmp_path / "news.csv").write_text("\n".join([*lines[:3], *news]), encoding="utf-8")
    found = watch(finished, model, str(tmp_path / "news.csv"))
    assert found.is_off
    assert {each.name for each in found.checks if each.is_off} >= {"unknown_words", "unlike"}
    assert (found.n_rows, found.n_compared, found.n_seen) == (62, 60, 2)


def test_too_few_texts_are_refused(finished, model, tmp_path):
    (tmp_path / "few.csv").write_text("text\nhello there\nbye now\n")
    with pytest.raises(InputError, match="2 texts new to the run: too few to tell anything"):
        watch(finished, model, str(tmp_path / "few.csv"))


def test_the_expected_figure_under_the_shares_of_training_is_that_of_the_run(finished):
    rows, result = read_out_of_fold(finished), read_result(finished)
    shares = np.bincount(rows.codes, minlength=len(rows.classes)) / rows.n_rows
    middle, _ = expected_under(rows, result, shares, np.random.default_rng(0))
    assert middle == pytest.approx(result.procedure.expected_macro_f1)
    rows = dataclasses.replace(rows, families=())
    assert expected_under(rows, result, shares, np.random.default_rng(0)) == (None, None)
