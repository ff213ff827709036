"""Texts that say nothing about their labels are told from texts that do."""

import numpy as np
import pytest

from automl_text.statistics.permutation import _MAX_ROWS, _shuffle_groups, _some_groups, signal

WORDS = np.array([f"word{i}" for i in range(40)])


def make_texts(codes, seed, clue=0.7):
    generator = np.random.default_rng(seed)
    return [
        " ".join([*generator.choice(WORDS, 6), f"clue{code}" if generator.random() < clue else "nothing"])
        for code in codes
    ]


def check(texts, codes, groups=None, seed=0):
    groups = np.arange(len(codes)) if groups is None else groups
    return signal(texts, codes, groups, np.ones(int(codes.max()) + 1, dtype=bool), seed=seed)


def test_a_clue_in_some_texts_is_a_signal():
    codes = np.arange(90) % 3
    found = check(make_texts(codes, 0), codes)
    assert found.has_signal
    assert found.p_value == pytest.approx(1 / 200)
    assert found.shuffled_mean < found.shuffled_high < found.macro_f1


def test_shuffled_labels_seldom_look_like_a_signal():
    codes = np.arange(60) % 3
    texts = make_texts(codes, 0)
    generator = np.random.default_rng(1)
    p_values = [check(texts, generator.permutation(codes), seed=seed).p_value for seed in range(12)]
    assert sum(p <= 0.01 for p in p_values) <= 1
    assert 0.25 < np.mean(p_values) < 0.75


def test_one_text_in_many_rows_of_one_group_is_not_taken_for_many_clues():
    generator = np.random.default_rng(2)
    codes, groups = np.repeat(generator.integers(0, 2, 12), 10), np.repeat(np.arange(12), 10)
    texts = [
        f"customer{group} {text}" for group, text in zip(groups, make_texts(codes, 3, clue=0), strict=True)
    ]
    assert not check(texts, codes, groups).has_signal


def test_texts_without_a_word_give_no_signal_and_no_error():
    codes = np.arange(40) % 2
    assert not check([""] * 40, codes).has_signal


def test_shuffling_moves_whole_groups():
    labels, sizes = np.array([0, 1, 2, 3, 4, 5]), np.array([2, 2, 2])
    shuffled = _shuffle_groups(labels, sizes, np.random.default_rng(0))
    assert sorted(tuple(pair) for pair in shuffled.reshape(3, 2)) == [(0, 1), (2, 3), (4, 5)]


def test_of_many_rows_whole_groups_are_judged():
    groups = np.repeat(np.arange(2000), 3)
    rows = _some_groups(groups, np.random.default_rng(0))
    assert len(rows) <= _MAX_ROWS
    assert np.all(np.bincount(groups[rows])[np.unique(groups[rows])] == 3)


def test_a_text_that_is_repeated_without_end_costs_no_memory():
    codes = np.repeat([0, 1], 20_000)
    texts = ["the same words"] * 39_000 + make_texts(np.arange(1000) % 2, 0)
    groups = np.concatenate([np.zeros(39_000, dtype=int), np.arange(1, 1001)])
    rows = _some_groups(groups, np.random.default_rng(0))
    assert len(rows) <= 1500
    assert np.bincount(groups[rows]).max() <= 150
    assert check(texts, codes, groups).p_value <= 1
