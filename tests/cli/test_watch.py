"""How new texts are held against those of training on a terminal: every check, every category, and what to do then."""

from pathlib import Path

import pytest

from automl_text.cli.watch import _show
from automl_text.results.after import ClassShare, WatchCheck, WatchReport

LENGTH = WatchCheck(name="length", title="words a text", before=12.34, after=11, p_value=0.5, is_off=False)
WORDS = WatchCheck(
    name="unknown_words", title="unknown words", before=0.05, after=0.4, p_value=1e-5, is_off=True
)
MOVED = WatchCheck(
    name="classes", title="categories predicted", before=0, after=0.123, p_value=0.2, is_off=False
)


def share(label, training, corrected):
    return ClassShare(label=label, training=training, predicted=0.3, corrected=corrected, interval=(0.1, 0.6))


def shown(capsys, **changes):
    counts = {"run": "reports/t", "file_name": "new.csv", "n_rows": 90, "n_compared": 80, "n_seen": 0}
    record = {
        "alarm_level": 0.01, "is_off": False, "checks": (LENGTH, WORDS, MOVED), "macro_f1": None, "interval": None,
        "shares": (share("rare", 0.3, 0.1), share("risen", 0.1, 0.4)), "sentence": "Nothing is off.",
    }  # fmt: skip
    _show(WatchReport(**{**counts, **record, **changes}), Path("new.csv"))
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_each_check_has_its_own_kind_of_figure(capsys):
    lines = shown(capsys)
    assert "words a text 12.3 11.0 0.5000" in lines
    assert "unknown words 5.0% 40.0% 0.0000 off" in lines
    assert "categories predicted 12.3% moved 0.2000" in lines


def test_the_category_that_became_most_frequent_stands_first(capsys):
    lines = shown(capsys)
    rows = [line for line in lines if line.startswith(("rare", "risen"))]
    assert rows == ["risen 10% 30% 40% 10%-60%", "rare 30% 30% 10% 10%-60%"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"n_seen": 1}, "1 text left out: the model was trained on them."),
        ({"is_off": True}, "automl-text next reports/t new.csv -n 50 --strategy random -o to_label.csv"),
        (
            {"macro_f1": 0.712, "interval": (0.6, 0.8)},
            "Expected macro-F1 on these texts: about 0.71 (0.60 to 0.80), if nothing but the shares has changed.",
        ),
    ],
)
def test_what_follows_is_said_only_where_it_does(capsys, changes, line):
    assert line in shown(capsys, **changes)
    assert line not in shown(capsys)
