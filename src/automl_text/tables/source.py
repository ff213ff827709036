"""The bytes of a file, read once: what is hashed is what is parsed."""

from __future__ import annotations

import difflib
import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.tables.foreign import refuse_foreign
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from automl_text.errors import InputError

GZIP = b"\x1f\x8b"
GZIP_FAULTS = (OSError, EOFError, zlib.error)
"""What unpacking damaged gzip data raises."""

_TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's content.

    Attributes
    ----------
    file : str
        The path as the user wrote it; error messages begin with it.
    name : str
        Its last part.
    suffix : str
        Lower-case ending without ``.gz``: ``.csv``.
    sha256 : str
        Digest of the bytes on disk.
    content : bytes
        Those bytes, unpacked where they were gzipped.
    """

    file: str
    name: str
    suffix: str
    sha256: str
    content: bytes


def read_source(path: str | Path) -> Source:
    """Read a file whole and refuse what is not a table.

    Raises
    ------
    InputError
        If the file is missing, a folder, unreadable, empty, damaged, or of a kind that is no table.
    """
    path = Path(path)
    file = str(path)
    raw = _read_bytes(path)
    digest = hashlib.sha256(raw).hexdigest()
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if raw.startswith(GZIP):
        raw = _unpack(file, raw)
        suffixes = [suffix for suffix in suffixes if suffix != ".gz"]
    if not raw:
        raise refusal(file, "the file is empty", "Give a file with a header line and labelled rows")
    refuse_foreign(file, raw)
    suffix = suffixes[-1] if suffixes else ""
    return Source(file=file, name=path.name, suffix=suffix, sha256=digest, content=raw)


def _read_bytes(path: Path) -> bytes:
    file = str(path)
    try:
        if path.is_dir():
            tables = sorted(p.name for p in path.iterdir() if p.suffix.lower() in _TABLES)
            remedy = f"Name a file in it: {listed(tables)}" if tables else "Name a CSV file"
            raise refusal(file, "this is a folder", remedy)
        if path.exists() and not (path.is_file() or path.is_fifo()):
            raise refusal(file, "this is neither a file nor a pipe", "Name a CSV file")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise refusal(file, "there is no such file", _nearby(path)) from error
    except PermissionError as error:
        raise refusal(file, "the file may not be read", "Check its permissions") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise refusal(file, f"the file cannot be read ({error})", "Check the path") from error


def _nearby(path: Path) -> str:
    """Say which names in the same folder come close, or what else stands there."""
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either; check the path"
    names = sorted(p.name for p in path.parent.iterdir() if p.is_file())
    close = difflib.get_close_matches(path.name, names, n=3)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    tables = [name for name in names if Path(name).suffix.lower() in _TABLES]
    return f"Tables in that folder: {listed(tables)}" if tables else "There is no table in that folder"


def _unpack(file: str, raw: bytes) -> bytes:
    try:
        return gzip.decompress(raw)
    except GZIP_FAULTS as error:
        raise damaged_gzip(file, error) from error


def damaged_gzip(file: str, error: Exception, *, line: int | None = None) -> InputError:
    """Return the error for gzip data that cannot be unpacked, after ``line`` where some could."""
    what = f"the gzip data is damaged or cut off ({error})"
    return refusal(file, what, "Copy or download it again", line=line)
