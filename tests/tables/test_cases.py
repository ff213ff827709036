"""Files as people have them: how many rows come out, and what is said of them."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from automl_text.data.columns import choose_columns
from automl_text.data.loading import load_dataset
from automl_text.errors import InputError
from automl_text.files import ReadAs
from automl_text.tables.reading import open_table, read_table
from workbook import old_workbook, workbook

if TYPE_CHECKING:
    from automl_text.tables.table import Table

CASES = Path(os.environ.get("AUTOML_TEXT_DATA", "no")).parent / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here")
NO_HEADER = {"no_header"}

# name of the case, its rows, its text and label columns, and what is found by reading it
SHARED: list[tuple[str, int, str, str, set[str]]] = [
    ("quotes_raw.tsv", 137, "text", "label", {"bare_quotes"}),
    ("quotes_swallow.tsv", 137, "text", "label", {"bare_quotes"}),
    ("single_quote.csv", 137, "2", "1", NO_HEADER),
    ("noheader.tsv", 137, "2", "1", NO_HEADER),
    ("array.json", 137, "text", "label", set()),
    ("columns.json", 137, "text", "label", set()),
    ("splits.json", 137, "1", "2", set()),
    ("fasttext.txt", 137, "text", "label", set()),
    ("gbk_with_urls.csv", 137, "text", "category", {"encoding_guess"}),
    ("cp1251_with_urls.csv", 137, "text", "category", {"encoding_guess"}),
]

SENTENCES = [f"where is my parcel number {n} now" for n in range(12)]
CLASSES = ["delivery", "billing", "returns"] * 4
PAIRS = list(zip(SENTENCES, CLASSES, strict=True))
RASA = {
    "rasa_nlu_data": {
        "common_examples": [{"text": t, "intent": c, "entities": []} for t, c in PAIRS],
        "lookup": [],
    }
}
INTENTS = {"intents": [{"tag": c, "patterns": [t for t, k in PAIRS if k == c]} for c in set(CLASSES)]}
BY_LABEL = {"delivery": SENTENCES[:5], "billing": SENTENCES[5:]}
STRAYS = "v1,v2,,\n" + "".join(f"{c},{t} it\x92s,,\n" for t, c in PAIRS)
PANDAS = pd.DataFrame(PAIRS, columns=["text", "label"])


def lines(separator: str, *, header: str = "", quote: str = "") -> bytes:
    rows = [f"{quote}{c}{quote}{separator}{quote}{t}{quote}" for t, c in PAIRS]
    return "\n".join([*([header] if header else []), *rows, ""]).encode()


SHEET = [("text", "label"), *PAIRS]
BOOK = workbook({"Tickets": SHEET})
MERGED = workbook(
    {"S": [("label", "text"), ("a", "where is it"), ("", "so late"), ("b", "too dear")]}, merged="A2:A3"
)


# name, content, rows, what is found by reading it
OWN: list[tuple[str, bytes, int, set[str]]] = [
    ("bare.tsv", lines("\t", header="label\ttext").replace(b"\twhere", b'\t"where'), 12, {"bare_quotes"}),
    ("inches.tsv", lines("\t", header="label\ttext").replace(b"number 3", b'14" by 3'), 12, set()),
    ("single.csv", lines(";", header="label;text", quote="'").replace(b"number 3", b"a; b, c"), 12, set()),
    ("escaped.csv", lines(",", header="label,text", quote='"').replace(b"number 3", b'\\"a\\", b'), 12, set()),
    ("headless.csv", lines(","), 12, NO_HEADER),
    ("headless_quoted.csv", lines(",", quote='"'), 12, NO_HEADER),
    ("two_labels.ft", "".join(f"__label__{c} __label__new {t}\n" for t, c in PAIRS).encode(), 12, set()),
    ("some_unlabelled.ft", b"__label__a hello there\nno label here\n__label__b\n", 3, set()),
    ("rows.json", json.dumps([list(pair) for pair in PAIRS]).encode(), 12, set()),
    ("lists.json", json.dumps({"text": SENTENCES, "label": CLASSES}).encode(), 12, set()),
    ("data.json", json.dumps({"version": 1, "data": [{"text": t, "label": c} for t, c in PAIRS]}).encode(), 12, set()),
    ("rasa.json", json.dumps(RASA).encode(), 12, set()),
    ("intents.json", json.dumps(INTENTS).encode(), 12, set()),
    ("by_label.json", json.dumps(BY_LABEL).encode(), 12, set()),
    ("pretty.jsonl", "\n".join(json.dumps({"text": t, "label": c}, indent=2) for t, c in PAIRS).encode(), 12, set()),
    ("split.json", PANDAS.to_json(orient="split").encode(), 12, set()),
    ("table.json", PANDAS.to_json(orient="table").encode(), 12, set()),
    ("index.json", PANDAS.to_json(orient="index").encode(), 12, set()),
    ("columns.json", PANDAS.to_json().encode(), 12, set()),
    ("utf16.json", PANDAS.to_json(orient="records").encode("utf-16"), 12, set()),
    ("strays.csv", STRAYS.encode("latin-1"), 12, {"encoding_guess"}),
    ("clinc.json", json.dumps({"train": PAIRS[:6], "oos_train": PAIRS[6:], "val": []}).encode(), 12, set()),
    ("book.xlsx", BOOK, 12, set()),
    ("book.csv", BOOK, 12, set()),
    ("sheets.xlsx", workbook({"Empty": [], "One": SHEET, "Two": SHEET[:4]}), 12, {"other_sheets"}),
    ("hidden.xlsx", workbook({"Old": SHEET[:4], "New": SHEET}, hidden="Old"), 12, {"other_sheets"}),
    ("old.xls", old_workbook(), 2, set()),
    ("merged.xlsx", MERGED, 3, {"merged_cells"}),
    ("zeros.xlsx", workbook({"S": [("label", "text"), ("0", ""), ("1", "so")]}), 2, set()),
]  # fmt: skip


def encoded(codec: str, *texts: str) -> bytes:
    """Return twelve rows, or as many as there are texts, in an encoding that nothing in the file names."""
    rows = texts if len(texts) > 3 else [f"{texts[n % len(texts)]} {n}" for n in range(12)]
    return "".join(["text,label\n", *(f"{t},{CLASSES[n % 12]}\n" for n, t in enumerate(rows))]).encode(codec)


WITH_LABEL = [{"text": t, "label": c} for t, c in PAIRS]
RUSSIAN = ("где мой заказ и когда он придёт", "верните деньги за сломанный товар", "не могу войти в кабинет")
POLISH = ("zażółć gęślą jaźń proszę", "nie mogę się zalogować źle", "gdzie jest moja paczka śledzenie")
CHINESE = ("我的包裹在哪里", "我想要退款", "无法登录账户", "请问什么时候到", "谢谢你的帮助")
JAPANESE = ("荷物はどこですか", "返品したいです", "ログインできません", "いつ届きますか")
FRENCH = ("où est mon café élève", "là-bas à côté", "ça ne marche pas hélas")

LUIS = {"version": 7, "utterances": WITH_LABEL, "intents": [{"name": c} for c in CLASSES[:3]]}
HITS = {"hits": {"total": 12, "hits": [{"_source": each} for each in WITH_LABEL]}}
VIEWER = {"features": [{"name": "text"}], "rows": [{"row_idx": 0, "row": each} for each in WITH_LABEL]}
EVEN = {c: [t for t, k in PAIRS if k == c] for c in CLASSES[:3]}
NESTED = "\n".join(json.dumps({"message": {"text": t, "lang": "en"}, "label": c}) for t, c in PAIRS)
COMMAS, TABS = lines(",", header="label,text"), lines("\t", header="label\ttext")
WHERE, REST = b"where", SENTENCES[0].removeprefix("where")

QUERIES = [{"intent": c, "queries": [{"text": t} for t, k in PAIRS if k == c]} for c in CLASSES[:3]]


def chat(text: str, label: str) -> list[dict[str, str]]:
    """Return an example as chat models are tuned with."""
    said = [("system", "Say the category."), ("user", text), ("assistant", label)]
    return [{"role": role, "content": content} for role, content in said]


def pieces(text: str) -> list[dict[str, str]]:
    """Return a text cut where a word is marked."""
    return [{"text": text[:5]}, {"text": text[5:], "entity": "thing"}]


# name, content, the first text as its writer meant it
MEANT: list[tuple[str, bytes, str]] = [
    (
        "caret.csv",
        lines("^", header="label^text").replace(b"number", b"no, so"),
        SENTENCES[0].replace("number", "no, so"),
    ),
    ("unit.csv", lines("\x1f", header="label\x1ftext"), SENTENCES[0]),
    (
        "blanks.csv",
        lines(", ", header="label, text", quote='"').replace(b"number", b"no, so"),
        SENTENCES[0].replace("number", "no, so"),
    ),
    ("blanks_bare.csv", lines(", ", header="label, text"), SENTENCES[0]),
    ("empty_above.csv", b",\n,\n" + COMMAS, SENTENCES[0]),
    ("dos.csv", COMMAS + b"\x1a", SENTENCES[0]),
    (
        "one_each.jsonl",
        "".join(json.dumps({"text": t, "labels": [c]}) + "\n" for t, c in PAIRS).encode(),
        SENTENCES[0],
    ),
    ("lists.jsonl", "".join(json.dumps(pair) + "\n" for pair in PAIRS).encode(), SENTENCES[0]),
    ("pairs.json", json.dumps(dict(PAIRS)).encode(), SENTENCES[0]),
    ("commas.json", ("[\n" + ",\n".join(map(json.dumps, WITH_LABEL)) + "\n]").encode(), SENTENCES[0]),
    (
        "places.json",
        json.dumps(
            {"type": "Some", "features": [{"type": "One", "properties": each} for each in WITH_LABEL]}
        ).encode(),
        SENTENCES[0],
    ),
    (
        "by_label.json",
        json.dumps({c: [{"said": t} for t, k in PAIRS if k == c] for c in CLASSES[:3]}).encode(),
        SENTENCES[0],
    ),
    ("typographic.csv", COMMAS.replace(WHERE, "“where".encode()), f"“where{REST}"),
    ("apostrophe.csv", COMMAS.replace(WHERE, b"'tis where"), f"'tis where{REST}"),
    ("database.tsv", TABS.replace(WHERE, b"where\\tor\\n"), f"where\\tor\\n{REST}"),
    ("hint.csv", b"sep=;\n" + lines(";", header="label;text"), SENTENCES[0]),
    ("after.txt", "".join(f"{t} __label__{c}\n" for t, c in PAIRS).encode(), SENTENCES[0]),
    ("comma.ft", "".join(f"__label__{c} {t}, so\n" for t, c in PAIRS).encode(), f"{SENTENCES[0]}, so"),
    ("luis.json", json.dumps(LUIS).encode(), SENTENCES[0]),
    ("hits.json", json.dumps(HITS).encode(), SENTENCES[0]),
    ("viewer.json", json.dumps(VIEWER).encode(), SENTENCES[0]),
    ("nested.jsonl", NESTED.encode(), SENTENCES[0]),
    ("even.json", json.dumps(EVEN).encode(), SENTENCES[0]),
    ("koi8.csv", encoded("koi8-r", *RUSSIAN), f"{RUSSIAN[0]} 0"),
    ("cp866.csv", encoded("cp866", *RUSSIAN), f"{RUSSIAN[0]} 0"),
    ("cp1250.csv", encoded("cp1250", *POLISH), f"{POLISH[0]} 0"),
    ("latin2.csv", encoded("iso8859-2", *POLISH), f"{POLISH[0]} 0"),
    ("mac.csv", encoded("mac-roman", *FRENCH), f"{FRENCH[0]} 0"),
    ("five.gbk.csv", encoded("gbk", *CHINESE), CHINESE[0]),
    ("four.sjis.csv", encoded("shift_jis", *JAPANESE), JAPANESE[0]),
    ("unmarked.csv", encoded("utf-16-le", *SENTENCES), SENTENCES[0]),
]


def codes(table: Table) -> set[str]:
    return {finding.code for finding in table.findings}


@needs_cases
@pytest.mark.parametrize(("name", "n_rows", "text", "label", "found"), SHARED)
def test_a_public_kind_of_file_is_read_whole(name: str, n_rows: int, text: str, label: str, found: set[str]):
    table = read_table(CASES / name)
    columns = choose_columns(table)
    assert (table.n_rows, columns.text, columns.label) == (n_rows, (text,), label)
    assert codes(table) == found


@pytest.mark.parametrize(("name", "content", "n_rows", "found"), OWN, ids=[case[0] for case in OWN])
def test_no_row_of_such_a_file_is_lost(
    tmp_path: Path, name: str, content: bytes, n_rows: int, found: set[str]
):
    (tmp_path / name).write_bytes(content)
    table = read_table(tmp_path / name)
    assert table.n_rows == n_rows
    assert codes(table) == found
    with open_table(tmp_path / name) as (incoming, _):
        assert sum(len(chunk.lines) for chunk in incoming.chunks) == n_rows


@pytest.mark.parametrize(("name", "content", "first"), MEANT, ids=[case[0] for case in MEANT])
def test_texts_and_labels_are_read_as_their_writer_meant_them(
    tmp_path: Path, name: str, content: bytes, first: str
):
    (tmp_path / name).write_bytes(content)
    table = read_table(tmp_path / name)
    columns = choose_columns(table)
    assert table.columns[columns.text[0]][0] == first
    assert set(table.columns[columns.label]) <= set(CLASSES)


def test_lines_above_a_table_are_named(tmp_path: Path):
    for above, line in ((b"Tickets of May\n\n", 3), (b"# exported\n# by hand\n", 3)):
        (tmp_path / "t.csv").write_bytes(above + lines(",", header="label,text"))
        with pytest.raises(InputError, match=rf"line {line}: the table seems to begin here"):
            read_table(tmp_path / "t.csv")


def test_objects_in_records_come_out_as_they_went_in(tmp_path: Path):
    (tmp_path / "t.jsonl").write_text('{"m": {"text": "a"}, "m.text": "b"}\n{"m": null, "m.text": "c"}\n')
    with open_table(tmp_path / "t.jsonl") as (incoming, _):
        (chunk,) = incoming.chunks
        assert [list(row) for row in chunk.records()] == [["m", "m.text"]] * 2
        assert chunk.texts(["m.text"]) == ["b", "c"]


@needs_cases
@pytest.mark.parametrize(
    ("name", "code", "part"),
    [
        ("split_column.csv", "split_column", "'split' says which rows train and which test"),
        ("multilabel.csv", "several_labels", "16 combinations of 4 labels"),
        ("nan_labels.csv", "missing_label", "the label 'nan', which looks missing"),
    ],
)
def test_what_a_person_should_know_is_said(name: str, code: str, part: str):
    info = load_dataset(CASES / name).info
    assert [part in finding.message for finding in info.findings if finding.code == code] == [True]


@needs_cases
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("many_columns.csv", ("'mood' (4 values", "'zone'", "--label 'mood'")),
        (
            "onehot.csv",
            ("'delivery', 'billing', 'account' and 'returns'", "they are one label", "idxmax(axis=1)"),
        ),
        ("noheader_two_labels.tsv", ("'2' (2 values", "'3' (2 values")),
    ],
)
def test_a_choice_is_left_to_the_person_with_what_can_be_chosen(name: str, parts: tuple[str, ...]):
    with pytest.raises(InputError) as caught:
        choose_columns(read_table(CASES / name))
    assert all(part in str(caught.value) for part in parts), caught.value
    assert "row_id" not in str(caught.value)


def test_flags_are_joined_and_columns_of_splits_and_numbers_are_no_labels(tmp_path: Path):
    body = "".join(f"{t},{n % 3 == 0},{n % 3 == 1},{n % 3 == 2}\n" for n, (t, _) in enumerate(PAIRS))
    (tmp_path / "flags.csv").write_text(f"request,a,b,c\n{body}")
    with pytest.raises(
        InputError, match=r"'a', 'b' and 'c' hold 0 and 1 alone.* together they are one label"
    ):
        choose_columns(read_table(tmp_path / "flags.csv"))
    marked = "".join(f"{t},{'x,,' if n % 3 else ',,x'}\n" for n, (t, _) in enumerate(PAIRS))
    (tmp_path / "marks.csv").write_text(f"request,a,b,c\n{marked.replace('x,,', ',x,', 2)}")
    with pytest.raises(InputError, match=r"'a', 'b' and 'c' say x in one of them in every row"):
        choose_columns(read_table(tmp_path / "marks.csv"))
    rows = "".join(
        f"{t},{c},oos_test{n % 2},{n % 2},2024-01-0{1 + n % 3},\n" for n, (t, c) in enumerate(PAIRS)
    )
    (tmp_path / "many.csv").write_text(f"request,mood,part,count,day,\n{rows}")
    assert choose_columns(read_table(tmp_path / "many.csv")).label == "mood"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"a": 1, "b": {"c": [1, 2]}}', "an object with 'a' and 'b'"),
        ("[1, 2, 3]", "an array whose elements are no records of one kind"),
        ("[]", "an empty array"),
        ('{"p": ["a", "b"], "q": ["c", "d"]}', "an object with 'p' and 'q'"),
        ("17", "a single value"),
    ],
)
def test_valid_json_is_never_called_invalid(tmp_path: Path, content: str, kind: str):
    (tmp_path / "data.json").write_text(content)
    with pytest.raises(InputError, match=f"this is valid JSON, but no table: {kind}"):
        read_table(tmp_path / "data.json")


@pytest.mark.parametrize("quote", ["none", "C", "'"])
def test_a_way_of_quoting_that_is_asked_for_is_used(tmp_path: Path, quote: str):
    (tmp_path / "t.tsv").write_text('label\ttext\na\t"b\na\tc"\n')
    rows = read_table(tmp_path / "t.tsv", ReadAs(quote=quote)).columns["text"]
    assert rows == (["b\na\tc"] if quote == "C" else ['"b', 'c"'])


def test_a_row_that_goes_over_lines_that_look_like_rows_is_named(tmp_path: Path):
    body = "".join(f"{c}\t{t}\n" for t, c in PAIRS)
    (tmp_path / "t.tsv").write_text(f'label\ttext\n{body}delivery\t"and\nbilling\tso"\nodd\t"x\ny"\n')
    table = read_table(tmp_path / "t.tsv")
    assert table.n_rows == 14
    assert [finding.lines for finding in table.findings if finding.code == "row_over_lines"] == [(14,)]


def test_a_blank_line_in_a_table_of_one_column_is_a_row(tmp_path: Path):
    (tmp_path / "t.csv").write_text("text\na b\n\nc d\n\n")
    table = read_table(tmp_path / "t.csv")
    assert table.columns == {"text": ["a b", "", "c d"]}
    assert table.lines.tolist() == [2, 3, 4]


def test_one_text_a_line_needs_no_header(tmp_path: Path):
    (tmp_path / "t.txt").write_text("where is my parcel\nit never came\n")
    assert read_table(tmp_path / "t.txt").columns == {"1": ["where is my parcel", "it never came"]}


def test_the_numbers_of_columns_without_names_make_no_header(tmp_path: Path):
    (tmp_path / "t.tsv").write_text("".join(f"{n % 2}\t{t}\n" for n, (t, _) in enumerate(PAIRS, start=1)))
    table = read_table(tmp_path / "t.tsv", expected=("2", "1"))
    assert (table.n_rows, list(table.columns)) == (12, ["1", "2"])


def test_names_are_numbers_where_the_header_is_denied(tmp_path: Path):
    (tmp_path / "t.csv").write_text("text,label\na,b\n")
    assert read_table(tmp_path / "t.csv", ReadAs(has_header=False)).columns == {
        "1": ["text", "a"],
        "2": ["label", "b"],
    }


def test_cells_merged_over_rows_count_for_each_of_them(tmp_path: Path):
    (tmp_path / "m.xlsx").write_bytes(MERGED)
    assert read_table(tmp_path / "m.xlsx").columns["label"] == ["a", "a", "b"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (workbook({"S": [("Tickets of May",), (), *SHEET]}), "line 3: the table seems to begin here"),
        (old_workbook(far=True), "cannot be read"),  # 65,536 x 65,536 cells are more than any memory
        (workbook({"S": []}), "no sheet of the workbook holds anything"),
        (workbook({"About": [("so it is",)] * 2, "Data": SHEET}), r"one column, '1'.* 'Data' \(13 lines\)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_a_workbook_that_cannot_be_taken_as_it_is_says_what_to_do(tmp_path: Path, content: bytes, fault: str):
    (tmp_path / "b.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=fault):
        choose_columns(read_table(tmp_path / "b.xlsx"))


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path):
    (tmp_path / "b.xlsx").write_bytes(BOOK)
    assert read_table(tmp_path / "b.xlsx", ReadAs(sheet="Tickets")).n_rows == 12
    with pytest.raises(InputError, match=r"no such sheet\. Did you mean 'Tickets'"):
        read_table(tmp_path / "b.xlsx", ReadAs(sheet="Tickts"))


CELL = st.text(st.sampled_from("ab ,;\t|\"'é中"), min_size=1, max_size=9).filter(
    lambda cell: cell.strip(" \"'\t")
)
WAYS: list[dict[str, Any]] = [
    {"quoting": csv.QUOTE_ALL},
    {"quoting": csv.QUOTE_MINIMAL},
    {"quoting": csv.QUOTE_ALL, "quotechar": "'"},
    {"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
    {"quoting": csv.QUOTE_NONE},
]


@settings(deadline=None, max_examples=150)
@given(
    cells=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12),
    way=st.sampled_from(WAYS),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_rows_in_are_rows_out_or_the_file_is_refused(tmp_path_factory, cells, way, separator, encoding):
    stream = io.StringIO(newline="")
    try:
        csv.writer(stream, delimiter=separator, lineterminator="\n", **way).writerows(
            [("text", "label"), *cells]
        )
    except csv.Error:
        assume(False)
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    try:
        table = read_table(path, ReadAs(separator=separator))
    except InputError as error:
        assert str(path) in str(error)  # noqa: PT017  (either is right)
        return
    assert table.n_rows == len(cells)
