"""Workbooks written by hand, as Excel packs them: an oracle that is no reader of them."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_OLD = (
    "c-rk)J!lj`6#i!KF85<{xr-Me5yBEMnwUl`w27;NrZPk=6cKdKEO=zOlg)uYjnR0eAXq6jfiyNz8-LJ3I}0JAML-blw6qcwERtK_"
    "yq(2MydnoCsLZ#_o40Si*?GJ3=IzeDUC35vANAI-3i}X2-A|&e!6v9A!;=iC-S?#$)(I-U#y^E*f+n&phUXn`;&Kk<eAi&$Ve}PA"
    ";1iY8xPY-z(J?m=2iXT(NFPQ>3fv=08a?b)7t3=jH?w@e%oi;8v*jks5#m<GDJ)oHLwi*epEUZpEe(0yC*0=)TXvxvuVoZpy(I!}"
    "3<tb|?f#t&ebIKzf#z-0DLS6*R*|C#oWpnD1ipnU^`)up8*3LJ`;V3OcoX|=BMMBzKg$7Lq2#(42`2dX687*~l!ZuT=TbQaxOU!g"
    "Hvt#VJDy_}rp!W_BEqH!m@1jBU3Ta!pOR^smvv^vvhLt;Zznl{PS&#=^chOrOZUINJCYx_&ah>gQ+bf^w@Dx2<C^S2ozvXHZZda>"
    "<xZB@`Knu4?`4^zP^Efcyjv-UXP9$?TL);I-Hi9v_6B_i>6I@>pY~NgTZ5#}kJhf_<`=D5^wTq%p#Jih!LS$>ckf6%v%*@a<nWPY"
    "&u@t$VPur=zIv;5Vi_q`vn+!%`E-Qhiza-*d_(aC^COCHG~pY}k1Brf^kecxYjokUY^1dH3n^%5XlQ6?XlQ6?tOJDljE@BS4E`jQ"
    "n}xXgud__0u78vKw>X9p9c9{>9zv0750_htpDl=q@LFPxeZv2R5+`VM50l8VACoP|FKzZj<Nd6;W9H8-p;pJQx8mnIkN*=*?a3$"
)
"""Text and label, ("where is it", "a") and ("so late", "b"), as Excel 97 writes them; packed."""


def old_workbook(*, far: bool = False) -> bytes:
    """Return a workbook of Excel 97; with its last cell, the label b, in row and column 65,535 where it is far."""
    content = zlib.decompress(base64.b85decode(_OLD))
    start = content.rindex(b"\xfd\x00\x0a\x00") + 4
    return content[:start] + 4 * b"\xff" + content[start + 4 :] if far else content


_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STATE = ("visible", "hidden")
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(sheets: dict[str, Sequence[Sequence[str]]], *, hidden: str = "", merged: str = "") -> bytes:
    """Return a workbook of these sheets, one of them hidden; ``merged`` is a range such as A2:A4 of all of them."""
    numbered = list(enumerate(sheets.items(), start=1))
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>'
        for n, _ in numbered
    )
    named = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}" state="{_STATE[name == hidden]}"/>'
        for n, (name, _) in numbered
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
        f'PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
    } | {f"xl/worksheets/sheet{n}.xml": _sheet(rows, merged) for n, (_, rows) in numbered}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _sheet(rows: Sequence[Sequence[str]], merged: str) -> str:
    body = ""
    for n, row in enumerate(rows, start=1):
        cells = (_cell(f"{'ABCDEFG'[place]}{n}", cell) for place, cell in enumerate(row))
        body += f'<row r="{n}">{"".join(cells)}</row>'
    ranges = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    return f"<worksheet {_MAIN}><sheetData>{body}</sheetData>{ranges}</worksheet>"


def _cell(place: str, cell: str) -> str:
    text = f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return text if cell else ""
