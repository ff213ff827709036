"""The table of files that are read with a finding: each with the code and the lines that it must name."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from automl_text.data.loading import load_dataset

if TYPE_CHECKING:
    from pathlib import Path

# Two categories, every text unlike the others; cases add their lines below, from line 10 on.
BASE = """text,category
where is my parcel now,delivery
the courier never rang,delivery
my box arrived late and wet,delivery
still waiting since friday,delivery
i was charged twice,billing
send me the invoice again,billing
the refund has not come,billing
why did the price go up,billing
"""
COPIES = "".join(f"please call me back about this{'!' * n},billing\n" for n in range(3))
JAPANESE = "".join(
    f"{text},{label}\n" for text, label in [("荷物はどこですか", "配達"), ("請求書をください", "請求")]
)
CHINESE = "我的包裹在哪里呢,物流\n快递员没有来过,物流\n我被收了两次钱,账单\n请再发一次发票,账单\n"
THAI = "พัสดุอยู่ที่ไหน,ส่ง\nคนส่งไม่มา,ส่ง\nถูกเก็บเงินสองครั้ง,เงิน\nส่งใบเสร็จอีกครั้ง,เงิน\n"

# name, lines added to BASE, options, code, lines named
FILES: list[tuple[str, str, dict[str, Any], str, tuple[int, ...]]] = [
    ("empty_label", "no label here,\n", {}, "empty_label", (10,)),
    ("blank_label", "no label here,  \nnor here,\t\n", {}, "empty_label", (10, 11)),
    ("empty_text", ",billing\n", {}, "empty_text", (10,)),
    ("blank_text", "   ,billing\n", {}, "empty_text", (10,)),
    ("wordless", "?!...,billing\n", {}, "wordless_text", (10,)),
    ("emoji_alone", "😡😡,billing\n", {}, "wordless_text", (10,)),
    ("case", "an invoice is missing,Billing\nthe amount is wrong,Billing\n", {}, "label_spelling", (10, 11)),
    ("blanks", "an invoice is missing,billing \n", {}, "label_spelling", (10,)),
    ("hyphen", "one,late fee\ntwo,late fee\nthree,late-fee\n", {}, "label_spelling", (12,)),
    ("width", "an invoice is missing,\uff42illing\n", {}, "label_spelling", (10,)),
    ("error", "add them up,#REF!\n", {}, "missing_label", (10,)),
    ("single_row", "i want to complain,complaint\n", {}, "single_row_class", (10,)),
    (
        "one_group",
        "i want to complain,complaint\ni want to complain!,complaint\n",
        {},
        "one_group_class",
        (10, 11),
    ),
    ("few_groups", "cannot log in,login\nforgot the password,login\n", {}, "few_groups", tuple(range(2, 12))),
    ("formula", "add them up,=SUM(A1)\nsum it all,=SUM(A1)\n", {}, "spreadsheet_label", (10, 11)),
    ("at", "ask him,@bob\n", {}, "spreadsheet_label", (10,)),
    ("plus", "add this,+extra\n", {}, "spreadsheet_label", (10,)),
    ("minus", "take it off,-less\n", {}, "spreadsheet_label", (10,)),
    ("blank_formula", "add them up, =1+1\n", {}, "spreadsheet_label", (10,)),
    ("full_width", "add them up,\uff1d1+1\n", {}, "spreadsheet_label", (10,)),
    ("quote_label", "odd one,'tick\n", {}, "spreadsheet_label", (10,)),
    ("newline_label", 'two lines,"bill\ning"\n', {}, "label_invisible", (10,)),
    ("bidi_label", "turned round,bill\u202eing\n", {}, "label_invisible", (10,)),
    ("contradiction", "I was charged twice!,delivery\n", {}, "contradiction", (6, 10)),
    ("equal", COPIES, {}, "duplicates", (10, 11, 12)),
    ("near", "where is my parcel nwo,delivery\n", {}, "near_duplicates", (2, 10)),
    ("leak", "Billing,billing\n", {}, "text_equals_label", (10,)),
    ("control", "beep \x07 beep,billing\n", {}, "control_character", (10,)),
    ("escape", "red \x1b[31m text,billing\n", {}, "control_character", (10,)),
    ("direction", "turned \u202e round,billing\n", {}, "control_character", (10,)),
    ("mojibake", "le cafÃ© est froid,billing\n", {}, "damaged_characters", (10,)),
    ("replacement", "le caf\ufffd est froid,billing\n", {}, "damaged_characters", (10,)),
    ("markup", "<p>my bill</p> is wrong,billing\n", {}, "markup", (10,)),
    ("long", f"{'word ' * 5000},billing\n", {}, "long_text", (10,)),
    ("header_again", "text,category\n", {}, "repeated_header", (10,)),
    ("japanese", JAPANESE, {}, "no_blanks", ()),
    ("chinese", CHINESE, {}, "no_blanks", ()),
    ("thai", THAI, {}, "no_blanks", ()),
    ("scripts", JAPANESE, {}, "mixed_scripts", ()),
    ("sorted", "", {}, "sorted_by_label", ()),
    ("few_rows", "", {}, "few_rows", ()),
    ("merged", "one,x\ntwo,y\n", {"rare": "merge", "min_rows": 2}, "rare_merged", (10, 11)),
    ("dropped", "one,x\ntwo,y\n", {"rare": "drop", "min_rows": 2}, "rare_dropped", (10, 11)),
    (
        "dropped_by_default",
        "so late,delivery\nso dear,billing\none,x\n",
        {"rare": "drop"},
        "rare_dropped",
        (12,),
    ),
]


def load(path: Path, content: bytes, **options: Any) -> Any:
    path.write_bytes(content)
    return load_dataset(path, **options)


@pytest.mark.parametrize("case", FILES, ids=[case[0] for case in FILES])
def test_finding_names_its_lines(tmp_path: Path, case: tuple[str, str, dict[str, Any], str, tuple[int, ...]]):
    _, added, options, code, lines = case
    found = {f.code: f for f in load(tmp_path / "data.csv", (BASE + added).encode(), **options).info.findings}
    assert code in found, sorted(found)
    assert found[code].lines == lines
    assert found[code].n_lines == len(lines)


def test_plain_rows_have_no_finding_but_their_small_number(tmp_path: Path):
    codes = {f.code for f in load(tmp_path / "data.csv", BASE.encode()).info.findings}
    assert codes == {"few_rows", "few_groups", "sorted_by_label"}


@pytest.mark.parametrize(("codec", "text"), [("cp1252", "café à l'“été”"), ("latin-1", "caf\xe9 \x81\x8d")])
def test_encoding_that_was_guessed_is_reported(tmp_path: Path, codec: str, text: str):
    info = load(tmp_path / "data.csv", (BASE + f"{text},billing\n").encode(codec)).info
    assert info.encoding == codec
    assert any(f.code == "encoding_guess" and codec in f.message for f in info.findings)


@pytest.mark.parametrize(
    ("labels", "joined"),
    [
        (("a1", "b1", "c1", "a1/b1"), "a1/b1"),
        (("a1", "b1", "c1", "a1 + c1"), "a1 + c1"),
        (("a1", "b1", "a1 & b1"), "a1 & b1"),
        (("a1", "b1", "a1;b1"), "a1;b1"),
        (("a1", "b1", "a1, b1"), "a1, b1"),
        (("a1", "b1", "a1 and b1"), "a1 and b1"),
        (("a1/b1", "b1/c1", "c1/a1"), "a1/b1"),
        (("a1|b1", "c1"), "a1|b1"),
        (('["a1", "b1"]', "c1"), '["a1", "b1"]'),
        (("R&B", "Rock", "R"), None),
        (("N/A", "yes", "no"), None),
        (("I/O", "disk", "net"), None),
        (("and/or", "not"), None),
        (("2024/01/02", "2024", "01"), None),
        (("C++", "C", "Java"), None),
        (("bug", "bug/ui", "bug/api"), None),
        (("bug/ui", "bug/api", "task/ui", "task/api", "task/db", "bug/db"), None),
        (("research & development", "research"), None),
        (("Food, drink", "Travel"), None),
    ],
)
def test_labels_joined_in_a_cell_are_told_by_what_else_is_a_label(
    tmp_path: Path, labels: tuple[str, ...], joined: str | None
):
    words = ("one", "two", "red", "blue", "here", "there")
    rows = [(f"{words[n]} {words[-m]} {n}{m}", c) for n in range(3) for m, c in enumerate(labels)]
    stream = io.StringIO()
    csv.writer(stream).writerows([("text", "category"), *rows])
    found = load(tmp_path / "data.csv", stream.getvalue().encode()).info.findings
    said = [each.message for each in found if each.code == "several_labels"]
    assert [repr(joined) in message for message in said] == ([True] if joined else [])


def test_rows_without_a_label_are_counted_and_left_out(tmp_path: Path):
    loaded = load(tmp_path / "data.csv", (BASE + "a,\nb, \n").encode())
    assert loaded.info.n_left_out == 2
    assert loaded.dataset.n_rows == loaded.info.n_rows == 8


def test_empty_texts_are_kept(tmp_path: Path):
    data = load(tmp_path / "data.csv", (BASE + ",billing\n  ,delivery\n").encode()).dataset
    assert (data.n_rows, data.texts[8:]) == (10, ("", "  "))


def test_labels_that_differ_by_case_stay_apart(tmp_path: Path):
    loaded = load(tmp_path / "data.csv", (BASE + "x y z,Billing\n").encode())
    assert loaded.dataset.classes == ("Billing", "billing", "delivery")


def test_merging_never_takes_the_name_of_a_category(tmp_path: Path):
    rows = "one thing,a\ntwo things,b\nthis,other\nthat,other\n"
    loaded = load(tmp_path / "data.csv", (BASE + rows).encode(), rare="merge", min_rows=2)
    assert loaded.dataset.classes == ("billing", "delivery", "other", "other (merged)")


def test_constant_text_is_an_error_that_stands_first(tmp_path: Path):
    rows = "".join(f"same,{label},{n}\n" for n, label in enumerate("aabb"))
    loaded = load(
        tmp_path / "data.csv", f"text,category,customer\n{rows}".encode(), group="customer", n_folds=2
    )
    assert loaded.info.findings[0].code == "constant_text"


def test_findings_on_user_groups(tmp_path: Path):
    owners = ["customer", "ann", "bob", "cid", "ann", "ann", "dan", "eve", ""]
    rows = [f"{line},{owner}" for line, owner in zip(BASE.splitlines(), owners, strict=True)]
    found = {
        f.code: f
        for f in load(tmp_path / "data.csv", "\n".join(rows).encode(), group="customer").info.findings
    }
    assert found["large_user_group"].lines == (2, 5, 6)
    assert found["empty_group"].lines == (9,)
    assert "5 values" in found["few_user_groups"].message


def test_text_repeated_too_often_is_cut_and_reported(tmp_path: Path):
    rows = "".join(f"thanks a lot,{label}\n" for label in ["delivery", "billing"] * 6)
    loaded = load(tmp_path / "data.csv", (BASE + rows).encode())
    found = {f.code: f for f in loaded.info.findings}
    assert found["large_group_cut"].n_lines == 12
    assert loaded.info.n_groups == 8 + 12 / 4
