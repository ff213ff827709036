"""Sentence vectors by digest of their text, so that every text of a run is encoded once."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MAX_KEPT = 200_000
"""Vectors that one process keeps: 300 MB at 384 dimensions."""
_SECONDS_TO_WAIT = 60.0


class VectorStore:
    """Vectors in memory, and in a file that several processes share.

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
        self._kept: dict[str, NDArray[np.float32]] = {}

    def vectors(
        self, texts: Sequence[str], encode: Callable[[str], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return one vector per text, shape (n_texts, n_dimensions); only unknown texts are encoded."""
        text_of = {self._key(text): text for text in texts}
        missing = [key for key in text_of if key not in self._kept]
        if len(self._kept) + len(missing) > MAX_KEPT:
            self._kept.clear()
            missing = list(text_of)
        if missing:
            self._kept.update(self._read(missing))
            new = {key: encode(text_of[key]) for key in missing if key not in self._kept}
            self._kept.update(new)
            self._write(new)
        return np.stack([self._kept[self._key(text)] for text in texts])

    def _key(self, text: str) -> str:
        """Return the digest of the encoder and the text."""
        return hashlib.sha256(f"{self._owner}\0{text}".encode(errors="surrogatepass")).hexdigest()

    def _open(self) -> sqlite3.Connection | None:
        """Return a connection that commits each statement by itself, its table made."""
        if self._path is None:
            return None
        connection = sqlite3.connect(self._path, timeout=_SECONDS_TO_WAIT, isolation_level=None)
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)")
        return connection

    def _read(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return those of ``keys`` that some process has written."""
        connection = self._open()
        if connection is None:
            return {}
        found = {}
        with closing(connection):
            for key in keys:
                row = connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[key] = np.frombuffer(row[0], dtype=np.float32)
        return found

    def _write(self, new: dict[str, NDArray[np.float32]]) -> None:
        """Add vectors for the other processes; two that encoded one text wrote the same."""
        connection = self._open()
        if connection is None:
            return
        with closing(connection):
            connection.execute("BEGIN IMMEDIATE")
            rows = ((key, vector.tobytes()) for key, vector in new.items())
            connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
            connection.execute("COMMIT")
