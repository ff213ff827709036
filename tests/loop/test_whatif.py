"""Merging from out-of-fold predictions, with scikit-learn as the oracle."""

import csv
import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from automl_text.errors import InputError
from automl_text.loop.out_of_fold import read_out_of_fold
from automl_text.loop.whatif import merged_rows, what_if

A, B = "damaged_item", "wrong_item"


def test_merging_gives_what_scikit_learn_gives_for_the_added_probabilities(finished):
    found = what_if(finished, [(A, B)])
    kept = read_out_of_fold(finished)
    names = [name for name in kept.classes if name != B]
    to = np.array([names.index(A if name == B else name) for name in kept.classes])
    _, probabilities = kept.of_search("logreg")
    joined = np.stack([probabilities[0][:, to == k].sum(axis=1) for k in range(len(names))], axis=1)
    expected = f1_score(to[kept.codes], joined.argmax(axis=1), average=None)
    codes = to[kept.codes]
    judged = [k for k in range(len(names)) if len(np.unique(kept.groups[codes == k])) > 1]
    assert found.after == pytest.approx(expected[judged].mean())
    assert found.merged_f1[0] == pytest.approx(expected[names.index(A)])
    assert (found.n_classes, found.n_rows) == (len(names), 299)


def test_before_is_the_figure_of_the_run(finished):
    result = json.loads((finished / "result.json").read_text("utf-8"))
    assert what_if(finished, [(A, B)]).before == pytest.approx(result["procedure"]["macro_f1"])


def test_dropping_leaves_the_rows_of_the_category_out(finished):
    kept = read_out_of_fold(finished)
    n_rows = int((kept.codes == kept.classes.index(A)).sum())
    found = what_if(finished, drop=[A])
    assert (found.n_rows, found.n_classes) == (299 - n_rows, len(kept.classes) - 1)


def test_the_figure_lies_inside_its_interval_and_says_that_it_is_an_estimate(finished):
    found = what_if(finished, [(A, B)])
    assert found.after_interval[0] < found.after < found.after_interval[1]
    assert "only a search confirms it" in found.sentence


@pytest.mark.parametrize(
    ("merge", "drop", "expected"),
    [
        ([], [], "Nothing would change"),
        ([(A,)], [], "name at least two"),
        ([(A, "wrong_itme")], [], "no category 'wrong_itme'. Did you mean 'wrong_item'"),
        ([(A, B)], [A], "named twice"),
    ],
)
def test_what_makes_no_sense_is_refused(finished, merge, drop, expected):
    with pytest.raises(InputError, match=expected):
        what_if(finished, merge, drop)


def test_dropping_all_but_one_is_refused(finished):
    with pytest.raises(InputError, match="Fewer than two"):
        what_if(finished, drop=read_out_of_fold(finished).classes[1:])


def test_the_merge_that_is_written_names_exactly_the_rows_of_both(finished):
    rows = merged_rows(finished, [(A, B)])
    with (finished.parent / "tickets.csv").open(encoding="utf-8", newline="") as stream:
        lines = [at for at, row in enumerate(csv.DictReader(stream), start=2) if row["category"] in {A, B}]
    assert [line for line, *_ in rows] == lines
    assert {new for _, _, new, _ in rows} == {f"{A} + {B}"}
