"""Texts to label next: new, unlike each other, unsure."""

import numpy as np
import pytest

from automl_text.bundle.load import load_bundle
from automl_text.errors import InputError
from automl_text.loop.label_next import PickOptions, choose, label_next, pieces

TEXTS = [
    f"{word} number {i} of {word}s" for i in range(4) for word in ("parcel", "refund", "password", "boots")
]
N = len(TEXTS)


def sure_but_for(*unsure):
    probability = np.full((N, 3), [0.98, 0.01, 0.01])
    probability[list(unsure)] = [0.4, 0.35, 0.25]
    return probability


def test_unsure_texts_come_first():
    chosen = choose(sure_but_for(3, 9), pieces(TEXTS), np.ones(3), PickOptions(n=2, strategy="unsure"))
    assert set(chosen) == {3, 9}


def test_of_texts_that_are_alike_one_is_picked():
    texts = [*TEXTS[:-1], TEXTS[0] + "!"]
    chosen = choose(sure_but_for(0, N - 1, 5), pieces(texts), np.ones(3), PickOptions(n=2, strategy="unsure"))
    assert set(chosen) == {0, 5}


def test_where_a_row_counts_most_breaks_the_tie():
    probability = np.full((N, 3), [0.5, 0.4, 0.1])
    probability[6] = [0.1, 0.4, 0.5]
    assert (
        choose(probability, pieces(TEXTS), np.array([0.1, 0.1, 9]), PickOptions(n=1, strategy="mixed"))[0]
        == 6
    )


@pytest.mark.parametrize("strategy", ["mixed", "unsure", "random"])
def test_every_strategy_picks_so_many_different_texts(strategy):
    same = pieces(["all the same text"] * N)
    chosen = choose(sure_but_for(1), same, np.ones(3), PickOptions(n=7, strategy=strategy))
    assert len(set(chosen)) == 7


def test_texts_that_have_a_label_are_empty_or_repeat_are_left_out(finished, tmp_path):
    lines = (finished.parent / "tickets.csv").read_text("utf-8").splitlines()
    pool = [lines[0], *lines[1:4], ",", "Brand new text about boots,", "BRAND new  text about boots,"]
    (tmp_path / "pool.csv").write_text("\n".join(pool) + "\n", encoding="utf-8")
    found = label_next(finished, load_bundle(finished), str(tmp_path / "pool.csv"), PickOptions(n=50))
    assert [each.cells for each in found.picks] == [("Brand new text about boots",)]
    assert (found.n_pool, found.n_known, found.picks[0].line) == (6, 5, 6)


def test_a_pool_of_one_column_needs_no_name(finished, tmp_path):
    (tmp_path / "pool.csv").write_text("whatever\nwhere is my parcel now\nmy code does not work\n")
    found = label_next(finished, load_bundle(finished), str(tmp_path / "pool.csv"), PickOptions())
    assert len(found.picks) == 2


def test_a_pool_without_a_new_text_is_refused(finished):
    with pytest.raises(InputError, match="every text is empty or has a label in the run"):
        label_next(finished, load_bundle(finished), str(finished.parent / "tickets.csv"), PickOptions())
