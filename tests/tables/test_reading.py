from __future__ import annotations

import csv
import gzip
import hashlib
import io
import random
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from automl_text.files import ReadAs
from automl_text.tables.reading import read_table

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"
ALPHABET = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
HARD = st.text(alphabet=st.sampled_from(list(",;\t|\"'\n \\ae\u00e9=\u4e16\U0001f600")), max_size=8)
CELLS = st.one_of(
    HARD, st.text(alphabet=ALPHABET, max_size=12), st.sampled_from(["NA", "None", "null", "nan", "1.0"])
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    names = draw(st.lists(CELLS.filter(str.strip), min_size=2, max_size=4, unique=True))
    rows = draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), min_size=1, max_size=8))
    return pd.DataFrame(rows, columns=names, dtype=object)


def has_bare_cr(frame: pd.DataFrame) -> bool:
    return any("\r" in cell for cell in [*frame.columns, *frame.to_numpy().ravel()])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "data.csv"


@settings(deadline=None)
@given(
    frame=frames(),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_pandas_writes_comes_back(path, frame, separator, encoding, quoting, end):  # noqa: PLR0913, PLR0917
    assume(quoting == csv.QUOTE_ALL or not has_bare_cr(frame))  # pandas leaves a bare CR unquoted
    frame.to_csv(path, index=False, sep=separator, encoding=encoding, quoting=quoting, lineterminator=end)
    table = read_table(path, ReadAs(separator=separator))
    assert list(table.columns) == list(frame.columns)
    assert [list(row) for row in zip(*table.columns.values(), strict=True)] == frame.to_numpy().tolist()


@settings(deadline=None)
@given(frame=frames(), separator=st.sampled_from(",;\t|"))
def test_line_numbers_are_those_of_the_file(path, frame, separator):
    frame.to_csv(path, index=False, sep=separator, quoting=csv.QUOTE_ALL)
    lines = read_table(path, ReadAs(separator=separator)).lines
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\r", "\n")
    physical = text.split("\n")
    for line, cells in zip(lines, frame.to_numpy(), strict=True):
        first_cell = cells[0].replace('"', '""').replace("\r\n", "\n").replace("\r", "\n").split("\n")[0]
        assert physical[line - 1].startswith(f'"{first_cell}')


@settings(deadline=None, max_examples=50)
@given(frame=frames())
def test_json_lines_of_pandas_come_back(path, frame):
    json_path = path.with_suffix(".jsonl")
    frame.to_json(json_path, orient="records", lines=True, force_ascii=False)
    table = read_table(json_path)
    assert [list(row) for row in zip(*table.columns.values(), strict=True)] == frame.to_numpy().tolist()


@settings(deadline=None, max_examples=50)
@given(frame=frames())
def test_parquet_of_pandas_comes_back(path, frame):
    assume(not any(name.startswith("__index_level_") for name in frame.columns))
    parquet_path = path.with_suffix(".parquet")
    frame.to_parquet(parquet_path)
    table = read_table(parquet_path)
    assert [list(row) for row in zip(*table.columns.values(), strict=True)] == frame.to_numpy().tolist()
    np.testing.assert_array_equal(table.lines, np.arange(1, len(frame) + 1))


def test_pandas_index_in_parquet_is_no_column(path: Path):
    frame = pd.DataFrame({"text": ["a", "b"], "label": ["x", "y"]}, index=["r1", "r2"])
    frame.to_parquet(path.with_suffix(".parquet"))
    assert list(read_table(path.with_suffix(".parquet")).columns) == ["text", "label"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_found_among_texts_full_of_others(path: Path, separator: str):
    others = "".join(set(",;\t|") - {separator})
    rows = [[f"text {n}{others}{others}", f"label{n}"] for n in range(20)]
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows([["text", "category"], *rows])
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")
    assert read_table(path).separator == separator


def test_digest_is_of_the_bytes_on_disk(path: Path):
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read_table(packed).sha256 == hashlib.sha256(packed.read_bytes()).hexdigest()


def test_one_column_is_not_cut_at_commas(path: Path):
    path.write_text("text\nhello, world\nwell; yes\n")
    assert read_table(path).columns == {"text": ["hello, world", "well; yes"]}


def test_keys_that_lines_leave_out_are_empty_cells(path: Path):
    path.write_text('{"a": "1"}\n{"b": null, "a": [1, {"c": "é"}]}\n{"b": 1.50}\n', encoding="utf-8")
    assert read_table(path).columns == {"a": ["1", '[1, {"c": "é"}]', ""], "b": ["", "", "1.50"]}


def test_limit_on_the_length_of_cells_is_put_back(path: Path):
    before = csv.field_size_limit()
    path.write_text("a,b\n" + "x" * 200_000 + ",1\n")
    assert len(read_table(path).columns["a"][0]) == 200_000
    assert csv.field_size_limit() == before


def test_damaged_files_are_read_or_refused_in_one_line(tmp_path: Path):
    fuzz = runpy.run_path(str(FUZZ))
    rng, sound = random.Random(1), fuzz["sound_files"]()  # noqa: S311  (nothing secret)
    for _ in range(300):
        case = fuzz["draw"](rng, sound)
        assert fuzz["fault"](case, tmp_path) is None, case
