"""Two runs are compared on the texts they share, with scikit-learn as the oracle of each figure."""

import csv
import dataclasses

import numpy as np
import pytest
from sklearn.metrics import f1_score

from automl_text.errors import InputError
from automl_text.loop.baseline import judged_file
from automl_text.loop.compare import compare_runs, comparison_page, judged_run


@pytest.fixture
def run(finished):
    return judged_run(finished)


def changed(run, **fields):
    """The same run with some fields of its rows replaced."""
    return dataclasses.replace(run, rows=dataclasses.replace(run.rows, **fields))


def test_a_run_is_no_different_from_itself(run):
    found = compare_runs(run, run)
    assert (found.n_shared, found.n_relabelled, found.difference, found.verdict) == (
        299,
        0,
        0.0,
        "equivalent",
    )
    assert found.changed == ()
    assert {each.verdict for each in found.classes} == {"level"}


def test_a_run_that_errs_less_is_better_by_what_scikit_learn_says(run):
    codes, luck = run.rows.codes, np.random.default_rng(0)
    better = np.where(luck.random(run.predicted.shape) < 0.7, codes, run.predicted)
    found = compare_runs(run, dataclasses.replace(run, predicted=better))
    first, second = (
        f1_score(codes, each.ravel(), average="macro", labels=np.flatnonzero(run.rows.measurable))
        for each in (run.predicted, better)
    )
    assert found.before.shared_macro_f1 == pytest.approx(first)
    assert found.after.shared_macro_f1 == pytest.approx(second)
    assert found.difference == pytest.approx(second - first)
    assert found.interval[0] > 0
    assert found.verdict == "better"
    assert "rose" in {each.verdict for each in found.classes}
    assert "fell" not in {each.verdict for each in found.classes}


def test_rows_of_another_label_are_counted_and_left_out(run):
    codes = run.rows.codes.copy()
    codes[:7] = (codes[:7] + 1) % len(run.rows.classes)
    found = compare_runs(run, changed(run, codes=codes))
    assert (found.n_shared, found.n_relabelled, found.n_only_before, found.n_only_after) == (292, 7, 0, 0)


def test_rows_that_only_one_run_has_are_counted_and_left_out(run):
    digests = run.rows.digests.copy()
    digests[:5] = np.arange(5)
    found = compare_runs(run, changed(run, digests=digests))
    assert (found.n_shared, found.n_only_before, found.n_only_after) == (294, 5, 5)


def test_the_order_of_the_rows_does_not_matter(run):
    order = np.random.default_rng(1).permutation(run.rows.n_rows)
    rows = {name: getattr(run.rows, name)[order] for name in ("codes", "digests", "groups", "lines")}
    turned = dataclasses.replace(changed(run, **rows), predicted=run.predicted[:, order])
    assert compare_runs(run, turned).difference == 0


def test_other_categories_are_refused_by_name(run):
    other = changed(run, classes=("zebra", *run.rows.classes[1:]))
    with pytest.raises(InputError, match=r"cannot be compared: their categories differ .*alone has zebra"):
        compare_runs(run, other)


def test_runs_without_a_row_in_common_are_refused(run):
    with pytest.raises(InputError, match="share no row"):
        compare_runs(run, changed(run, digests=np.arange(299, dtype=np.uint64)))


def predictions(path, finished, said):
    with (finished.parent / "tickets.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "prediction"])
        writer.writerows([row["text"], said(row)] for row in rows)


def test_a_file_of_perfect_predictions_beats_the_run(run, finished, tmp_path):
    predictions(tmp_path / "person.csv", finished, lambda row: row["category"])
    found = compare_runs(run, judged_file(str(tmp_path / "person.csv"), run))
    assert found.after.shared_macro_f1 > 0.97  # but for repeated texts with two labels
    assert found.verdict == "better"


def test_a_rule_that_says_nothing_is_taken_to_say_the_most_frequent_category(run, finished, tmp_path):
    predictions(tmp_path / "silent.csv", finished, lambda _: "")
    silent = judged_file(str(tmp_path / "silent.csv"), run)
    assert set(silent.predicted.ravel()) == {np.bincount(run.rows.codes).argmax()}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text,prediktion\na,b\n", "no column 'prediction'. Did you mean 'prediktion'"),
        ("words,prediction\na,b\n", "no column 'text'"),
        ("text,prediction\nunheard of,b\nmore,a\n", "none of its texts is a row of"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(run, tmp_path, content, expected):
    (tmp_path / "p.csv").write_text(content)
    with pytest.raises(InputError, match=expected):
        judged_file(str(tmp_path / "p.csv"), run)


def test_the_page_escapes_names_and_is_the_same_each_time(run):
    named = dataclasses.replace(run, side=run.side.model_copy(update={"name": "<script>alert(1)</script>"}))
    pages = {comparison_page([compare_runs(run, named)]) for _ in range(2)}
    assert len(pages) == 1
    assert "<script>" not in pages.pop()
