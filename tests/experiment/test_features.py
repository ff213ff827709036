"""Columns beside the text: the search learns from them, and every way to use its model needs them."""

import csv
import random

import joblib
import numpy as np
import pandas as pd
import pytest

from automl_text.api import search
from automl_text.bundle.fast_features import fast_predict
from automl_text.bundle.load import load_bundle
from automl_text.data.loading import load_dataset
from automl_text.errors import InputError
from automl_text.loop.serve import make_app
from automl_text.report.briefing import briefing
from automl_text.report.model_card import model_card
from automl_text.results.model import Manifest
from automl_text.tables.memory import table_of
from commands import run_command

SYLLABLES = [a + b + c for a in "bdfgk" for b in "aeiou" for c in "lmnrt"]


def rows_of(n, luck):
    """Texts that say nothing; the channel names the label in 9 of 10 rows, the amount helps, the code is noise."""
    for i in range(n):
        label = ("billing", "delivery", "other")[i % 3]
        channel = {"billing": "web", "delivery": "mail", "other": ""}[label]
        channel = channel if luck.random() < 0.9 else luck.choice(["web", "mail", "", "rare"])
        amount = "" if luck.random() < 0.2 else f"{luck.lognormvariate(3 + (label == 'billing'), 0.5):.2f}"
        yield " ".join(luck.sample(SYLLABLES, 8)), channel, amount, str(luck.randrange(4)), label


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "channel", "amount", "code", "category"), *rows])
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder, luck = tmp_path_factory.mktemp("features"), random.Random(0)  # noqa: S311  (test data)
    data = write(folder / "data.csv", rows_of(120, luck))
    write(folder / "new.csv", rows_of(90, luck))
    found = search(
        data, features=["channel", "amount", "code"], families=["logreg", "lightgbm"], n_trials=1,
        preset="quick", jobs=1, output=folder / "run",
    )  # fmt: skip
    return folder, found


def test_columns_decide_where_the_text_says_nothing(run):
    folder, found = run
    assert found.result.signal.has_signal
    assert found.result.procedure.macro_f1 > 0.75
    assert "more than a short script of plain code" in (folder / "run" / "report.html").read_text()
    model, new = joblib.load(folder / "run" / "best_model.pkl"), pd.read_csv(folder / "new.csv")
    assert np.mean(model.predict(new) == new["category"]) > 0.75
    assert list(model.feature_names_in_) == ["text", "channel", "amount", "code"]


def test_the_gain_over_the_text_alone_is_measured_on_the_same_rows(run):
    _, found = run
    gain = found.result.beside_gain
    assert gain.a == found.result.recommended
    assert gain.verdict == "better"
    assert gain.difference > 0.4
    assert briefing(found.result).beside.startswith("Beside the text channel, amount and code brought +0.")


def test_columns_of_noise_cost_little_and_are_called_a_tie(tmp_path):
    luck = random.Random(3)  # noqa: S311  (test data)
    told = {
        "billing": "invoice charged refund",
        "delivery": "parcel late courier",
        "other": "hello thanks question",
    }
    rows = [
        (
            f"{luck.choice(told[label].split())} {' '.join(luck.sample(SYLLABLES, 5))}",
            "web",
            *cells[2:4],
            label,
        )
        for label in told
        for cells in rows_of(30, luck)
    ]
    luck.shuffle(rows)
    found = search(
        write(tmp_path / "data.csv", rows), features=["amount", "code"], families="logreg", n_trials=1,
        preset="quick", jobs=1, output=tmp_path / "run",
    )  # fmt: skip
    gain = found.result.beside_gain
    assert abs(gain.difference) < 0.05
    assert gain.verdict not in {"better", "worse"}
    assert "cannot be told from no difference" in briefing(found.result).beside


def test_predict_reads_the_file_as_pandas_reads_it_for_the_model(run):
    folder, _ = run
    done = run_command("predict", folder / "run", folder / "new.csv", "-o", folder / "out.csv", "--explain")
    assert done.code == 0, done.err
    written = pd.read_csv(folder / "out.csv")
    model, new = joblib.load(folder / "run" / "best_model.pkl"), pd.read_csv(folder / "new.csv")
    assert np.allclose(written["confidence"], model.predict_proba(new).max(axis=1), atol=1e-5)
    assert written["because"].str.contains("channel = |amount = ").mean() > 0.6


@pytest.mark.parametrize("family", ["logreg", "lightgbm"])
def test_each_export_gives_the_same_answers_with_columns(run, family):
    folder, _ = run
    paths = [folder / f"{family}_{ending}.{ending}" for ending in ("pkl", "skops")]
    for path in paths:
        kind = "pickle" if path.suffix == ".pkl" else "skops"
        done = run_command(
            "export", folder / "run", "--data", folder / "data.csv", "--family", family, "--format", kind,
            "-o", path,
        )  # fmt: skip
        assert done.code == 0, done.err
        assert "reads   text, channel, amount and code, as a DataFrame" in done.out
    for path in paths:
        done = run_command("predict", path, folder / "new.csv", "-o", path.with_suffix(".csv"), "--overwrite")
        assert done.code == 0, done.err
    first, second = (pd.read_csv(path.with_suffix(".csv")) for path in (paths[0], paths[1]))
    assert first.equals(second)
    model, new = joblib.load(paths[0]), pd.read_csv(folder / "new.csv")
    assert np.allclose(fast_predict(model)(new)[0], model.predict_proba(new), atol=1e-6)
    manifest = Manifest.model_validate_json(paths[0].with_suffix(".json").read_bytes())
    assert [each.taken_as for each in manifest.features] == [
        "channel: 3 values, 39 missing",
        f"amount: number, {manifest.features[1].n_missing} missing",
        "code: number",
    ]


def test_a_missing_column_is_refused_by_its_name(run, tmp_path):
    folder, _ = run
    bare = pd.read_csv(folder / "new.csv").drop(columns=["amount", "code"])
    bare.to_csv(tmp_path / "bare.csv", index=False)
    wanted = "there are no columns 'amount' and 'code', which the model reads beside the text"
    for command in ("predict", "evaluate"):
        done = run_command(command, folder / "run", tmp_path / "bare.csv")
        assert (done.code, wanted in done.err) == (2, True)
    done = run_command("explain", folder / "run", "some words", "--features", "channel=web")
    assert (done.code, wanted in done.err) == (2, True)


def test_a_cell_without_a_number_is_told_and_counts_as_missing(run, tmp_path):
    folder, _ = run
    rows = pd.read_csv(folder / "new.csv", dtype=str, keep_default_na=False).head(3)
    rows["amount"] = ["12,5", "about ten", ""]
    rows.to_csv(tmp_path / "odd.csv", index=False)
    done = run_command("predict", folder / "run", tmp_path / "odd.csv")
    assert done.code == 0
    assert "1 cell of 'amount' holds no number and counts as missing" in " ".join(done.err.split())


def test_what_follows_a_report_reads_the_columns(run):
    folder, _ = run
    pool = folder / "new.csv"
    said = run_command(
        "explain", folder / "run", "some words", "--features", "channel=mail", "--features", "amount=20",
        "--features", "code=1",
    )  # fmt: skip
    assert said.out.startswith("delivery")
    assert "channel = mail" in said.out
    for command in (
        ("next", folder / "run", pool, "-n", 5, "-o", folder / "next.csv"),
        ("watch", folder / "run", pool),
    ):
        done = run_command(*command)
        assert done.code in {0, 3}, done.err
    judged = run_command("evaluate", folder / "run", pool)
    assert judged.code == 0
    assert "billing" in judged.out


def test_the_service_wants_the_columns_too(run):
    testclient = pytest.importorskip("fastapi.testclient")
    folder, _ = run
    cells = {"channel": "mail", "amount": 20.5, "code": 1}
    with testclient.TestClient(make_app(load_bundle(folder / "run"))) as client:
        told = client.post("/predict", json={"text": "some words", "features": cells})
        many = client.post("/predict", json={"texts": ["some words"] * 2, "features": [cells, cells]})
        lacking = client.post("/predict", json={"text": "some words", "features": {"channel": "mail"}})
        uneven = client.post("/predict", json={"texts": ["some words"] * 2, "features": [cells]})
        about = client.get("/model").json()
    assert told.json()[0]["prediction"] == "delivery"
    assert many.json() == told.json() * 2
    assert (lacking.status_code, uneven.status_code) == (422, 422)
    assert "there are no columns 'amount' and 'code'" in lacking.json()["error"]
    assert about["features"][1] == {"name": "amount", "kind": "number"}


def test_the_model_card_shows_a_call_that_runs(run):
    folder, _ = run
    card = model_card(Manifest.model_validate_json((folder / "run" / "best_model.json").read_bytes()))
    assert "beside them `channel` (category), `amount` (number) and `code` (number)" in card
    call = next(line for line in card.splitlines() if line.startswith("model.predict"))
    names = {"model": joblib.load(folder / "run" / "best_model.pkl"), "pandas": pd}
    assert eval(call, names)[0] in {"billing", "delivery", "other"}  # noqa: S307  (our own line)


def loaded(features, **columns):
    return load_dataset(table_of(columns, name="rows"), text=["text"], label="label", features=features)


def rows_with(cells, n=60):
    texts = [f"text {i} {'abcdefghij'[i % 10] * 4} {i * 7919 % 97}" for i in range(n)]
    return {"text": texts, "label": ["x", "y", "z"] * (n // 3), "column": [str(each) for each in cells]}


@pytest.mark.parametrize(
    ("cells", "taken", "value"),
    [
        ([["web", "mail"][i % 2] for i in range(60)], "column: 2 values", "web"),
        ([i / 4 for i in range(60)], "column: number", 0.0),
        (["1.234,50", "12,25", ""] * 20, "column: number, 20 missing", 1234.5),
        (["1,234.50", "12", "n/a"] * 20, "column: number, 20 missing", 1234.5),
        (["true", "FALSE", "true"] * 20, "column: number", 1.0),
        (["NA", "DE", "FR"] * 20, "column: 3 values", "NA"),
    ],
)
def test_a_column_is_taken_by_what_stands_in_it(cells, taken, value):
    found = loaded(["column"], **rows_with(cells))
    assert found.info.features[0].taken_as == taken
    assert found.info.column_choice.endswith(f"Beside the text: {taken}.")
    assert found.dataset.frame["column"].iloc[0] == value


def test_a_column_of_many_words_is_refused_by_its_name():
    cells = [f"order {i} of customer {i * 31}" for i in range(60)]
    with pytest.raises(InputError, match=r"--features 'column': it holds neither numbers nor few values"):
        loaded(["column"], **rows_with(cells))


@pytest.mark.parametrize(
    "cells", [["open", "closed", "lost"] * 20, [i % 3 * 100 + i // 3 for i in range(60)]], ids=["copy", "id"]
)
def test_a_column_that_gives_the_label_away_is_a_finding(cells):
    codes = [finding.code for finding in loaded(["column"], **rows_with(cells)).info.findings]
    assert "label_given_away" in codes


def test_no_column_is_taken_unasked_and_inspect_names_those_that_could_be(tmp_path):
    luck = random.Random(1)  # noqa: S311  (test data)
    path = write(tmp_path / "data.csv", rows_of(60, luck))
    plain = load_dataset(path)
    assert plain.dataset.frame is None
    assert plain.candidates == ("channel", "amount", "code")
    assert "--features channel,amount,code" in run_command("inspect", path).out
    unfit = {"id": [str(7 * n) for n in range(60)], "is_test": ["0", "1"] * 30}
    assert load_dataset(table_of(rows_with([n % 7 for n in range(60)]) | unfit, name="rows")).candidates == (
        "column",
    )
