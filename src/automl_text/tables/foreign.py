"""Files that are not tables of text: told by their first bytes, each with what to do instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from automl_text.wording import refusal

_UNPACK = "Unpack it and give the CSV file inside"
_NOT_TEXT = "Give a CSV, TSV, JSON, Parquet or Excel file with a text and a label column"
_EXPORT = "Export the table as CSV and give that file"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    """Bytes at an offset that name a kind of file; ``is_text`` says that such a file begins with text."""

    start: bytes
    kind: str
    remedy: str
    offset: int = 0
    is_text: bool = False


_SIGNATURES = (
    _Signature(start=b"PK\x05\x06", kind="an empty zip archive", remedy=_UNPACK),
    _Signature(start=b"7z\xbc\xaf\x27\x1c", kind="a 7z archive", remedy=_UNPACK),
    _Signature(start=b"Rar!\x1a\x07", kind="a RAR archive", remedy=_UNPACK),
    _Signature(start=b"BZh", kind="a bzip2 archive", remedy=_UNPACK),
    _Signature(start=b"\xfd7zXZ\x00", kind="an xz archive", remedy=_UNPACK),
    _Signature(start=b"\x28\xb5\x2f\xfd", kind="a zstd archive", remedy=_UNPACK),
    _Signature(start=b"ustar", offset=257, kind="a tar archive", remedy=_UNPACK),
    _Signature(start=b"\x89PNG", kind="a PNG image", remedy=_NOT_TEXT),
    _Signature(start=b"\xff\xd8\xff", kind="a JPEG image", remedy=_NOT_TEXT),
    _Signature(start=b"GIF8", kind="a GIF image", remedy=_NOT_TEXT),
    _Signature(start=b"II*\x00", kind="a TIFF image", remedy=_NOT_TEXT),
    _Signature(start=b"MM\x00*", kind="a TIFF image", remedy=_NOT_TEXT),
    _Signature(start=b"WEBP", offset=8, kind="a WebP image", remedy=_NOT_TEXT),
    _Signature(start=b"WAVE", offset=8, kind="a WAV sound", remedy=_NOT_TEXT),
    _Signature(start=b"ID3", kind="an MP3 sound", remedy=_NOT_TEXT),
    _Signature(start=b"ftyp", offset=4, kind="an MP4 or HEIC file", remedy=_NOT_TEXT),
    _Signature(start=b"OggS", kind="an Ogg file", remedy=_NOT_TEXT),
    _Signature(start=b"%PDF", kind="a PDF document", remedy=_NOT_TEXT, is_text=True),
    _Signature(start=b"{\\rtf", kind="an RTF document", remedy=_NOT_TEXT, is_text=True),
    _Signature(start=b"SQLite format 3\x00", kind="an SQLite database", remedy=_EXPORT),
    _Signature(start=b"\x89HDF", kind="an HDF5 file", remedy=_EXPORT),
    _Signature(start=b"ARROW1", kind="an Arrow (Feather) file", remedy="Save it as Parquet or CSV"),
    _Signature(start=b"FEA1", kind="an old Feather file", remedy="Save it as Parquet or CSV"),
    _Signature(start=b"ORC", kind="an ORC file", remedy="Save it as Parquet or CSV"),
    _Signature(start=b"Obj\x01", kind="an Avro file", remedy="Save it as Parquet or CSV"),
    _Signature(start=b"\x93NUMPY", kind="a NumPy array", remedy=_EXPORT),
    _Signature(start=b"$FL2@(#)", kind="an SPSS file", remedy=_EXPORT),
    _Signature(start=b"$FL3@(#)", kind="an SPSS file", remedy=_EXPORT),
    _Signature(start=b"<stata_dta>", kind="a Stata file", remedy=_EXPORT),
    *(
        _Signature(start=bytes([release, order, 1, 0]), kind="a Stata file", remedy=_EXPORT)
        for release in (105, 108, 110, 111, 112, 113, 114, 115)
        for order in (1, 2)
    ),
    _Signature(start=b"\xc2\xea\x81\x60\xb3\x14\x11\xcf", offset=12, kind="a SAS file", remedy=_EXPORT),
    _Signature(start=b"X\n\x00\x00\x00", kind="a file of R", remedy=_EXPORT),
    _Signature(start=b"RDX", kind="a file of R", remedy=_EXPORT),
    _Signature(start=b"\x7fELF", kind="a program", remedy=_NOT_TEXT),
    _Signature(start=b"MZ\x90\x00", kind="a Windows program", remedy=_NOT_TEXT),
    _Signature(
        start=b"version https://git-lfs",
        kind="a Git LFS pointer, not the data",
        remedy="Run `git lfs pull` first",
        is_text=True,
    ),
)

_END = rb"[^\r\n]*+[\r\n]++"
_KEY = rb"[\w\"'-]+:(?:[ \t][^\r\n]*+)?"
_RULE = rb"[ \t]*(?:[|+][ \t]*:?[-=]{2}|:?[-=]{2,}+:?(?:[ \t]*[|+]|[ \t]{2,}[-=]{2}))[-=:|+ \t]*+(?:[\r\n]|$)"
_FIELD = (
    rb"(?:from|to|subject|date|received|return-path|message-id|mime-version|delivered-to|x-[\w-]+)",
    rb":[ \t]" + _END + rb"(?:[ \t]+" + _END + rb")*+",
)
_MAIL = (
    rb"(?:from \S+@"
    + _END
    + rb")?("
    + _FIELD[0]
    + rb")"
    + _FIELD[1]
    + rb"(?!\1)"
    + (_FIELD[0] + _FIELD[1]) * 2
)
_SQL = (
    rb"(?:--|/\*|#|(?:create|insert|drop|set|begin|use|copy|pragma|select|alter|lock)\b).*?"
    rb"^(?:create table [^;]{1,200}?\(|insert into [^;]{1,200}?\bvalues?\s*\(|copy [^;]{1,200}?from stdin)"
)
_LOOKS = tuple(
    (re.compile(what, re.IGNORECASE | re.DOTALL | re.MULTILINE), kind, remedy)
    for what, kind, remedy in (
        (
            rb"<(!doctype html|html|head|body|!--)",
            "a web page",
            "Download the file itself, not the page that shows it",
        ),
        (rb"<table\b", "a table of HTML", _EXPORT),
        (rb"<\?xml|<[\w:.-]+(\s[^<>]*+)?>\s*[\r\n]\s*<[\w:.-]+(\s[^<>]*+)?/?>", "an XML document", _EXPORT),
        (rb"\\(begin\{|documentclass|usepackage|input\{)", "a LaTeX document", _EXPORT),
        (
            _SQL,
            "a dump of a database",
            _EXPORT,
        ),
        (rb"(?:%" + _END + rb"|\s)*+@relation\s.*?^@attribute\s", "an ARFF file of Weka", _EXPORT),
        (
            rb"(?:[%#]" + _END + rb"|---[ \t]*+[\r\n]++|" + _KEY + rb"[\r\n]++)*?"
            rb"(?:[ \t]*-[ \t]+"
            + _KEY
            + rb"[\r\n]++[ \t]+"
            + _KEY
            + rb"|[\w\"'-]+:[ \t]*+[\r\n]++[ \t]*-[ \t])",
            "YAML",
            "Write its records as JSON, or export them as CSV, and give that file",
        ),
        (rb"\[\[?[\w. -]+\]\]?[ \t]*+[\r\n]++\s*+[\w.-]+[ \t]*=", "a TOML or INI file", _EXPORT),
        (
            rb"(?:-?[\w.+]+(?: \d+:[-+.\de]+)+[ \t]*+[\r\n]++){3}",
            "svmlight data, numbers without words",
            _NOT_TEXT,
        ),
        (
            _MAIL,
            "an e-mail",
            "Write the texts of the mails into a table, one a row",
        ),
        (
            rb"(?:[^|\"\r\n]*+[\r\n]++){0,20}?(?:[^|\"\r\n]*\|[^\"\r\n]*+[\r\n]++)?" + _RULE,
            "a table drawn with lines, as in Markdown",
            "Convert it to CSV: one line a row, without the lines that are drawn",
        ),
    )
)
"""What a text that is no table begins with, after blanks, and is called."""

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Without one of these a file is a table whose header merely begins with such letters: ``ORCID,abstract``."""

_LOOKED_AT = 20_000

_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")

_ZIP_MEMBERS = (
    (b"word/", "a Word document", _NOT_TEXT),
    (b"ppt/", "a PowerPoint file", _NOT_TEXT),
    (b".iwa", "a document of Apple's Numbers, Pages or Keynote", _EXPORT),
    (b"application/vnd.oasis.opendocument.", "a document of LibreOffice", _NOT_TEXT),
    (b"application/epub+zip", "an e-book", _NOT_TEXT),
)


def refuse_foreign(file: str, content: bytes, *, is_text: bool = False) -> None:
    """Refuse content that is plainly something else than a table.

    Parameters
    ----------
    is_text : bool
        A person said how the text is to be cut, so whatever it looks like it is one.

    Raises
    ------
    InputError
        Naming what the file is and what to do instead.
    """
    if content.startswith(b"PK\x03\x04"):
        for mark, kind, remedy in _ZIP_MEMBERS:
            if mark in content:
                raise refusal(file, f"this is {kind}", remedy)
        raise refusal(file, "this is a zip archive", _UNPACK)
    is_binary = _CONTROLS.search(content, 0, 512) is not None
    for signature in _SIGNATURES:
        if content.startswith(signature.start, signature.offset) and (is_binary or signature.is_text):
            raise refusal(file, f"this is {signature.kind}", signature.remedy)
    if content.startswith(_PICKLES):
        raise refusal(file, "this is a Python pickle, which is never opened as data", _EXPORT)
    start = content[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    for look, kind, remedy in () if is_text else _LOOKS:
        if look.match(start):
            raise refusal(file, f"this is {kind}", remedy)
