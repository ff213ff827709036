"""Whatever a file is written as, the rows that go into a command come out, or are accounted for in words."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from automl_text.data.loading import load_dataset
from commands import run_command
from workbook import workbook

if TYPE_CHECKING:
    from pathlib import Path

N_ROWS = 45
LABELS = ("billing_error", "address_change", "app_bug", "")
PIECES = (
    *("where is my parcel", "charged twice", "cannot log in", "it said", "please", "refund", "the order"),
    *('"quoted"', "it's", "a; b, c | d", '5" screen', "=1+1", "two\nlines", "tab\there", "café", "größer"),
)

# how text is written: separator, quoting and line end of a CSV, its encoding, and what packs it
DELIMITED = [
    (separator, quoting, end, codec, pack)
    for separator, quoting, end, codec, pack in (
        (",", csv.QUOTE_MINIMAL, "\n", "utf-8", None),
        (",", csv.QUOTE_ALL, "\r\n", "utf-8-sig", gzip.compress),
        (";", csv.QUOTE_MINIMAL, "\r\n", "cp1252", None),
        (";", csv.QUOTE_ALL, "\n", "utf-16", None),
        ("\t", csv.QUOTE_ALL, "\n", "utf-8", gzip.compress),
        ("\t", csv.QUOTE_MINIMAL, "\n", "latin-1", None),
        ("|", csv.QUOTE_NONNUMERIC, "\r\n", "utf-8", None),
    )
]
JSON = ["lines", "records", "columns", "split"]


def rows_of(seed: int, *, plain: bool = False) -> list[tuple[str, str]]:
    """Return texts with everything that hurts in them and labels, some of either empty, some rows twice."""
    rng = np.random.default_rng(seed)
    pieces = [each for each in PIECES if not plain or each.isprintable()]
    rows = [
        (" ".join(rng.choice(pieces, size=rng.integers(0, 7))), str(rng.choice(LABELS)))
        for _ in range(N_ROWS - 5)
    ]
    return [*rows, *rows[:5]]


def delimited(rows: list[tuple[str, str]], how: tuple[Any, ...]) -> bytes:
    separator, quoting, end, codec, pack = how
    stream = io.StringIO(newline="")
    written = csv.writer(stream, delimiter=separator, quoting=quoting, lineterminator=end)
    written.writerows([("text", "category"), *rows])
    content = stream.getvalue().encode(codec)
    return pack(content) if pack else content


def files(folder: Path) -> list[tuple[Path, list[tuple[str, str]]]]:
    """Return files of every format with the rows that were written into them."""
    made = []
    for seed, how in enumerate(DELIMITED):
        rows = rows_of(seed)
        path = folder / f"{seed}.csv{'.gz' if how[-1] else ''}"
        path.write_bytes(delimited(rows, how))
        made.append((path, rows))
    for seed, orient in enumerate(JSON, start=len(DELIMITED)):
        rows = rows_of(seed)
        frame = pd.DataFrame(rows, columns=["text", "category"])
        path = folder / f"{orient}.{'jsonl' if orient == 'lines' else 'json'}"
        path.write_text(
            frame.to_json(orient="records", lines=True) if orient == "lines" else frame.to_json(orient=orient)
        )
        made.append((path, rows))
    frame.to_parquet(folder / "rows.parquet")
    made.append((folder / "rows.parquet", rows))
    filled = [(text or "no words", label) for text, label in rows_of(98)]
    (folder / "rows.xlsx").write_bytes(workbook({"Tickets": [("text", "category"), *filled]}))
    made.append((folder / "rows.xlsx", filled))
    plain = [(text or "no words", label or "app_bug") for text, label in rows_of(99, plain=True)]
    path = folder / "rows.ft"
    path.write_text("".join(f"__label__{label} {text}\n" for text, label in plain))
    return [*made, (path, plain)]


def written(path: Path) -> list[str]:
    """Return the texts of a file that predict wrote, by other readers than ours."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)["text"].tolist()
    if path.suffix == ".jsonl":
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            row["text"] for row in csv.DictReader(stream, delimiter="\t" if path.suffix == ".tsv" else ",")
        ]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, list[tuple[str, str]]]]:
    return files(tmp_path_factory.mktemp("rows"))


def test_predict_writes_every_row_in_its_place(cases, finished: Path, tmp_path: Path):
    for place, (path, rows) in enumerate(cases):
        out = tmp_path / f"{path.name}.{('csv', 'tsv', 'jsonl', 'parquet')[place % 4]}"
        done = run_command("predict", finished, path, "--text", "text", "-o", out, "--raw")
        assert done.code == 0, done.err
        assert written(out) == [text for text, _ in rows], path.name


def test_predict_writes_every_row_of_a_pipe(cases, finished: Path, tmp_path: Path, monkeypatch):
    for path, rows in cases[:9]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
        out = tmp_path / f"{path.name}.jsonl"
        done = run_command("predict", finished, "-", "--text", "text", "-o", out)
        assert done.code == 0, done.err
        assert written(out) == [text for text, _ in rows], path.name


def test_a_search_takes_or_names_every_row(cases):
    for path, rows in cases:
        loaded = load_dataset(path, text=["text"], label="label" if path.suffix == ".ft" else "category")
        unlabelled = sum(each.n_lines for each in loaded.info.findings if each.code == "empty_label")
        assert unlabelled == sum(not label for _, label in rows)
        assert loaded.info.n_rows + unlabelled == len(rows) == loaded.info.n_rows + loaded.info.n_left_out
        assert list(loaded.dataset.texts) == [text for text, label in rows if label]


def test_evaluate_judges_or_counts_every_row(cases, finished: Path):
    for path, rows in cases:
        label = "label" if path.suffix == ".ft" else "category"
        done = run_command("evaluate", finished, path, "--text", "text", "--label", label, "--json")
        found = json.loads(done.out)
        assert (found["n_rows"] + found["n_left_out"], done.code) == (len(rows), 0), path.name


def test_next_chooses_among_every_row_and_counts_what_it_leaves_out(cases, finished: Path, tmp_path: Path):
    for path, rows in cases[::3]:
        done = run_command("next", finished, path, "-n", 50, "-o", tmp_path / f"{path.name}.csv")
        picked, pool = re.search(r"([\d,]+) texts of ([\d,]+) to label", done.out).groups()
        left_out = re.search(r"([\d,]+) texts? left out: labelled already, empty, or a repetition", done.err)
        assert (int(pool), int(picked) + int(left_out[1])) == (len(rows), len(rows)), done.out + done.err


def test_watch_looks_at_or_counts_every_row(cases, finished: Path):
    (path, rows) = cases[-2]
    said = run_command("watch", finished, path).out
    compared = int(re.search(r"(\d+) new texts", said)[1])
    left_out = sum(int(n) for n in re.findall(r"(\d+) texts? left out:", said))
    assert (path.suffix, compared + left_out) == (".xlsx", len(rows)), said


def test_compare_and_suspects_read_the_rows_of_a_run_from_any_format(finished: Path, tmp_path: Path):
    run_command("predict", finished, finished.parent / "tickets.csv", "-o", tmp_path / "said.csv", "--raw")
    frame = pd.read_csv(tmp_path / "said.csv", keep_default_na=False)[["text", "category", "prediction"]]
    extra = [*frame.to_numpy().tolist(), ["a text of nobody", "app_bug", "app_bug"]]
    frame = pd.DataFrame(extra, columns=frame.columns)
    frame.to_json(tmp_path / "said.jsonl", orient="records", lines=True)
    frame.to_csv(tmp_path / "said.tsv", sep="\t", index=False, encoding="utf-16")
    (tmp_path / "said.xlsx").write_bytes(workbook({"Tickets": [list(frame.columns), *extra]}))
    lists = []
    for name in ("said.jsonl", "said.tsv", "said.xlsx"):
        done = run_command("compare", finished, tmp_path / name, "--json")
        (found,) = json.loads(done.out)
        assert found["after"]["n_rows"] == found["n_shared"] + found["n_relabelled"] + found["n_only_after"]
        assert (found["after"]["n_rows"], found["n_only_after"]) == (len(frame), 1), name
        review = tmp_path / f"{name}.csv"
        assert run_command("suspects", finished, "--data", tmp_path / name, "-o", review, "--raw").code == 0
        lists.append(pd.read_csv(review, keep_default_na=False)["text"].tolist())
    assert lists[0] == lists[1] == lists[2]
    assert set(lists[0]) <= set(frame["text"])
