"""The table of files that are read without a word: each with the rows, encoding and separator expected of it."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from automl_text.data import similarity
from automl_text.data.loading import load_dataset
from automl_text.files import ReadAs

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    ("where is my parcel", "delivery"),
    ("the courier never rang", "delivery"),
    ("i was charged twice", "billing"),
    ("send me the invoice again", "billing"),
]
ACCENTS = [
    ("le café est fermé", "délais"),
    ("où est ma commande", "délais"),
    ("großer Ärger über alles", "Straße"),
    ("señor, ¿dónde está?", "Straße"),
]


def table(
    rows: list[tuple[str, ...]], separator: str = ",", end: str = "\n", header: str = "text,category"
) -> str:
    lines = [header.replace(",", separator), *(separator.join(row) for row in rows)]
    return end.join(lines) + end


def quoted(rows: list[tuple[str, str]], codec: str = "utf-8") -> bytes:
    return table([(f'"{text}"', label) for text, label in rows]).encode(codec)


def labelled(labels: list[str]) -> list[tuple[str, str]]:
    return [(text, label) for (text, _), label in zip(ROWS, labels, strict=True)]


def json_lines(rows: list[tuple[Any, ...]]) -> bytes:
    return "".join(
        json.dumps({"text": text, "category": label}, ensure_ascii=False) + "\n" for text, label in rows
    ).encode()


def parquet_bytes(columns: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


TEXTS = [text for text, _ in ROWS]
LABELS = [label for _, label in ROWS]
BITS = labelled(["0", "0", "1", "1"])
PLAIN = table(ROWS).encode()
NUMBERS = labelled(["1", "1", "2", "2"])
SPELLINGS = labelled(["1", "1", "1.0", "1.0"])
FLOATS = labelled(["1", "1", "2.5", "2.5"])
BOOLEANS = labelled(["True", "True", "False", "False"])
TRUTHS = labelled(["true", "true", "false", "false"])
DATES = labelled(["2024-01-31", "2024-01-31", "2024-02-01", "2024-02-01"])
DAYS = [dt.date(2024, 1, 31)] * 2 + [dt.date(2024, 2, 1)] * 2
COMMAS = [(f"{text}, {text}", label) for text, label in ROWS]
SAID = [('say "hi"', "delivery"), *ROWS[1:]]
LATE = [('so "late" today', "delivery"), *ROWS[1:]]
ESCAPED = [(f"{text}\n\t😀", label) for text, label in ROWS]
NA_TEXTS = [("NA", "x"), ("nan", "x"), *ROWS[2:]]
INDEXED = [(str(i), *row) for i, row in enumerate(ROWS)]
CJK = [
    ("我的包裹在哪里呢", "物流"),
    ("快递员没有来过", "物流"),
    ("我被收了两次钱", "账单"),
    ("请再发一次发票", "账单"),
]
EMOJI = [
    ("love it 😍😍", "👍"),
    ("great 🎉 thanks", "👍"),
    ("awful 😡 service", "👎"),
    ("never again 🤬", "👎"),
]
HEBREW = [
    ("איפה החבילה שלי", "משלוח"),
    ("השליח לא הגיע", "משלוח"),
    ("חויבתי פעמיים", "חיוב"),
    ("שלחו לי חשבונית", "חיוב"),
]
ARABIC = [
    ("أين طردي", "توصيل"),
    ("لم يأت الساعي", "توصيل"),
    ("تم خصم المبلغ مرتين", "فوترة"),
    ("أرسلوا الفاتورة", "فوترة"),
]
THAI = [
    ("พัสดุอยู่ที่ไหน", "ส่ง"),
    ("คนส่งไม่มา", "ส่ง"),
    ("ถูกเก็บเงินสองครั้ง", "เงิน"),
    ("ส่งใบเสร็จอีกครั้ง", "เงิน"),
]
RUSSIAN = [
    ("где моя посылка", "доставка"),
    ("курьер не приехал", "доставка"),
    ("списали деньги дважды", "оплата"),
    ("пришлите счёт ещё раз", "оплата"),
]
NA_LIKE = labelled(["NA", "NA", "None", "None"])
NULL_LIKE = labelled(["null", "null", "nan", "nan"])
QUOTED_LINES = [("where\nis, my", "delivery"), ("the\n\ncourier", "delivery"), *ROWS[2:]]
MEGABYTE = [("word " * 209_715, "long"), ("other " * 10, "long"), *ROWS[2:]]
CODED = pa.array(LABELS).dictionary_encode()

# name of the file, its bytes, rows expected, encoding expected, separator expected
FILES: list[tuple[str, bytes, list[tuple[str, str]], str, str]] = [
    ("plain.csv", PLAIN, ROWS, "utf-8", ","),
    ("no_last_line_end.csv", PLAIN.rstrip(), ROWS, "utf-8", ","),
    ("crlf.csv", table(ROWS, end="\r\n").encode(), ROWS, "utf-8", ","),
    ("cr.csv", table(ROWS, end="\r").encode(), ROWS, "utf-8", ","),
    ("blank_lines.csv", b"\n\n" + PLAIN.replace(b"\n", b"\n\n"), ROWS, "utf-8", ","),
    ("semicolon.csv", table(ROWS, ";").encode(), ROWS, "utf-8", ";"),
    ("tab.tsv", table(ROWS, "\t").encode(), ROWS, "utf-8", "\t"),
    ("pipe.txt", table(ROWS, "|").encode(), ROWS, "utf-8", "|"),
    ("commas_in_tsv.tsv", table(COMMAS, "\t").encode(), COMMAS, "utf-8", "\t"),
    ("excel_hint.csv", b"sep=;\n" + table(ROWS, ";").encode(), ROWS, "utf-8", ";"),
    ("no_ending", PLAIN, ROWS, "utf-8", ","),
    ("wrong_ending.jsonl.csv", PLAIN, ROWS, "utf-8", ","),
    ("bom.csv", b"\xef\xbb\xbf" + table(ACCENTS, ";").encode(), ACCENTS, "utf-8-sig", ";"),
    ("utf8.csv", quoted(ACCENTS), ACCENTS, "utf-8", ","),
    ("utf16.csv", quoted(ACCENTS, "utf-16"), ACCENTS, "utf-16", ","),
    ("utf16_be.csv", b"\xfe\xff" + table(ROWS).encode("utf-16-be"), ROWS, "utf-16", ","),
    ("utf32.csv", table(ROWS).encode("utf-32"), ROWS, "utf-32", ","),
    ("utf16_no_mark.csv", table(ROWS).encode("utf-16-le"), ROWS, "utf-16-le", ","),
    ("utf16be_no_mark.csv", table(ROWS).encode("utf-16-be"), ROWS, "utf-16-be", ","),
    ("koi8.csv", table(RUSSIAN).encode("koi8-r"), RUSSIAN, "koi8-r", ","),
    ("array.json", json.dumps([{"text": t, "category": c} for t, c in ROWS]).encode(), ROWS, "utf-8", ""),
    ("quoted.csv", table([(f'"{t}"', f'"{c}"') for t, c in ROWS]).encode(), ROWS, "utf-8", ","),
    ("quoted_lines.csv", quoted(QUOTED_LINES), QUOTED_LINES, "utf-8", ","),
    ("doubled_quotes.csv", table([('"say ""hi"""', "delivery"), *ROWS[1:]]).encode(), SAID, "utf-8", ","),
    ("bare_quotes.csv", table(LATE).encode(), LATE, "utf-8", ","),
    ("emoji.csv", table(EMOJI).encode(), EMOJI, "utf-8", ","),
    ("hebrew.csv", table(HEBREW).encode(), HEBREW, "utf-8", ","),
    ("arabic.csv", table(ARABIC).encode(), ARABIC, "utf-8", ","),
    ("number_labels.csv", table(NUMBERS).encode(), NUMBERS, "utf-8", ","),
    ("number_spelling.csv", table(SPELLINGS).encode(), SPELLINGS, "utf-8", ","),
    ("boolean_labels.csv", table(BOOLEANS).encode(), BOOLEANS, "utf-8", ","),
    ("date_labels.csv", table(DATES).encode(), DATES, "utf-8", ","),
    ("na_labels.csv", table(NA_LIKE).encode(), NA_LIKE, "utf-8", ","),
    ("null_labels.csv", table(NULL_LIKE).encode(), NULL_LIKE, "utf-8", ","),
    ("na_texts.csv", table(NA_TEXTS).encode(), NA_TEXTS, "utf-8", ","),
    ("pandas_index.csv", table(INDEXED, header=",text,category").encode(), ROWS, "utf-8", ","),
    ("label_first.csv", table([(c, t) for t, c in ROWS], header="category,text").encode(), ROWS, "utf-8", ","),
    ("upper_header.csv", table(ROWS, header="Text,CATEGORY").encode(), ROWS, "utf-8", ","),
    ("other_names.csv", table(ROWS, header="what they wrote,where it goes").encode(), ROWS, "utf-8", ","),
    ("orcid.csv", table([("7", *row) for row in ROWS], header="ORCID,text,category").encode(), ROWS, "utf-8", ","),
    ("id3.csv", table([("7", *row) for row in ROWS], header="ID3,text,category").encode(), ROWS, "utf-8", ","),
    ("numbered_header.csv", table(ROWS, header="0,1").encode(), ROWS, "utf-8", ","),
    ("megabyte.csv", table(MEGABYTE).encode(), MEGABYTE, "utf-8", ","),
    ("packed.csv.gz", gzip.compress(PLAIN), ROWS, "utf-8", ","),
    ("packed_without_ending.csv", gzip.compress(PLAIN), ROWS, "utf-8", ","),
    ("rows.jsonl", json_lines(ROWS), ROWS, "utf-8", ""),
    ("rows_crlf.jsonl", json_lines(ROWS).replace(b"\n", b"\r\n"), ROWS, "utf-8", ""),
    ("rows.json", json_lines(ROWS), ROWS, "utf-8", ""),
    ("rows_without_ending", json_lines(ROWS), ROWS, "utf-8", ""),
    ("escapes.jsonl", json_lines(ESCAPED), ESCAPED, "utf-8", ""),
    ("numbers.jsonl", json_lines(list(zip(TEXTS, [1, 1, 2.5, 2.5], strict=True))), FLOATS, "utf-8", ""),
    ("booleans.jsonl", json_lines(list(zip(TEXTS, [True] * 2 + [False] * 2, strict=True))), TRUTHS, "utf-8", ""),
    ("packed.jsonl.gz", gzip.compress(json_lines(ROWS)), ROWS, "utf-8", ""),
    ("rows.parquet", parquet_bytes({"text": TEXTS, "category": LABELS}), ROWS, "utf-8", ""),
    ("integers.parquet", parquet_bytes({"text": TEXTS, "label": [0, 0, 1, 1]}), BITS, "utf-8", ""),
    ("booleans.parquet", parquet_bytes({"text": TEXTS, "label": [True] * 2 + [False] * 2}), TRUTHS, "utf-8", ""),
    ("dates.parquet", parquet_bytes({"text": TEXTS, "label": DAYS}), DATES, "utf-8", ""),
    ("dictionary.parquet", parquet_bytes({"text": TEXTS, "label": CODED}), ROWS, "utf-8", ""),
]  # fmt: skip


@pytest.mark.parametrize("case", FILES, ids=[case[0] for case in FILES])
def test_file_is_read_as_meant(tmp_path: Path, case: tuple[str, bytes, list[tuple[str, str]], str, str]):
    name, content, rows, encoding, separator = case
    (tmp_path / name).write_bytes(content)
    loaded = load_dataset(tmp_path / name)
    data = loaded.dataset
    assert list(zip(data.texts, [data.classes[code] for code in data.codes], strict=True)) == rows
    assert (loaded.info.encoding, loaded.info.separator) == (encoding, separator)
    serious = {finding.code for finding in loaded.info.findings if finding.severity != "note"}
    assert serious <= {"few_rows", "many_classes", "few_groups", "label_spelling", "encoding_guess"}


@pytest.mark.parametrize(
    ("rows", "codec"),
    [
        (ACCENTS, "cp1252"),
        (ACCENTS, "latin-1"),
        (CJK, "gb18030"),
        (CJK, "utf-16-le"),
        (THAI, "cp874"),
        (HEBREW, "cp1255"),
    ],
)
def test_named_encoding_overrides_detection(tmp_path: Path, rows: list[tuple[str, str]], codec: str):
    path = tmp_path / "data.csv"
    path.write_bytes(quoted(rows, codec))
    loaded = load_dataset(path, read_as=ReadAs(encoding=codec))
    assert list(loaded.dataset.texts) == [text for text, _ in rows]
    assert loaded.info.encoding == codec


def test_two_hundred_categories_are_kept(tmp_path: Path):
    rows = [(f"{'abcdefghij'[i % 10]}{i} text {i * 7919}", f"c{i % 200:03}") for i in range(600)]
    (tmp_path / "data.csv").write_text(table(rows))
    assert load_dataset(tmp_path / "data.csv").dataset.n_classes == 200


def test_line_numbers_count_the_lines_inside_quotes(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_text('\ntext,category\n"a\nb\r\nc",x\n\nd,x\n"e\rf",y\ng,y\n', newline="")
    assert load_dataset(path).dataset.lines.tolist() == [3, 7, 8, 10]


def test_several_text_columns_are_joined_by_a_newline(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_text(table([(f"s{i}", t, c) for i, (t, c) in enumerate(ROWS)], header="subject,body,category"))
    loaded = load_dataset(path, text=("subject", "body"))
    assert loaded.dataset.texts[0] == "s0\nwhere is my parcel"
    assert loaded.info.text_columns == ("subject", "body")


@pytest.mark.slow
def test_more_rows_are_read_than_near_duplicates_are_looked_for_among(tmp_path: Path):
    path, n_rows = tmp_path / "data.csv", similarity.MOST_SEARCHED + 1
    with path.open("w") as stream:
        stream.write("text,category\n")
        stream.writelines(f"message number {i} of {i % 7919},c{i % 200}\n" for i in range(n_rows))
    data = load_dataset(path).dataset
    assert (data.n_rows, data.n_classes, data.lines[-1]) == (n_rows, 200, n_rows + 1)
