"""Sentence vectors by digest of their text, so that every text of a run is encoded once."""

from __future__ import annotations

import hashlib
import sqlite3
import time
import warnings
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from automl_text.families.counts import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Vectors = dict[str, NDArray[np.float32]]

MAX_BYTES = 2**28
"""Vectors that one process keeps, besides those of the last block: 110,000 at 512 dimensions."""
_OVERHEAD_BYTES = 350
"""What a vector costs besides its numbers: its key, two Python objects, a place in a dictionary."""
_TEXTS_AT_A_TIME = 64
"""Two processes that begin together encode at most so many texts twice."""
_ALONE_AT_A_TIME = 1024
"""Where nobody else encodes."""
_SECONDS_TO_WAIT = 60.0
_PAGE_BYTES = 2**14
"""A vector of 512 numbers leaves half of SQLite's usual 4,096 unused."""
_CHECKSUM_BYTES = 4


class VectorStore:
    """Vectors in memory, and in a file that several processes share.

    A file that cannot be read or written (a full disk, a damaged file) costs time and no result: this process warns
    once, leaves it alone and keeps its vectors in memory.

    Parameters
    ----------
    path : Path or None
        A SQLite file; None keeps vectors in this process alone.
    owner : str
        Digest of the encoder; vectors of another one are never returned.
    """

    def __init__(self, path: Path | None, *, owner: str) -> None:
        self._path = path
        self._owner = owner
        self._kept: Vectors = {}
        self._n_timed, self._seconds, self._is_warm = 0, 0.0, False

    def vectors(
        self, texts: Sequence[str], encode: Callable[[list[str]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return one vector per text, shape (n_texts, n_dimensions); only unknown texts are encoded.

        What the file holds need not stay in memory: of many texts it is read block by block.
        """
        first, *others = blocks_of(texts) if self._path is not None else [texts]
        of_first = self._vectors(first, encode)
        if not others:
            return of_first
        vectors = np.empty((len(texts), of_first.shape[1]), dtype=np.float32)
        vectors[: len(first)] = of_first
        start = len(first)
        for block in others:
            vectors[start : start + len(block)] = self._vectors(block, encode)
            start += len(block)
        return vectors

    def _vectors(
        self, texts: Sequence[str], encode: Callable[[list[str]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return one vector per text, all kept in memory until the next ones come."""
        keys = [self._key(text) for text in texts]
        text_of = dict(zip(keys, texts, strict=True))
        found = {key: self._kept[key] for key in text_of if key in self._kept}
        missing = {key: text for key, text in text_of.items() if key not in found}
        found.update(self._shared(missing, encode))
        alone = [key for key in missing if key not in found]
        for start in range(0, len(alone), _ALONE_AT_A_TIME):
            block = alone[start : start + _ALONE_AT_A_TIME]
            found.update(self._encoded({key: missing[key] for key in block}, encode))
        self._kept.update(found)
        if self.n_bytes > MAX_BYTES:
            self._kept = dict(found)
        return np.stack([found[key] for key in keys])

    @property
    def n_bytes(self) -> int:
        """What the vectors in memory take."""
        one = next(iter(self._kept.values()), None)
        return 0 if one is None else len(self._kept) * (one.nbytes + _OVERHEAD_BYTES)

    @property
    def seconds_per_text(self) -> float:
        """CPU seconds that encoding a text took, in all processes that share the file; 0 where none was encoded."""
        n_timed, seconds = self._n_timed, self._seconds
        if self._path is not None:
            with suppress(sqlite3.Error), closing(_opened(self._path)) as connection:
                asked = "SELECT SUM(texts), SUM(seconds) FROM spent WHERE owner = ?"
                n_timed, seconds = connection.execute(asked, (self._owner,)).fetchone()
        return seconds / n_timed if n_timed else 0.0

    def _encoded(
        self, missing: Mapping[str, str], encode: Callable[[list[str]], NDArray[np.float32]]
    ) -> Vectors:
        """Return the vectors of texts that are in no store; the first are not timed, with what they load."""
        started = time.process_time()
        found = dict(zip(missing, encode(list(missing.values())), strict=True)) if missing else {}
        if self._is_warm:
            self._n_timed += len(found)
            self._seconds += time.process_time() - started
        self._is_warm |= bool(found)
        return found

    def _key(self, text: str) -> str:
        """Return the digest of the encoder and the text."""
        return hashlib.sha256(f"{self._owner}\0{text}".encode(errors="surrogatepass")).hexdigest()

    def _shared(
        self, missing: Mapping[str, str], encode: Callable[[list[str]], NDArray[np.float32]]
    ) -> Vectors:
        """Return vectors from the file or encoded for it; some are missing where the file fails.

        What another process has claimed comes last. By then it is usually there; where it is not, since that process
        was killed or is still at it, it is encoded here too, so nobody waits for anybody.
        """
        found: Vectors = {}
        if self._path is None or not missing:
            return found
        try:
            with closing(_opened(self._path)) as connection:
                new: Vectors = {}
                claimed: list[str] = []
                for keys in _blocks(list(missing)):
                    found |= _read(connection, keys)
                    ours = _write(connection, new, claim=[key for key in keys if key not in found])
                    claimed += [key for key in keys if key not in found and key not in ours]
                    new = self._encoded({key: missing[key] for key in ours}, encode)
                    found |= new
                for keys in _blocks(claimed):
                    _write(connection, new)
                    found |= _read(connection, keys)
                    new = self._encoded({key: missing[key] for key in keys if key not in found}, encode)
                    found |= new
                _write(connection, new)
                self._report_time(connection)
        except sqlite3.Error as error:
            warnings.warn(
                f"Sentence vectors are no longer shared through {self._path.name}: {error}.", stacklevel=2
            )
            self._path = None
        return found

    def _report_time(self, connection: sqlite3.Connection) -> None:
        """Tell the others what encoding took here."""
        if self._n_timed:
            row = (self._owner, self._n_timed, self._seconds)
            connection.execute("INSERT INTO spent VALUES (?, ?, ?)", row)
            self._n_timed, self._seconds = 0, 0.0


def _opened(path: Path) -> sqlite3.Connection:
    """Return a connection that commits each statement by itself, its table made; a key without a vector is claimed."""
    connection = sqlite3.connect(path, timeout=_SECONDS_TO_WAIT, isolation_level=None)
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")  # of a file that is made now
    connection.execute("PRAGMA synchronous = OFF")  # what a power cut leaves is checked when it is read
    connection.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)")
    connection.execute("CREATE TABLE IF NOT EXISTS spent (owner TEXT, texts INTEGER, seconds REAL)")
    return connection


def _blocks(keys: list[str]) -> Iterator[list[str]]:
    """Yield the keys some at a time."""
    for start in range(0, len(keys), _TEXTS_AT_A_TIME):
        yield keys[start : start + _TEXTS_AT_A_TIME]


def _read(connection: sqlite3.Connection, keys: Sequence[str]) -> Vectors:
    """Return those of ``keys`` that some process has written."""
    found = {}
    for key in keys:
        row = connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        if row is not None and row[0] is not None and (vector := _checked(key, row[0])) is not None:
            found[key] = vector
    return found


def _checksum(key: str, numbers: bytes) -> bytes:
    return crc32(numbers, crc32(key.encode())).to_bytes(_CHECKSUM_BYTES, "little")


def _checked(key: str, blob: bytes) -> NDArray[np.float32] | None:
    """Return the vector in a row of the file; None where it is not what was written."""
    numbers = blob[:-_CHECKSUM_BYTES]
    return (
        np.frombuffer(numbers, dtype=np.float32) if blob[len(numbers) :] == _checksum(key, numbers) else None
    )


def _write(connection: sqlite3.Connection, new: Vectors, *, claim: Sequence[str] = ()) -> list[str]:
    """Add vectors, and claim keys, in one transaction; return the claimed keys that nobody had claimed or written.

    Two processes that encoded one text write the same.
    """
    if not new and not claim:
        return []
    connection.execute("BEGIN IMMEDIATE")
    rows = (
        (key, numbers + _checksum(key, numbers))
        for key, vector in new.items()
        if (numbers := vector.tobytes())
    )
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
    free = "INSERT OR IGNORE INTO vectors VALUES (?, NULL)"
    ours = [key for key in claim if connection.execute(free, (key,)).rowcount]
    connection.execute("COMMIT")
    return ours
