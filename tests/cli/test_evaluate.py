"""How a model judged on a labelled file is shown: its categories, its figures, chance, and what makes them too good."""

import pytest

from automl_text.cli.evaluate import _show
from automl_text.results import ClassScore
from automl_text.results.model import Holdout, PromiseCheck, UnseenLabel

CHECK = PromiseCheck(
    agreement="inside",
    n_rows=90,
    macro_f1=0.7,
    interval=(0.6, 0.8),
    promised_macro_f1=0.71,
    promised_interval=(0.65, 0.77),
    sentence="On 90 new texts it reaches 0.70: inside.",
)
NEVER_NAMED = "label '{}' ({}) was not in training: the model can never name it"


def score(label, support, *, is_grey=False):
    figures = {"precision": 0.5, "recall": 0.25, "f1": 1 / 3, "interval": (0.1, 0.6)}
    return ClassScore(label=label, support=support, is_measurable=True, is_grey=is_grey, **figures)


def shown(capsys, **changes):
    counts = {"n_rows": 1100, "n_left_out": 0, "n_training_rows": None, "unseen_labels": ()}
    figures = {"macro_f1": 0.7, "interval": (0.6, 0.8), "accuracy": 0.8, "balanced_accuracy": 0.72}
    chance = {"chance_random": 0.05, "chance_shares": 0.02}
    record = {"model": "m", "file_name": "new.csv", "per_class": (score("refund", 1000),), "promise": CHECK}
    _show(Holdout(**{**record, **counts, **figures, **chance, **changes}))
    return capsys.readouterr().out.splitlines()


def test_every_category_has_a_row_and_every_figure_its_chance(capsys):
    lines = shown(capsys)
    assert ["refund", "1,000", "0.50", "0.25", "0.33", "0.10-0.60"] in [line.split() for line in lines]
    assert "macro-F1 0.700 (95 % interval 0.60-0.80) on 1,100 rows of new.csv" in lines
    assert "by chance: 0.050 at random, 0.020 from the label shares alone" in lines
    assert lines[-1] == CHECK.sentence


def test_figures_of_few_rows_are_starred_and_the_star_explained(capsys):
    lines = shown(capsys, per_class=(score("refund", 1000), score("praise", 2, is_grey=True)))
    (row,) = [line for line in lines if line.startswith("praise")]
    assert row.split()[1:3] == ["2", "*"]
    assert "* so few rows that the figures beside them are little more than a guess" in lines
    assert not any("little more than a guess" in line for line in shown(capsys))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"n_left_out": 1}, "1 row has no label and was left out"),
        ({"n_left_out": 3}, "3 rows have no label and were left out"),
        ({"n_training_rows": 1}, "1 row was a training row: the figure above is too good by what they add"),
        (
            {"unseen_labels": (UnseenLabel(label="1", n_rows=2, meant="1.0"),)},
            f"{NEVER_NAMED.format(1, '2 rows')}; probably it is '1.0': write it so in the file",
        ),
        (
            {"unseen_labels": (UnseenLabel(label="new", n_rows=1),)},
            NEVER_NAMED.format("new", "1 row"),
        ),
    ],
)
def test_what_spoils_the_figure_is_said_with_its_rows(capsys, changes, line):
    assert line in shown(capsys, **changes)
