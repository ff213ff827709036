"""Where words change with time, a shuffled split promises what time order does not, and the future does not keep."""

import csv
import datetime as dt
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import joblib
import numpy as np
import pytest
from sklearn.metrics import f1_score

from automl_text.api import search
from automl_text.errors import InputError
from automl_text.experiment.export import export_family
from automl_text.experiment.inspect import inspect_data
from automl_text.report.page import render_html

QUICK = {"preset": "quick", "families": "logreg", "n_trials": 1, "jobs": 1, "references": "majority"}
LABELS = ("billing", "delivery", "login")


def texts_of(rng, days):
    """Each category has words of its own, and they are other words every 20 days."""
    codes = rng.choice(3, size=len(days), p=[0.5, 0.3, 0.2])
    texts = []
    for code, day in zip(codes, days, strict=True):
        words = np.random.default_rng([code, day // 20]).integers(10**8, size=8)
        own = [f"v{words[rng.integers(8)]}" for _ in range(3)]
        lasting = [("always", "forever", "lasting")[code]] if rng.random() < 0.6 else []
        texts.append(" ".join([*own, *lasting, *(f"w{n}" for n in rng.integers(2000, size=8))]))
    return texts, [LABELS[code] for code in codes]


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture(scope="module")
def places(tmp_path_factory, pool):
    folder = tmp_path_factory.mktemp("time")
    rng = np.random.default_rng(3)
    days = np.repeat(np.arange(200), 2)
    rng.shuffle(days)
    texts, labels = texts_of(rng, days)
    start = dt.date(2024, 1, 1)
    with (folder / "tickets.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = [
            (text, label, start + dt.timedelta(int(day)), "test" if day % 10 == 0 else "train", "ab"[n % 2])
            for n, (text, label, day) in enumerate(zip(texts, labels, days, strict=True))
        ]
        csv.writer(stream).writerows([("text", "category", "created", "side", "desk"), *rows])
    columns = {"text": ["text"], "label": "category", "pool": pool}
    ordered = search(folder / "tickets.csv", time="created", output=folder / "ordered", **columns, **QUICK)
    shuffled = search(folder / "tickets.csv", output=folder / "shuffled", **columns, **QUICK)
    return folder, ordered, shuffled


def test_the_promise_in_time_order_is_kept_and_the_shuffled_one_is_not(places):
    folder, ordered, shuffled = places
    texts, labels = texts_of(np.random.default_rng(4), np.arange(200, 220).repeat(50))
    model = joblib.load(folder / "ordered" / "best_model.pkl")
    reached = f1_score(labels, model.predict(texts), average="macro")
    low, high = ordered.result.procedure.interval
    assert low <= reached <= high
    assert shuffled.result.procedure.interval[0] > reached + 0.1


def test_result_and_report_say_how_rows_in_time_order_were_judged(places):
    folder, ordered, _ = places
    saved = json.loads((folder / "ordered" / "result.json").read_text(encoding="utf-8"))
    assert saved["dataset"]["time"] == {
        "column": "created",
        "first": "2024-01-01",
        "last": "2024-07-18",
        "starts": ["2024-04-10", "2024-04-30", "2024-05-20", "2024-06-09", "2024-06-29"],
        "n_judged": [40] * 5,
    }
    page = render_html(ordered.result)
    assert "by models of all rows before their block" in page
    assert "from 2024-06-29 " in page
    with (folder / "ordered" / "out_of_fold.csv").open(encoding="utf-8") as stream:
        assert sum(1 for _ in csv.DictReader(stream)) == 200


def test_a_family_is_measured_on_what_came_after_its_training(places):
    folder, ordered, _ = places
    with (folder / "tickets.csv").open(encoding="utf-8") as stream:
        dates = dict(enumerate((row["created"] for row in csv.DictReader(stream)), start=2))
    with (folder / "ordered" / "out_of_fold.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    by_block = [
        sorted(dates[int(row["line"])] for row in rows if row["fold"] == str(fold)) for fold in range(5)
    ]
    assert [block[0] for block in by_block] == list(ordered.result.dataset.time.starts)
    assert all(earlier[-1] < later[0] for earlier, later in pairwise(by_block))
    predicted = [row["logreg"] for row in rows]
    evaluation = next(each for each in ordered.result.evaluations if each.family == "logreg")
    assert evaluation.macro_f1 == pytest.approx(
        f1_score([row["label"] for row in rows], predicted, average="macro")
    )


def test_inspect_and_a_later_export_read_the_same_rows(places):
    folder = places[0]
    assert inspect_data(folder / "tickets.csv", time="created").info.time == places[1].result.dataset.time
    assert len(export_family(folder / "ordered", "logreg", folder / "tickets.csv")[1].texts) == 400


def test_test_rows_are_kept_apart_before_the_others_are_ordered_with_columns_beside_them(
    places, tmp_path, pool
):
    asked = {
        "pool": pool,
        "time": "created",
        "split": "side",
        "features": "desk",
        "output": tmp_path / "run",
        **QUICK,
    }
    run = search(places[0] / "tickets.csv", **asked)
    low, high = run.result.beside_gain.interval
    assert low <= 0 <= high
    assert run.result.dataset.n_rows == 360
    assert run.result.holdout.n_rows == 40
    assert sum(run.result.dataset.time.n_judged) == 180


def test_a_run_is_not_resumed_in_another_order(places, tmp_path):
    again = shutil.copytree(places[0] / "ordered", tmp_path / "ordered")
    (again / "result.json").unlink()
    with pytest.raises(InputError, match="time column"):
        search(
            places[0] / "tickets.csv", text=["text"], label="category", output=again, mode="resume", **QUICK
        )
