"""The table of files that are refused: each with the one line that the user reads."""

# ruff: noqa: E501  (one file a row, with the whole line that it gives)
from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from automl_text.data.loading import load_dataset
from automl_text.errors import InputError
from automl_text.files import ReadAs
from automl_text.tables.reading import read_table

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "text,category\n"
GOOD = "where is it,delivery\nnever came,delivery\ncharged twice,billing\nno refund,billing\n"
QUOTE = 'Put the whole cell in quotes and write each quote inside it twice (""), or say --quote none if quotes are characters like others.'
COMMA = "Put cells that hold the separator ',' in quotes, or name another separator with --sep."
NO_TABLE = "Give a CSV, TSV, JSON, Parquet or Excel file with a text and a label column."
UNPACK = "Unpack it and give the CSV file inside."
EXPORT = "Export the table as CSV and give that file."
PARQUET = "Save it as Parquet or CSV."
ONE_LINE = 'Write one object a line, such as {"text": "where is my order", "category": "delivery"}.'
NAMES = "Name every column on the first line (tables written by R lack the name of the first)"
BEGINS = "the table seems to begin here: the lines above are no rows of it. Delete them."
NO_JSON = "this is not valid JSON:"
JSON = "Write JSON instead. In pandas: table.to_json('data.jsonl', orient='records', lines=True)."
NUL = "The file is damaged or not text; remove the character or export the table again."
EMPTY = ": the file is empty. Give a file with a header line and rows."
RENAME = "Give every column its own name, or say --no-header if the first line is a row."
ONE_COLUMN = "A text and a label column are needed; if another character separates them, name it with --sep."
CATEGORIES = "Add rows of other categories, or choose another column with --label."
TWO_ROWS = "Label at least two rows of each, better ten, or choose another column with --label."
TWO_SIDES = "two rows that can stand on two sides of a split (a category in one row, or in"
CAN_BE = "can be learned but not judged)."
TWO_CATEGORIES = "Label more rows of at least two categories"
CHOOSE_LABEL = "Choose the column of categories with --label."


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return stream.getvalue()


def parquet_bytes(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(table, stream)
    return stream.getvalue()


def latin(good: str, bad: str) -> bytes:
    return (HEADER + GOOD + good).encode() + bad.encode("cp1252")


DOUBLED = parquet_bytes(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["x", "x"]))
NO_ROWS = parquet_bytes(pa.table({"text": pa.array([], pa.string()), "category": pa.array([], pa.string())}))
BYTES = parquet_bytes(pa.table({"text": [b"\xff\xfe"], "category": ["a"]}))
DISTINCT = HEADER + "".join(f"text {n},label {n}\n" for n in range(120))
PROSE = HEADER + "".join(f"text {n},this is label number {n} here\n" for n in range(6))
COPIES = HEADER + GOOD + "same words,x\nsame words!,x\n"
DEEP = '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}\n"

# name of the file, its bytes, options, and the expected line after the file's path
FILES: list[tuple[str, bytes | str, dict[str, Any], str]] = [
    ("empty.csv", b"", {}, EMPTY),
    ("empty.csv.gz", gzip.compress(b""), {}, EMPTY),
    ("blank.csv", "\n\n  \n", {}, ": there is no header line. Begin the file with the names of its columns."),
    ("header_only.csv", HEADER, {}, ": there is a header but no row. Add rows below the header."),
    ("header_no_end.csv", "text,category", {}, ": there is a header but no row. Add rows below the header."),
    ("open_quote.csv", HEADER + GOOD + '"never, closed,x\na,b\n', {}, f", line 6: a quote is opened and never closed. {QUOTE}"),
    ("open_last.csv", HEADER + GOOD + 'a,"b,', {}, f", line 6: a quote is opened and never closed. {QUOTE}"),
    ("after_quote.csv", HEADER + '"so, so" he said,x\n' + GOOD, {}, f", line 2: text follows the closing quote of a cell. {QUOTE}"),
    ("quote_far.csv", HEADER + 'a,"b\nc\n"d,e\n', {}, f", line 2: text follows the closing quote of a cell (on line 4). {QUOTE}"),
    ("long_row.csv", HEADER + "one, two,x\n" + GOOD, {}, f", line 2: this row has 3 cells, the header has 2. {COMMA}"),
    ("short_row.csv", HEADER + GOOD + "alone\n", {}, f", line 6: this row has 1 cell, the header has 2. {COMMA}"),
    ("ragged.csv", HEADER + "a,b,c\n" * 2 + GOOD + "x\n", {}, f", line 2: this row has 3 cells, the header has 2 (wrong as well: lines 3 and 8). {COMMA}"),
    ("very_ragged.csv", HEADER + "a,b,c\n" * 9, {}, f": every row has 3 cells, the header has 2. {NAMES}, or put cells that hold the separator ',' in quotes, or name another separator with --sep."),
    ("mostly_ragged.csv", HEADER + "a,b,c\n" * 9 + GOOD, {}, f", line 2: this row has 3 cells, the header has 2 (wrong as well: lines 3, 4, 5, 6, 7 and 3 more). {COMMA}"),
    ("typographic.csv", HEADER + "“so, so”,x\n" * 9, {}, f": every row has 3 cells, the header has 2. {NAMES}, or put cells that hold the separator ',' in quotes, which are \" and not “."),
    ("outer.csv", '"text,category"\n"a,b"\n', {}, ": the table has one column, 'text,category'. Each line stands in quotes as a whole: take the outer quotes off."),
    ("padded_title.csv", "Tickets of May,\n,\n" + HEADER + GOOD, {}, f", line 3: {BEGINS}"),
    ("wide_title.csv", "Tickets of May,,\nwho,what,when\n" + "a,b c,d\n" * 4, {}, f", line 2: {BEGINS}"),
    ("scores.csv", "text,score\n" + "".join(f"text {n},{n / 7:.3f}\n" for n in range(12)), {}, ": column 'score' holds 12 numbers that never repeat: a quantity, no categories. Choose the column of categories with --label."),
    ("empty.json", "{}", {}, ': this is valid JSON, but no table: an empty object. Write an array of records, such as [{"text": "where is my order", "category": "delivery"}], or one a line.'),
    ("ragged.tsv", "text\tcategory\na\tb\tc\nd\te\n", {}, ", line 2: this row has 3 cells, the header has 2. Put cells that hold the separator tab in quotes, or name another separator with --sep."),
    ("nul.csv", HEADER + "a\0b,x\n" + GOOD, {}, f", line 2: a NUL character stands in the text. {NUL}"),
    ("nul_latin.csv", latin("a\0b,x\n", "é,x\n"), {}, f", line 6: a NUL character stands in the text. {NUL}"),
    ("mixed.csv", latin("café,x\n", "café,x\n"), {}, ", line 7: this line is not UTF-8, but others are: the file mixes encodings. Save the whole file as UTF-8, or name one encoding for all of it with --encoding."),
    ("cut_utf16.csv", (HEADER + GOOD).encode("utf-16")[:-1], {}, ", line 5: the bytes are not valid utf-16. Save the whole file as UTF-8, or name its encoding with --encoding."),
    ("wrong.csv", latin("", "café,x\n"), {"read_as": ReadAs(encoding="utf-8")}, ", line 6: the bytes are not valid utf-8. Leave --encoding out to have it detected, or name another."),
    ("unknown.csv", HEADER + GOOD, {"read_as": ReadAs(encoding="uft-8")}, ": there is no text encoding 'uft-8'. Did you mean utf-8?"),
    ("no_text.csv", HEADER + GOOD, {"read_as": ReadAs(encoding="hex")}, ": there is no text encoding 'hex'. Common ones: utf-8, utf-16, cp1252, latin-1, gb18030."),
    ("duplicate.csv", "text,category,text\na,b,c\n", {}, f", line 1: 2 columns are called 'text' (columns 1 and 3). {RENAME}"),
    ("one_column.csv", "text\na\nb\n", {}, f": the table has one column, 'text'. {ONE_COLUMN}"),
    ("colons.csv", "text:category\na:b\n", {}, f": the table has one column, 'text:category'. {ONE_COLUMN}"),
    ("wrong_sep.csv", HEADER + GOOD, {"read_as": ReadAs(separator=";")}, f": the table has one column, 'text,category'. {ONE_COLUMN}"),
    ("bad_sep.csv", HEADER + GOOD, {"read_as": ReadAs(separator="::")}, ": --sep '::' is not a separator. Use one character: , ; | or tab."),
    ("one_category.csv", HEADER + "a,x\nb,x\n", {}, f": every label in column 'category' is 'x': one category is nothing to choose from. {CATEGORIES}"),
    ("no_label.csv", HEADER + "a,\nb, \n", {}, ": every label in column 'category' is empty. Choose another column with --label."),
    ("single_rows.csv", HEADER + "a,x\nb,y\nc,z\n", {}, f": each of the 3 categories in column 'category' has one row: none can be both learned and judged. {TWO_ROWS}"),
    ("identifiers.csv", DISTINCT, {}, f": column 'category' has as many categories as rows (120): it looks like an identifier or like text. {CHOOSE_LABEL}"),
    ("prose.csv", PROSE, {}, f": column 'category' has as many categories as rows (6): it looks like an identifier or like text. {CHOOSE_LABEL}"),
    ("one_measurable.csv", HEADER + "a b,x\nc d,x\ne f,y\n", {}, f": only 'x' has {TWO_SIDES} texts that repeat each other, {CAN_BE} {TWO_CATEGORIES}."),
    ("copies.csv", HEADER + "same words,x\nsame words!,x\nother thing,y\nother thing?,y\n" + "z z,z\n", {"n_folds": 2}, f": no category in column 'category' has {TWO_SIDES} texts that repeat each other, {CAN_BE} {TWO_CATEGORIES}."),
    ("one_owner.csv", "text,category,who\na b,x,1\nc d,x,1\ne f,y,2\ng h,y,2\n", {"group": "who"}, f": no category in column 'category' has {TWO_SIDES} one value of the --group column, {CAN_BE} {TWO_CATEGORIES}, or leave --group out."),
    ("all_dropped.csv", HEADER + "a,x\nb,x\nc,y\n", {"rare": "drop"}, ": --rare drop leaves no row. Lower --min-rows, or use --rare merge."),
    ("two_labels.csv", "text,label,category\na,x,y\n", {}, ": both 'label' (1 value, such as 'x') and 'category' (1 value, such as 'y') could be the label column. Choose with --label 'label' or --label 'category'."),
    ("two_plain_labels.csv", "text,colour,size\n" + "a,red,big\nb,blue,small\n" * 4, {}, ": both 'colour' (2 values, such as 'red' and 'blue') and 'size' (2 values, such as 'big' and 'small') could be the label column. Choose with --label 'colour' or --label 'size'."),
    ("two_texts.csv", "message,comment,category\na b,c d,x\n", {}, ": both 'message' and 'comment' could be the text column. Choose with --text 'message' or --text 'comment'; --text may be given twice."),
    ("two_long.csv", "alpha,beta,label\n" + "".join(f"some words {n},more words {n},{n % 2}\n" for n in range(8)), {}, ": both 'alpha' and 'beta' could be the text column. Choose with --text 'alpha' or --text 'beta'; --text may be given twice."),
    ("no_label_column.csv", "text,id\n" + "".join(f"t {n},{n} and more words here\n" for n in range(6)), {"text": ("text",)}, f": column 'id' has as many categories as rows (6): it looks like an identifier or like text. {CHOOSE_LABEL}"),
    ("no_label_found.csv", "alpha,beta\na b c d e,f g h i j\nk l m n o,p q r s t\n", {}, ": no column looks like a label: short values that repeat. Name it with --label; the columns are alpha and beta."),
    ("no_text_found.csv", "amount,category\n" + "1,x\n2,y\n" * 3, {}, ": no column looks like text: words that differ from row to row. Name it with --text; the columns are amount and category."),
    ("unknown_text.csv", HEADER + GOOD, {"text": ("txet",)}, ": --text 'txet': there is no such column. Did you mean 'text'?"),
    ("unknown_label.csv", HEADER + GOOD, {"label": "zzz"}, ": --label 'zzz': there is no such column. It has text and category."),
    ("unknown_group.csv", HEADER + GOOD, {"group": "categroy"}, ": --group 'categroy': there is no such column. Did you mean 'category'?"),
    ("swapped.csv", HEADER + GOOD, {"text": ("category",), "label": "text"}, ": the label column 'text' looks like texts: 4 different values in 4 rows. Did you mean --text text --label category?"),
    ("label_is_text.csv", HEADER + GOOD, {"label": "text"}, ": the label column 'text' looks like texts: 4 different values in 4 rows. Did you mean --text text --label category?"),
    ("same_column.csv", HEADER + GOOD, {"text": ("text",), "label": "text"}, ": --label 'text': already in use as --text. Did you mean --text text --label category?"),
    ("excel.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), {}, ": this is a workbook or zip archive that cannot be read (*). Save the sheet as CSV UTF-8."),
    ("excel.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {}, ": this is a workbook or zip archive that cannot be read (*). Save the sheet as CSV UTF-8."),
    ("excel_as.csv", zipped("xl/workbook.xml"), {}, ": this is a workbook or zip archive that cannot be read (*). Save the sheet as CSV UTF-8."),
    ("word.docx", zipped("word/document.xml"), {}, f": this is a Word document. {NO_TABLE}"),
    ("archive.zip", zipped("data.csv"), {}, f": this is a zip archive. {UNPACK}"),
    ("archive.7z", b"7z\xbc\xaf\x27\x1c" + bytes(50), {}, f": this is a 7z archive. {UNPACK}"),
    ("data.csv.bz2", b"BZh91AY&SY" + bytes(50), {}, f": this is a bzip2 archive. {UNPACK}"),
    ("data.csv.xz", b"\xfd7zXZ\x00" + bytes(50), {}, f": this is an xz archive. {UNPACK}"),
    ("data.tar", b"a.csv".ljust(257, b"\0") + b"ustar" + bytes(250), {}, f": this is a tar archive. {UNPACK}"),
    ("data.tar.gz", gzip.compress(b"a.csv".ljust(257, b"\0") + b"ustar" + bytes(250)), {}, f": this is a tar archive. {UNPACK}"),
    ("image.png", b"\x89PNG\r\n\x1a\n" + bytes(50), {}, f": this is a PNG image. {NO_TABLE}"),
    ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(50), {}, f": this is a JPEG image. {NO_TABLE}"),
    ("animation.gif", b"GIF89a" + bytes(50), {}, f": this is a GIF image. {NO_TABLE}"),
    ("paper.pdf", b"%PDF-1.7\n" + bytes(50), {}, f": this is a PDF document. {NO_TABLE}"),
    ("base.sqlite", b"SQLite format 3\x00" + bytes(50), {}, f": this is an SQLite database. {EXPORT}"),
    ("frame.feather", b"ARROW1\0\0" + bytes(50), {}, f": this is an Arrow (Feather) file. {PARQUET}"),
    ("table.orc", b"ORC\x11\0\0" + bytes(50), {}, f": this is an ORC file. {PARQUET}"),
    ("song.mp3", b"ID3\x03" + bytes(50), {}, f": this is an MP3 sound. {NO_TABLE}"),
    ("model.pkl", b"\x80\x04\x95" + bytes(50), {}, f": this is a Python pickle, which is never opened as data. {EXPORT}"),
    ("page.csv", "\n<!DOCTYPE html><html></html>", {}, ": this is a web page. Download the file itself, not the page that shows it."),
    ("data.xml", "<?xml version='1.0'?><rows/>", {}, f": this is an XML document. {EXPORT}"),
    ("pointer.csv", "version https://git-lfs.github.com/spec/v1\n", {}, ": this is a Git LFS pointer, not the data. Run `git lfs pull` first."),
    ("cut.csv.gz", gzip.compress((HEADER + GOOD).encode())[:-9], {}, ": the gzip data is damaged or cut off (Compressed file ended before the end-of-stream marker was reached). Copy or download it again."),
    ("broken.jsonl", '{"text": "a", "category": "b"}\n{"text": \n', {}, f", line 2: {NO_JSON} it ends in the middle of a value. The file is cut off: copy or export it again."),
    ("trailing.jsonl", '{"text": "a", "category": "b",}\n' * 3, {}, f", line 1: {NO_JSON} a comma stands before the closing bracket. Delete that comma."),
    ("trailing.json", '[{"text": "a", "category": "b"},\n]\n', {}, f", line 2: {NO_JSON} a comma stands before the closing bracket. Delete that comma."),
    ("commas.jsonl", '{"text": "a", "category": "b"},\n' * 3, {}, f", line 1: {NO_JSON} a comma follows the object. Delete these commas, or put [ before the first object and ] behind the last."),
    ("comment.jsonl", '# of May\n{"text": "a", "category": "b"}\n', {}, f", line 1: {NO_JSON} a comment stands here, and JSON has none. Delete the comments."),
    ("comment.json", '[\n/* of May */ {"text": "a", "category": "b"}]\n', {}, f", line 2: {NO_JSON} a comment stands here, and JSON has none. Delete the comments."),
    ("python.jsonl", "{'text': 'a', 'category': 'b'}\n" * 3, {}, f", line 1: {NO_JSON} names or texts stand in single quotes, as Python prints them. {JSON}"),
    ("python.txt", "[{'text': 'a', 'category': 'b'}]", {}, f", line 1: {NO_JSON} names or texts stand in single quotes, as Python prints them. {JSON}"),
    ("none.jsonl", '{"text": "a", "category": "b"}\n{"text": None, "category": "b"}\n', {}, f", line 2: {NO_JSON} a word such as None, True or nan stands here, where JSON says null, true or NaN. {JSON}"),
    ("bare.jsonl", '{text: "a", category: "b"}\n', {}, f', line 1: {NO_JSON} the name of a value stands without quotes. Write it in double quotes, such as "text". {JSON.removeprefix("Write JSON instead. ")}'),
    ("script.json", 'var data = [{"text": "a", "category": "b"}];', {}, f", line 1: {NO_JSON} JavaScript stands around the JSON. Keep what is between the outer brackets alone."),
    ("lines.jsonl", '{"text": "a\nb", "category": "b"}\n', {}, f', line 1: {NO_JSON} a line end or tab stands inside a text. Write it as "\\n" or "\\t".'),
    ("path.jsonl", '{"text": "C:\\dir", "category": "b"}\n', {}, f", line 1: {NO_JSON} a backslash stands before a character that it cannot escape. Write the backslash twice."),
    ("inner.jsonl", '{"text": "so "late" today", "category": "b"}\n', {}, f', line 1: {NO_JSON} a comma or a bracket is missing here. Write a quote inside a text as \\"; else export the file again.'),
    ("ends.json", '[{"text": "a", "category": "b"}, {"te', {}, f", line 1: {NO_JSON} a text begins here and never ends. The file is cut off, or a quote inside a text lacks its backslash."),
    ("glued.jsonl", '{"text": "a", "category": "b"}\n' + '{"text": "a", "category": "b"}' * 2, {}, f", line 2: several values stand on this line. {ONE_LINE}"),
    ("chat.jsonl", '{"messages": ["hi", "so"]}\n' * 2, {}, ": the table has one column, 'messages'. A text and a label column are needed."),
    ("lines.txt", "where is my parcel\nit never came\n", {}, f": there is one text a line, and no label. {ONE_COLUMN}"),
    ("list.jsonl", '{"text": "a", "category": "b"}\n["a", "b"]\n', {}, f", line 2: this is not a JSON object. {ONE_LINE}"),
    ("twice.jsonl", '{"text": "a", "category": "b", "text": "c"}\n', {}, ", line 1: the key 'text' occurs twice. Give every key its own name."),
    ("half.jsonl", '{"text": "\\ud83d", "category": "b"}\n', {}, ", line 1: an escape stands for NUL or for half a character. Remove it or export again."),
    ("nul.jsonl", '{"text": "a\\u0000", "category": "b"}\n', {}, ", line 1: an escape stands for NUL or for half a character. Remove it or export again."),
    ("deep.jsonl", DEEP, {}, f", line 1: the line is nested too deeply. {ONE_LINE}"),
    ("none.jsonl", "\n\n", {}, f": there is no row. {ONE_LINE}"),
    ("rows.parquet", NO_ROWS, {}, ": the Parquet file has no row. Write it again with rows."),
    ("doubled.parquet", DOUBLED, {}, ": several columns are called x. Give every column its own name."),
    ("bytes.parquet", BYTES, {}, ": it holds bytes that are not UTF-8 ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte). Write it again."),
    ("cut.parquet", NO_ROWS[:-30], {}, ": the Parquet file cannot be read (*). Write it again."),
    ("line\nbreak.csv", b"", {}, EMPTY),
]  # fmt: skip


@pytest.mark.parametrize("case", FILES, ids=[case[0] for case in FILES])
def test_file_is_refused_with_this_line(tmp_path: Path, case: tuple[str, bytes | str, dict[str, Any], str]):
    name, content, options, line = case
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    shown = str(path).replace("\n", "\\n")
    expected = re.escape(shown + line).replace(r"\(\*\)", r"\(.*\)")
    with pytest.raises(InputError, match=f"^{expected}$"):
        load_dataset(path, **options)


ROWS = [row.split(",") for row in GOOD.splitlines()]
DRAWN = ["| text | category |", *(f"| {t} | {c} |" for t, c in ROWS)]
YAML = "".join(f"- text: {t}, so\n  category: {c}\n" for t, c in ROWS)
INSERTS = "".join(f"INSERT INTO t VALUES ('{t}', '{c}');\n" for t, c in ROWS)  # noqa: S608  (a file's content)
CELLS = "".join(f"<tr><td>{t}</td><td>{c}</td></tr>\n" for t, c in ROWS)

# what a file holds, and what it is called
KINDS: list[tuple[bytes | str, str]] = [
    ("\n".join([DRAWN[0], "|------|:---:|", *DRAWN[1:]]), "a table drawn with lines, as in Markdown"),
    ("\n".join(["# May", "", DRAWN[0], "|---|---|", *DRAWN[1:]]), "a table drawn with lines, as in Markdown"),
    ("text | category\n--- | ---\na | b\n", "a table drawn with lines, as in Markdown"),
    ("+----+---+\n| text | category |\n+====+===+\n", "a table drawn with lines, as in Markdown"),
    ("text | category\n------+------\n a | b\n", "a table drawn with lines, as in Markdown"),
    ("====  ====\ntext  category\n====  ====\n", "a table drawn with lines, as in Markdown"),
    (YAML, "YAML"),
    (f"---\n{YAML}", "YAML"),
    ('version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    - where is it\n', "YAML"),
    ("text:\n  - where is it\nlabel:\n  - a\n", "YAML"),
    (f"<table>{CELLS}</table>", "a table of HTML"),
    ("<rows>\n <row><text>a</text></row>\n</rows>", "an XML document"),
    (INSERTS, "a dump of a database"),
    (f"-- MySQL dump 10\n\nDROP TABLE t;\n/*!40101 SET x */;\n{INSERTS}", "a dump of a database"),
    ("--\n--\n\nSET x = 0;\n\nCOPY t (text, category) FROM stdin;\na\tb\n", "a dump of a database"),
    ("\\begin{tabular}{ll}\na & b \\\\\n\\end{tabular}", "a LaTeX document"),
    ("% of May\n@RELATION t\n@ATTRIBUTE text string\n@DATA\n'a',b\n", "an ARFF file of Weka"),
    ('[[rows]]\ntext = "a"\ncategory = "b"\n', "a TOML or INI file"),
    ("1 1:0.5 7:1\n0 2:1\n1 3:.5 8:1\n", "svmlight data, numbers without words"),
    ("From: a@b.c\nTo: d@e.f\nSubject: hi\n\nHello\n", "an e-mail"),
    (b"$FL2@(#) SPSS DATA FILE" + bytes(90), "an SPSS file"),
    (b"<stata_dta><header><release>118</release>" + bytes(90), "a Stata file"),
    (b"\x73\x02\x01\x00" + bytes(90), "a Stata file"),
    (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf" + bytes(90), "a SAS file"),
    (gzip.compress(b"X\n\x00\x00\x00\x03" + bytes(90)), "a file of R"),
    (gzip.compress(b"RDX3\nX\n" + bytes(90)), "a file of R"),
]


@pytest.mark.parametrize(("content", "kind"), KINDS, ids=[kind for _, kind in KINDS])
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, content: bytes | str, kind: str):
    (tmp_path / "data.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError, match=rf"data\.csv: this is {kind}\. \w+ "):
        load_dataset(tmp_path / "data.csv")


@pytest.mark.parametrize(
    "row",
    [
        *(
            "-----",
            "note: see below",
            "- an item of a list",
            "[ticket]",
            "create a table",
            "From: me",
            "<b>so</b>",
        ),
        *("From: me", "Subject: so late", "from boston to denver", "to denver"),
        *('"say\n| a | b |\n|---|---|"', "a | b", "== so ==", "#1", "% off", "insert into it"),
    ],
)
def test_a_text_that_begins_like_another_kind_of_file_is_a_text(tmp_path: Path, row: str):
    (tmp_path / "t.csv").write_text(f"text\n{row}\n{row}\n{row}\n")
    assert read_table(tmp_path / "t.csv").n_rows == 3
    (tmp_path / "t.csv").write_text(f"{row}\n{row}\n")
    assert read_table(tmp_path / "t.csv", ReadAs(has_header=False)).n_rows == 2


def test_who_says_how_a_text_is_cut_is_believed(tmp_path: Path):
    (tmp_path / "t.txt").write_text("Bring:\n- flour\n- milk\n")
    with pytest.raises(InputError, match="this is YAML"):
        read_table(tmp_path / "t.txt")
    assert read_table(tmp_path / "t.txt", ReadAs(has_header=False)).n_rows == 3


def test_folder_is_refused_with_the_tables_in_it(tmp_path: Path):
    (tmp_path / "a.csv").touch()
    with pytest.raises(InputError, match=r": this is a folder\. Name a file in it: a\.csv\.$"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        ("tikets.csv", r"Did you mean tickets\.csv\?"),
        ("zzz.csv", r"Tables in that folder: tickets\.csv\."),
        ("no/such.csv", r"There is no folder .*no either; check the path\."),
    ],
)
def test_missing_file_is_refused_with_the_nearest_name(tmp_path: Path, asked: str, remedy: str):
    (tmp_path / "tickets.csv").touch()
    with pytest.raises(InputError, match=rf": there is no such file\. {remedy}$"):
        load_dataset(tmp_path / asked)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_refused(tmp_path: Path):
    (tmp_path / "data.csv").touch(mode=0)
    with pytest.raises(InputError, match=r": the file may not be read\. Check its permissions\.$"):
        load_dataset(tmp_path / "data.csv")


@pytest.mark.parametrize("name", ["a\0b.csv", "x" * 5000])
def test_impossible_path_is_refused(tmp_path: Path, name: str):
    with pytest.raises(InputError, match=r"the file cannot be read .* Check the path\.$"):
        load_dataset(tmp_path / name)


@pytest.mark.parametrize("options", [{"min_rows": 3}, {"min_rows": -1, "rare": "drop"}])
def test_min_rows_without_effect_is_refused(tmp_path: Path, options: dict[str, Any]):
    (tmp_path / "data.csv").write_text(HEADER + GOOD)
    with pytest.raises(InputError, match=r"^--min-rows -?\d: nothing would happen\. Say with --rare"):
        load_dataset(tmp_path / "data.csv", **options)
