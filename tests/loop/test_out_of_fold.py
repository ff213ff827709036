"""What a run keeps of its out-of-fold predictions is what was measured, and nothing that lies is read."""

import csv
import json

import numpy as np
import pytest

from automl_text.errors import InputError
from automl_text.loop.out_of_fold import FILE, read_out_of_fold, text_digests
from automl_text.results.arrays import read_arrays


def test_the_figures_of_the_result_follow_from_what_is_kept(finished):
    result = json.loads((finished / "result.json").read_text("utf-8"))
    kept = read_out_of_fold(finished)
    truth = kept.truth.repeated(kept.n_repeats)
    measured = {row["family"]: row["macro_f1"] for row in result["leaderboard"]}
    for family, predicted in zip(kept.families, kept.predicted, strict=True):
        assert truth.macro_f1(predicted.ravel()) == pytest.approx(measured[family])
    predicted, _ = kept.of_search(result["recommended"])
    assert truth.macro_f1(predicted.ravel()) == pytest.approx(result["procedure"]["macro_f1"])


def test_it_says_what_the_table_says(finished):
    kept = read_out_of_fold(finished)
    with (finished / "out_of_fold.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["line"]) for row in rows] == kept.lines.tolist()
    assert [row["label"] for row in rows] == [kept.classes[code] for code in kept.codes]
    place = kept.families.index("logreg")
    assert [row["logreg"] for row in rows] == [kept.classes[code] for code in kept.predicted[place, 0]]
    sure = [float(row["logreg confidence"]) for row in rows]
    np.testing.assert_allclose(kept.probabilities[place, 0].max(axis=1), sure, atol=1e-3)


def test_texts_that_differ_by_case_and_blanks_have_one_digest_and_others_another():
    same = text_digests(["Where is  it?", "where\tIS it? ", "where is it"])
    assert same[0] == same[1] != same[2]


def test_equal_records_give_equal_bytes(finished):
    kept = read_out_of_fold(finished)
    assert kept.to_bytes() == kept.to_bytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("codes", np.full(299, 99)),
        ("lines", np.arange(7)),
        ("about", np.frombuffer(b"[]", dtype=np.uint8)),
        ("about", np.frombuffer(b"{", dtype=np.uint8)),
        ("probabilities", np.array(np.nan)),
        ("folds", np.zeros(299, dtype=np.int64)),
        ("predicted", np.array(["x"])),
    ],
)
def test_values_out_of_their_range_are_refused(run_dir, name, value):
    arrays = read_arrays((run_dir / FILE).read_bytes())
    np.savez(run_dir / FILE, **{**arrays, name: value})
    with pytest.raises(InputError, match="is damaged or not what a run writes"):
        read_out_of_fold(run_dir)


def test_a_run_of_an_older_version_is_refused_by_name(run_dir):
    (run_dir / FILE).unlink()
    with pytest.raises(InputError, match=r"its out_of_fold\.npz is missing"):
        read_out_of_fold(run_dir)
