from __future__ import annotations

import csv
import os
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from automl_text.data.duplicates import group_rows
from automl_text.data.loading import load_dataset
from automl_text.data.splitting import partition_rows

EXAMPLES = Path(__file__).parents[2] / "examples"
FILLER = [
    f"{word} number of things about {word}s"
    for word in ["apple", "river", "stone", "cloud", "table", "window", "garden"]
]
SENTENCES = [
    "where is the parcel that i ordered last week",
    "please cancel my subscription as of today",
    "the screen of the new phone is cracked",
    "how can i change the address on my account",
    "your driver left the box in the rain",
    "i would like an invoice with the company name",
]


def are_together(*texts: str, others: list[str] = SENTENCES) -> bool:
    groups = group_rows([*texts, *others, *FILLER], n_folds=2).groups
    return len(set(groups[: len(texts)])) == 1


@pytest.mark.parametrize(
    "variant",
    [
        "where is the parcel that I ordered last week?",
        "  Where is the parcel   that i ordered, last week!!  ",
        "where is the parcel taht i ordered last week",
        "hi where is the parcel that i ordered last week please",
        "where isthe parcel that i ordered last week",
        "where is the parcel that i orderd last wek",
    ],
)
def test_changed_copies_are_found(variant):
    assert are_together(variant, SENTENCES[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("yes", "yes please"),
        ("stop", "stop it"),
        ("stop", "step"),
        ("turn it on", "turn it up"),
        ("no", "now"),
        ("?!", "!!!"),
        ("", "?"),
        ("good morning", "good evening"),
        (SENTENCES[0], "where is the parcel shop nearest to me"),
        ("我要退款", "我要发票"),
    ],
)
def test_different_texts_stay_apart(one, other):
    assert not are_together(one, other)


def test_complaints_that_differ_in_a_number_are_together():
    assert are_together("order 49130 has not arrived, refund me", "order 88217 has not arrived, refund me")


def test_natural_texts_are_hardly_ever_joined():
    root = os.environ.get("AUTOML_TEXT_DATA")
    if not root:
        pytest.skip("AUTOML_TEXT_DATA is not set")
    shares = []
    for path in sorted(Path(root).glob("hwu18/*_train.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            shares.append(
                group_rows([row["text"] for row in csv.DictReader(stream)], n_folds=5).duplicate_share
            )
    assert np.mean(shares) <= 0.03


def test_planted_duplicates_of_the_example_are_found_and_no_others():
    loaded = load_dataset(EXAMPLES / "support_tickets.csv")
    with (EXAMPLES / "support_tickets_faults.csv").open(encoding="utf-8", newline="") as stream:
        faults = [row for row in csv.DictReader(stream) if row["kind"].endswith("duplicate")]
    planted = {frozenset([int(row["line"]), int(row["partner_line"])]) for row in faults}
    data = loaded.dataset
    found = {
        frozenset(data.lines[data.groups == g].tolist()) for g, n in Counter(data.groups).items() if n > 1
    }
    assert len(found & planted) >= 0.9 * len(planted)
    assert len(found - planted) <= 2


def test_near_duplicates_never_cross_a_split():
    texts = [*SENTENCES, *(sentence.replace("the", "teh", 1) + "!" for sentence in SENTENCES), *FILLER]
    groups = group_rows(texts, n_folds=2).groups
    codes = np.array([0, 1, 0, 1, 0, 1] * 2 + [0, 1, 0, 1, 0, 1, 0])
    fold = partition_rows(codes, groups, n_folds=2, seed=0).fold_of_row
    np.testing.assert_array_equal(fold[:6], fold[6:12])


def test_groups_are_numbered_by_appearance():
    assert group_rows(["b", "a", "b!", "c"], n_folds=2).groups.tolist() == [0, 1, 0, 2]


def test_user_groups_and_duplicates_join():
    texts = [*SENTENCES, SENTENCES[0] + "?", *FILLER]
    owners = ["ann", "bob", "bob", "", "", "cid", "dan", *[f"f{n}" for n in range(len(FILLER))]]
    groups = group_rows(texts, n_folds=2, user_groups=owners).groups
    assert groups[0] == groups[6]
    assert groups[1] == groups[2]
    assert len(set(groups)) == len(texts) - 2


def test_common_thanks_do_not_join_all_customers():
    owners = [f"customer {n}" for n in range(40)]
    texts = ["thanks"] * 20 + [f"{sentence} {filler}" for sentence in SENTENCES for filler in FILLER][:20]
    grouping = group_rows(texts, n_folds=5, user_groups=owners)
    assert np.bincount(grouping.groups).max() <= grouping.max_rows
    assert grouping.was_cut[:20].all()


def test_user_groups_are_never_cut():
    texts = [f"{sentence} {filler}" for sentence in SENTENCES for filler in FILLER]
    owners = ["one big customer"] * 30 + [""] * (len(texts) - 30)
    grouping = group_rows(texts, n_folds=5, user_groups=owners)
    assert len(set(grouping.groups[:30])) == 1


def test_chain_of_similar_texts_is_cut_at_a_stricter_threshold():
    words = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)]
    chain = [" ".join(words[n : n + 12]) for n in range(100)]  # each shares 11 of 12 words with the next
    grouping = group_rows(chain, n_folds=5)
    assert grouping.was_cut.all()
    assert np.bincount(grouping.groups).max() <= grouping.max_rows == 10


def test_a_text_above_the_bound_is_cut_into_runs():
    texts = ["call me back about this"] * 60 + [f"{a} {b}" for a in SENTENCES for b in FILLER][:40]
    grouping = group_rows(texts, n_folds=5)
    assert np.bincount(grouping.groups[:60]).tolist() == [10] * 6
    assert grouping.was_cut.sum() == 60


def test_duplicate_share_counts_rows_with_a_partner():
    grouping = group_rows([SENTENCES[0], SENTENCES[0].upper(), *SENTENCES[1:], *FILLER[:3]], n_folds=2)
    assert grouping.duplicate_share == pytest.approx(2 / 10)


def test_no_rows_give_no_groups():
    assert group_rows([], n_folds=5).groups.shape == (0,)


@pytest.mark.slow
def test_five_thousand_texts_take_seconds():
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(3000)]
    texts = [" ".join(rng.choice(words, 8)) for _ in range(5_000)]
    start = time.process_time()
    group_rows(texts, n_folds=5)
    assert time.process_time() - start < 15
