"""Predictions beside the input's own columns, whatever the format."""

import csv
import dataclasses
import gzip
import io
import json
import os
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl_text.bundle import predict
from automl_text.bundle.bundle import Bundle
from automl_text.bundle.load import load_bundle
from automl_text.bundle.predict import PredictOptions, predict_file
from automl_text.errors import InputError

from .conftest import fitted

ROWS = [
    ("1", "broken screen"),
    ("2", 'a "refund", please'),
    ("3", "thanks\nbye"),
    ("4", "été 你好"),
    ("5", ""),
]


@pytest.fixture
def loaded(model: Path) -> Bundle:
    return load_bundle(model)


def write_rows(
    path: Path, header: tuple[str, ...] = ("id", "text"), separator: str = ",", encoding: str = "utf-8"
):
    with path.open("w", newline="", encoding=encoding) as stream:
        csv.writer(stream, delimiter=separator).writerows([header, *ROWS])
    return str(path)


def read_rows(path: Path, separator: str = ",") -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream, delimiter=separator))


def test_every_cell_is_kept_and_the_predictions_are_the_models(loaded: Bundle, tmp_path: Path):
    out = tmp_path / "out.csv"
    summary = predict_file(loaded, write_rows(tmp_path / "in.csv"), str(out))
    header, *rows = read_rows(out)
    assert header == ["id", "text", "prediction", "confidence"]
    assert [tuple(row[:2]) for row in rows] == ROWS
    texts = [text for _, text in ROWS]
    assert [row[2] for row in rows] == fitted().predict(texts).tolist()
    np.testing.assert_allclose(
        [float(row[3]) for row in rows], fitted().predict_proba(texts).max(axis=1), atol=1e-6
    )
    assert (summary.n_rows, summary.n_empty, summary.n_left) == (5, 1, 0)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_and_encodings_are_found_and_the_separator_kept(
    loaded: Bundle, tmp_path: Path, separator: str, encoding: str
):
    out = tmp_path / "out.txt"
    predict_file(loaded, write_rows(tmp_path / "in.txt", separator=separator, encoding=encoding), str(out))
    assert [tuple(row[:2]) for row in read_rows(out, separator)[1:]] == ROWS


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(loaded: Bundle, tmp_path: Path, line_end: str):
    (tmp_path / "in.csv").write_bytes(line_end.join(["text,n", "broken screen,1", "money,2", ""]).encode())
    assert predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv")).n_rows == 2


def test_latin_files_are_read_as_such(loaded: Bundle, tmp_path: Path):
    (tmp_path / "in.csv").write_bytes("id,text\n1,café\n".encode("cp1252"))
    predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv"))
    assert read_rows(tmp_path / "o.csv")[1][1] == "café"


def test_a_long_file_whose_last_line_alone_is_not_utf8_is_not_refused_halfway(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("automl_text.tables.source.HEAD_BYTES", 100)
    (tmp_path / "in.csv").write_bytes(b"text,n\n" + b"broken screen,1\n" * 50 + "café,2\n".encode("cp1252"))
    predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv"))
    assert read_rows(tmp_path / "o.csv")[-1][0] == "café"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_long_file_of_wide_characters_is_cut_between_characters(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
):
    monkeypatch.setattr("automl_text.tables.source.HEAD_BYTES", 100)
    (tmp_path / "in.csv").write_text("text,n\n" + "broken screen,1\n" * 50, encoding=encoding, newline="")
    assert predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv")).n_rows == 50


def test_a_quoted_line_end_at_the_end_of_the_beginning_does_not_confuse(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("automl_text.tables.source.HEAD_BYTES", 60)
    (tmp_path / "in.csv").write_text('text,n\nx,0\n"' + "a\n" * 50 + '",1\n', newline="")
    assert predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv")).n_rows == 2


def test_text_columns_are_joined_as_in_training(loaded: Bundle, tmp_path: Path):
    (tmp_path / "in.csv").write_text("a,b\nbroken,screen\n")
    out = tmp_path / "o.csv"
    predict_file(loaded, str(tmp_path / "in.csv"), str(out), PredictOptions(text=("a", "b")))
    expected = fitted().predict_proba(["broken\nscreen"]).max()
    assert float(read_rows(out)[1][3]) == pytest.approx(expected, abs=1e-6)


def test_probabilities_have_a_column_for_each_label_and_sum_to_one(loaded: Bundle, tmp_path: Path):
    out = tmp_path / "o.csv"
    predict_file(loaded, write_rows(tmp_path / "in.csv"), str(out), PredictOptions(probabilities=True))
    header, *rows = read_rows(out)
    assert header[4:] == ["probability:billing", "probability:bug", "probability:chat"]
    assert all(sum(map(float, row[4:])) == pytest.approx(1, abs=1e-5) for row in rows)


def test_no_prediction_is_written_as_certain(loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sure = np.array([[1.0, 0.0, 0.0], [0.0, 1 - 1e-9, 1e-9], [0.45, 0.4, 0.15]])
    monkeypatch.setattr(predict, "fast_predict", lambda _: lambda texts: (sure[: len(texts)], None))
    (tmp_path / "in.csv").write_text("text\na\nb\nc\n")
    summary = predict_file(
        loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv"), PredictOptions(probabilities=True)
    )
    written = [[float(cell) for cell in row[2:]] for row in read_rows(tmp_path / "o.csv")[1:]]
    assert [row[0] for row in written] == [0.999999, 0.999999, 0.45]
    assert max(map(max, written)) < 1
    assert summary.n_doubtful == 1


def test_rows_below_the_confidence_get_no_prediction(loaded: Bundle, tmp_path: Path):
    out = tmp_path / "o.csv"
    summary = predict_file(
        loaded, write_rows(tmp_path / "in.csv"), str(out), PredictOptions(min_confidence=0.6)
    )
    rows = read_rows(out)[1:]
    unsure = [row for row in rows if float(row[3]) < 0.6]
    assert 0 < len(unsure) == summary.n_left < len(rows)
    assert {row[2] for row in unsure} == {""}
    assert summary.expected is not None
    assert summary.expected.threshold == 0.5


def test_json_lines_keep_their_values_and_get_two_more(loaded: Bundle, tmp_path: Path):
    objects = [
        {"text": "broken screen", "n": 1.0, "deep": {"a": [None, True]}},
        {"text": None, "other": "new key"},
    ]
    (tmp_path / "in.jsonl").write_text("\n\n".join(map(json.dumps, objects)))
    predict_file(loaded, str(tmp_path / "in.jsonl"), str(tmp_path / "o.jsonl"))
    written = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [
        {k: v for k, v in row.items() if k not in {"prediction", "confidence"}} for row in written
    ] == objects
    assert written[0]["prediction"] == "bug"


def test_parquet_keeps_its_types(loaded: Bundle, tmp_path: Path):
    frame = pd.DataFrame(
        {"n": [1, 2], "when": pd.to_datetime(["2026-01-01", None]), "text": ["broken screen", None]}
    )
    frame.to_parquet(tmp_path / "in.parquet")
    predict_file(loaded, str(tmp_path / "in.parquet"), str(tmp_path / "o.parquet"))
    back = pd.read_parquet(tmp_path / "o.parquet")
    pd.testing.assert_frame_equal(back[frame.columns.tolist()], frame)
    assert back["prediction"].tolist()[0] == "bug"


@pytest.mark.parametrize("name", ["o.csv", "o.tsv", "o.jsonl", "o.parquet", "o.csv.gz", "o.jsonl.gz"])
@pytest.mark.parametrize("source", ["in.csv", "in.jsonl", "in.parquet", "in.csv.gz"])
def test_every_format_is_written_from_every_other(loaded: Bundle, tmp_path: Path, name: str, source: str):
    frame = pd.DataFrame(ROWS, columns=["id", "text"])
    {"csv": frame.to_csv, "jsonl": frame.to_json, "parquet": frame.to_parquet}[source.split(".")[1]](
        tmp_path / source,
        **{"csv": {"index": False}, "jsonl": {"orient": "records", "lines": True}, "parquet": {}}[
            source.split(".")[1]
        ],
    )
    predict_file(loaded, str(tmp_path / source), str(tmp_path / name))
    read = {
        "csv": lambda path: pd.read_csv(path, dtype=str, keep_default_na=False),
        "tsv": lambda path: pd.read_csv(path, dtype=str, keep_default_na=False, sep="\t"),
        "jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
        "parquet": pd.read_parquet,
    }[name.split(".")[1]]
    back = read(tmp_path / name)
    assert list(back[["id", "text"]].itertuples(index=False, name=None)) == ROWS
    assert back["prediction"].tolist() == fitted().predict([text for _, text in ROWS]).tolist()


def test_standard_input_and_output_are_exact(loaded: Bundle, monkeypatch: pytest.MonkeyPatch):
    content = b'text,n\n=broken screen,1\n"a\nb",2\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream := io.BytesIO()))
    summary = predict_file(loaded, "-", "-")
    rows = list(csv.reader(io.StringIO(stream.getvalue().decode(), newline="")))
    assert [row[:2] for row in rows] == [["text", "n"], ["=broken screen", "1"], ["a\nb", "2"]]
    assert summary.n_guarded == 0


def test_cells_a_spreadsheet_would_run_are_guarded_and_counted(loaded: Bundle, tmp_path: Path):
    (tmp_path / "in.csv").write_text("text,@n\n=1+1,-5\n")
    summary = predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv"))
    assert read_rows(tmp_path / "o.csv")[0][1] == "'@n"
    assert read_rows(tmp_path / "o.csv")[1][:2] == ["'=1+1", "-5"]
    assert summary.n_guarded == 2
    raw = predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "raw.csv"), PredictOptions(raw=True))
    assert read_rows(tmp_path / "raw.csv")[1][:2] == ["=1+1", "-5"]
    assert raw.n_guarded == 0


def test_a_file_is_predicted_in_chunks_whose_size_does_not_show(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data = write_rows(tmp_path / "in.csv")
    predict_file(loaded, data, str(tmp_path / "whole.csv"))
    monkeypatch.setattr("automl_text.tables.formats.delimited.CHUNK_ROWS", 2)
    seen = []
    predict_file(loaded, data, str(tmp_path / "folds.csv"), on_rows=lambda n, share: seen.append((n, share)))
    assert (tmp_path / "folds.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert [n for n, _ in seen] == [2, 4, 5]
    assert seen[-1][1] == 1.0


def test_memory_does_not_grow_with_the_file(loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("automl_text.tables.formats.delimited.CHUNK_ROWS", 200)
    monkeypatch.setattr("automl_text.tables.source.HEAD_BYTES", 4096)
    monkeypatch.setattr("automl_text.tables.encoding._BLOCK", 4096)

    def peak(n_rows: int) -> int:
        path = tmp_path / f"{n_rows}.csv"
        path.write_text("text,n\n" + "broken screen and a long complaint about it,1\n" * n_rows)
        tracemalloc.start()
        predict_file(loaded, str(path), str(tmp_path / "o.csv"))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(200)
    assert peak(8000) < 1.1 * peak(2000)


def test_the_input_may_be_the_output(loaded: Bundle, tmp_path: Path):
    data = write_rows(tmp_path / "in.csv")
    predict_file(loaded, data, data)
    assert len(read_rows(tmp_path / "in.csv")) == 1 + len(ROWS)


def test_a_fault_halfway_leaves_no_file_behind(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("automl_text.tables.formats.delimited.CHUNK_ROWS", 1)
    (tmp_path / "in.jsonl").write_text('{"text": "a"}\n{"text": "b"}\noops\n')
    with pytest.raises(InputError, match=r"in\.jsonl, line 3: this is not valid JSON"):
        predict_file(loaded, str(tmp_path / "in.jsonl"), str(tmp_path / "o.jsonl"))
    assert [
        path.name for path in tmp_path.iterdir() if path.name == "o.jsonl" or path.suffix == ".part"
    ] == []


def test_without_manifest_the_only_column_is_the_text(model: Path, tmp_path: Path):
    model.with_suffix(".json").unlink()
    (tmp_path / "in.csv").write_text("body\nbroken screen\n")
    with pytest.warns(UserWarning, match="has no manifest"):
        lonely = load_bundle(model)
    predict_file(lonely, str(tmp_path / "in.csv"), str(tmp_path / "o.csv"))
    assert read_rows(tmp_path / "o.csv")[1][1] == "bug"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty"),
        (b"text,n\n", "there is a header but no row"),
        (
            b"body,n\na,1\n",
            r"there is no column 'text' \(the model was trained on it\); columns: body and n\. Name the text",
        ),
        (b"txt,n\na,1\n", r"Did you mean 'txt'\? Name the text column with --text"),
        (b"text,prediction\na,b\n", "there already is a column 'prediction', which predict would write"),
        (b"text,n\na,1,2\n", "this row has 3 cells, the header has 2"),
        (b'text,n\n"a,b,1\n', "a quote is opened and never closed"),
        (b"text,text\na,b\n", "2 columns are called 'text'"),
        (b"text,n\na\0b,1\n", "a NUL character stands in the text"),
        (b"\x89PNG\r\n\x1a\n", "this is a PNG image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is a workbook or zip archive that cannot be read"),
        (b"PAR1garbage", "the Parquet file cannot be read"),
        (b"\x1f\x8bgarbage", "the gzip data is damaged or cut off"),
        (gzip.compress(b"text,n\n" + b"a,1\n" * 9000, mtime=0)[:-20], "the gzip data is damaged or cut off"),
        (b'{"text": "a"}\n[1]\n', "line 2: this is not a JSON object"),
        (b'{"text": "a"}\n{"text": "\\ud800"}\n', "an escape stands for NUL or for half a character"),
        (b'{"text": "a"}\n{"text": 1\n', "line 2: this is not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_predicted_is_refused(
    loaded: Bundle, tmp_path: Path, content: bytes, expected: str
):
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=expected):
        predict_file(loaded, str(path), str(tmp_path / "o.csv"))
    assert not (tmp_path / "o.csv").exists()


def test_faults_far_into_a_file_are_refused_with_their_line(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("automl_text.tables.source.HEAD_BYTES", 64)
    good = "text,n\n" + "abc,1\n" * 100
    for fault, expected in [
        ("a,b,c\n", "line 102: this row has 3 cells, the header has 2"),
        ('"a,1\n', "line 102: a quote is opened and never closed"),
        ("a\0,1\n", "line 102: a NUL character"),
        ('"a"b,1\n', "line 102: text follows the closing quote of a cell"),
        ("\n  \na,b,c\n", "line 104: this row has 3 cells, the header has 2"),
    ]:
        (tmp_path / "in.csv").write_text(good + fault + "a,1\n" * 3)
        with pytest.raises(InputError, match=expected):
            predict_file(loaded, str(tmp_path / "in.csv"), str(tmp_path / "o.csv"))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ('{"text": "a\\u0000"}', "line 102: an escape stands for NUL"),
        ('{"text": "a", "text": "b"}', "line 102: the key 'text' occurs twice"),
    ],
)
def test_an_object_far_into_a_file_is_read_as_strictly_as_the_first(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, expected: str
):
    monkeypatch.setattr("automl_text.tables.source.HEAD_BYTES", 64)
    (tmp_path / "in.jsonl").write_text('{"text": "abc"}\n' * 101 + fault + "\n")
    with pytest.raises(InputError, match=expected):
        predict_file(loaded, str(tmp_path / "in.jsonl"), str(tmp_path / "o.csv"))


def test_a_parquet_file_damaged_in_the_middle_is_named_as_the_fault(loaded: Bundle, tmp_path: Path):
    path = tmp_path / "in.parquet"
    pd.DataFrame({"text": [f"row {n}" for n in range(20_000)]}).to_parquet(path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[200:4000] = bytes(3800)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"in\.parquet: the Parquet file cannot be read"):
        predict_file(loaded, str(path), str(tmp_path / "o.csv"))


def test_a_parquet_file_without_rows_is_refused(loaded: Bundle, tmp_path: Path):
    pd.DataFrame({"text": pd.Series([], dtype="str")}).to_parquet(tmp_path / "in.parquet")
    with pytest.raises(InputError, match="the Parquet file has no row"):
        predict_file(loaded, str(tmp_path / "in.parquet"), str(tmp_path / "o.parquet"))


@pytest.mark.parametrize("name", ["o.csv.GZ", "o.parquet.gz"])
def test_what_is_named_gz_is_packed(loaded: Bundle, tmp_path: Path, name: str):
    predict_file(loaded, write_rows(tmp_path / "in.csv"), str(tmp_path / name))
    assert gzip.decompress((tmp_path / name).read_bytes()).startswith(b"id,text,prediction")


def test_a_key_that_appears_late_is_refused_in_csv_alone(loaded: Bundle, tmp_path: Path):
    (tmp_path / "in.jsonl").write_text('{"text": "a"}\n{"text": "b", "new": 1}\n')
    with pytest.raises(InputError, match=r"line 2: the key 'new' does not stand on the first line"):
        predict_file(loaded, str(tmp_path / "in.jsonl"), str(tmp_path / "o.csv"))


def test_a_folder_that_is_not_there_cannot_be_written_to(loaded: Bundle, tmp_path: Path):
    with pytest.raises(InputError, match="cannot be written"):
        predict_file(loaded, write_rows(tmp_path / "in.csv"), str(tmp_path / "no" / "o.csv"))


LATE = b"text,n\n" + b"broken screen,1\n" * 9000 + "café,2\n".encode("cp1252") + b"money,3\n" * 40


@pytest.mark.parametrize("late", [LATE, gzip.compress(LATE, mtime=0)], ids=["plain", "gzip"])
def test_a_pipe_is_read_once_and_whole_whatever_stands_at_its_end(
    loaded: Bundle, tmp_path: Path, late: bytes
):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(target=pipe.write_bytes, args=(late,), daemon=True)
    feeder.start()
    summary = predict_file(loaded, str(pipe), str(tmp_path / "o.csv"))
    feeder.join()
    rows = read_rows(tmp_path / "o.csv")[1:]
    assert summary.n_rows == len(rows) == 9041
    assert rows[9000][0] == "café"
    assert [finding.code for finding in summary.findings] == ["encoding_guess"]


def test_parquet_comes_through_a_pipe_too(loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pd.DataFrame(ROWS, columns=["id", "text"]).to_parquet(stream := io.BytesIO())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stream.getvalue())))
    assert predict_file(loaded, "-", str(tmp_path / "o.csv")).n_rows == len(ROWS)


def test_a_line_without_end_stops_at_a_stated_limit(
    loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    endless = io.BufferedReader(Endless())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(endless))
    with pytest.raises(InputError, match=r"line 2: the line is longer than 10,000,000 characters"):
        predict_file(loaded, "-", str(tmp_path / "o.csv"))


def test_zeros_without_end_are_no_table(loaded: Bundle, tmp_path: Path):
    with pytest.raises(InputError, match="neither a file nor a pipe"):
        predict_file(loaded, "/dev/zero", str(tmp_path / "o.csv"))


def test_a_single_line_is_a_text(loaded: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"broken screen again\n")))
    assert predict_file(loaded, "-", str(tmp_path / "o.csv")).n_rows == 1


def test_without_a_header_the_only_column_is_the_text(loaded: Bundle, tmp_path: Path):
    (tmp_path / "in.txt").write_text("broken screen\nwhere is my money\n")
    summary = predict_file(loaded, str(tmp_path / "in.txt"), str(tmp_path / "o.csv"))
    assert summary.n_rows == 2
    assert [finding.code for finding in summary.findings] == ["no_header"]


class Endless(io.RawIOBase):
    """A header, and a line that never ends."""

    def __init__(self):
        self.head = b"text,n\nx,"

    def readable(self):
        return True

    def readinto(self, buffer):
        block = self.head or b"word " * (len(buffer) // 5)
        self.head = b""
        buffer[: len(block)] = block
        return len(block)


def test_texts_unlike_the_training_texts_are_marked_and_left_for_a_human(loaded: Bundle, tmp_path: Path):
    confidence = fitted().predict_proba([text for _, text in ROWS]).max(axis=1)
    below = float(np.sort(confidence)[1:3].mean())
    promise = loaded.manifest.promise.model_copy(update={"unlike_below": below})
    telling = dataclasses.replace(loaded, manifest=loaded.manifest.model_copy(update={"promise": promise}))
    out = tmp_path / "out.csv"
    summary = predict_file(telling, write_rows(tmp_path / "in.csv"), str(out))
    header, *rows = read_rows(out)
    marks = [row[header.index("unlike_training")] for row in rows]
    assert marks == ["yes" if each < below else "" for each in confidence]
    assert (summary.n_unlike, summary.n_left) == (2, 0)
    options = PredictOptions(min_confidence=0.01)
    assert predict_file(telling, str(tmp_path / "in.csv"), str(tmp_path / "o.csv"), options).n_left == 2
    largest = fitted().decision_function([text for _, text in ROWS]).max(axis=1)
    promise = promise.model_copy(update={"unlike_logit_below": largest.mean()})
    telling = dataclasses.replace(loaded, manifest=loaded.manifest.model_copy(update={"promise": promise}))
    predict_file(telling, str(tmp_path / "in.csv"), str(out))
    marks = [row[header.index("unlike_training")] for row in read_rows(out)[1:]]
    assert marks == ["yes" if each < largest.mean() else "" for each in largest]
