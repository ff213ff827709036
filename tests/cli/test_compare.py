"""How a comparison of two runs is shown: what each promises, what was not compared, and the categories that moved."""

import pytest

from automl_text.cli.compare import _show
from automl_text.results.after import ClassChange, RunComparison, RunSide

BEFORE = RunSide(
    name="first",
    n_rows=1200,
    recommended="logreg",
    shared_macro_f1=0.7,
    expected_macro_f1=0.72,
    interval=(0.66, 0.78),
)
AFTER = RunSide(name="rules.csv", n_rows=40, recommended=None, shared_macro_f1=0.75)


def change(label, verdict):
    return ClassChange(label=label, n_rows=9, before=0.5, after=0.75, interval=(0.05, 0.45), verdict=verdict)


def shown(capsys, **changes):
    counts = {"n_shared": 40, "n_relabelled": 0, "n_only_before": 0, "n_only_after": 0}
    figures = {
        "difference": 0.05,
        "interval": (0.01, 0.09),
        "verdict": "better",
        "sentence": "0.70 to 0.75: better.",
    }
    record = {"before": BEFORE, "after": AFTER, "changed": (), "classes": (), **counts, **figures, **changes}
    _show(RunComparison(**record))
    return capsys.readouterr().out


def test_both_sides_stand_in_a_table_with_what_each_promises_if_it_does(capsys):
    lines = shown(capsys).splitlines()
    cells = [line.split() for line in lines]
    assert ["first", "1,200", "0.720", "0.660-0.780", "0.700"] in cells
    assert ["rules.csv", "40", "-", "-", "0.750"] in cells
    assert "macro-F1 0.70 to 0.75: better." in lines


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"n_relabelled": 1}, "not compared: 1 row has another label"),
        ({"n_only_before": 2, "n_only_after": 1}, "not compared: 2 rows are gone, 1 row is new"),
        ({"changed": ("seed: 0, then 1",)}, "changed  seed: 0, then 1"),
        ({"classes": (change("refund", "rose"),)}, "rose  refund: F1 0.50 to 0.75 (+0.05 to +0.45)"),
    ],
)
def test_what_was_not_compared_and_what_differs_is_said(capsys, changes, line):
    assert line in shown(capsys, **changes).splitlines()


def test_where_every_row_is_compared_nothing_is_said_of_others(capsys):
    assert "not compared" not in shown(capsys)


@pytest.mark.parametrize(
    ("verdicts", "is_said"), [(("level", "level"), True), ((), True), (("level", "fell"), False)]
)
def test_that_no_category_moved_is_said_only_then(capsys, verdicts, is_said):
    classes = tuple(change(f"c{i}", verdict) for i, verdict in enumerate(verdicts))
    assert ("No category rose or fell" in shown(capsys, classes=classes)) is is_said
