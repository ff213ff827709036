"""What is too large is refused in one line, at a stated limit."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING

import pytest

from automl_text.data.loading import load_dataset
from automl_text.errors import InputError
from automl_text.tables.formats import excel
from automl_text.tables.reading import read_table

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "where is it,delivery\nnever came,delivery\ncharged twice,billing\nno refund,billing\n"


def test_gzip_data_that_hold_far_more_than_texts_do_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("automl_text.tables.source._MOST_UNPACKED", 2**20)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"text,n\n" + b"a,1\n" * 10**6))
    with pytest.raises(
        InputError, match=r"bomb\.csv\.gz: the gzip data unpack to more than 200 times their size"
    ):
        read_table(tmp_path / "bomb.csv.gz")


def test_gzip_data_of_ordinary_texts_are_read_however_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("automl_text.tables.source._MOST_UNPACKED", 2**10)
    lines = "".join(f"text number {n * 7919 % 10007},{n}\n" for n in range(5000))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(f"text,n\n{lines}".encode()))
    assert read_table(tmp_path / "t.csv.gz").n_rows == 5000


def test_a_cell_longer_than_the_limit_is_refused_with_its_line(tmp_path: Path):
    (tmp_path / "t.csv").write_text(f'text,label\n{ROWS}"{"word and word " * 10**6}",x\n')
    with pytest.raises(InputError, match=r"line 6: the line is longer than 10,000,000 characters"):
        read_table(tmp_path / "t.csv")


def test_a_text_that_no_search_can_take_is_refused_with_its_line(tmp_path: Path):
    (tmp_path / "t.csv").write_text(f"text,label\n{ROWS}{'word ' * 500_000},billing\n")
    with pytest.raises(
        InputError, match=r"line 6: the text has 2,500,000 characters, above the limit of 2,000,000"
    ):
        load_dataset(tmp_path / "t.csv")


def test_more_rows_than_a_search_can_take_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("automl_text.data.loading._MOST_ROWS", 3)
    (tmp_path / "t.csv").write_text(f"text,label\n{ROWS}")
    with pytest.raises(InputError, match=r"4 rows are more than a search can take \(3\)"):
        load_dataset(tmp_path / "t.csv")


CELL = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
SHEET = "<worksheet><sheetData>{}</sheetData></worksheet>"
FAR = f'<row r="1">{CELL.format("A1", "text")}</row><row r="1048576">{CELL.format("XFD1048576", "far")}</row>'
REPEATED = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" '
    'table:number-columns-repeated="16384"><text:p>far</text:p></table:table-cell></table:table-row>'
)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "xl/worksheets/sheet1.xml",
            SHEET.format(FAR),
            "its cells lie so far apart that a sheet has more than",
        ),
        (
            "xl/worksheets/sheet1.xml",
            SHEET.format(" " * 30_000_000),
            "the workbook unpacks to 28 MiB, more than 200",
        ),
        ("content.xml", REPEATED, "its cells lie so far apart that a sheet has more than"),
    ],
)
def test_a_workbook_that_would_take_all_memory_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, said: str
):
    monkeypatch.setattr(excel, "_UNPACKED", 2**20)
    path = tmp_path / "new.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(name, content)
    with pytest.raises(InputError, match=said):
        load_dataset(path)


def test_empty_cells_that_a_spreadsheet_says_once_do_not_count():
    row = '<table:table-row table:number-rows-repeated="{}"><table:table-cell {}/></table:table-row>'
    padded = row.format(1048576, 'table:number-columns-repeated="16384"') + row.format(
        2, 'office:value-type="float"'
    )
    assert excel._n_repeated(padded.encode()) == 2
    assert excel._last_cell(b'<row r="7"><c r="XFD7" s="1"/><c r="AB7"><v>1</v></c></row>') == 7 * 28
