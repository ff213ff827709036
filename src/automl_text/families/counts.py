"""Counts of the pieces of texts, each text counted once for all splits and trials of a process.

scikit-learn's vectorizers count every text anew in every fit: .1 to .2 s for 500 short texts with character
n-grams, more than the classifier takes. `char_wb` n-grams never cross a blank, so here each distinct word is cut
once and a text is the sum of its words.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Matrix = Any
"""scipy.sparse.csr_matrix, whose library is imported late and has no types."""
MAX_BYTES = 2**28
"""Above this a table forgets the texts of other data; those of one file, however many, share it."""
_OBJECT_BYTES = 120
"""What a piece costs in Python objects, with its place in a dictionary; a word with its pieces: three times that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Which pieces of a text are counted, in the terms of scikit-learn's vectorizers.

    Attributes
    ----------
    analyzer : "word", "char_wb" (n-grams inside of words) or "char" (n-grams across blanks)
    ngram_min, ngram_max : int
    token_pattern : str
        What a word is, where the analyzer is "word".
    """

    analyzer: Literal["word", "char_wb", "char"]
    ngram_min: int
    ngram_max: int
    token_pattern: str = r"(?u)\b\w\w+\b"  # noqa: S105  (a token of text)

    def vectorizer(self, **more: Any) -> Any:  # keywords of a TfidfVectorizer, which is imported late
        """Return an unfitted TfidfVectorizer that counts these pieces, in float32."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = {"token_pattern": self.token_pattern} if self.analyzer == "word" else {}
        return TfidfVectorizer(
            analyzer=self.analyzer,
            ngram_range=(self.ngram_min, self.ngram_max),
            dtype=np.float32,
            **words,
            **more,
        )


class CountTable:
    """Counts of one kind of pieces for every text asked for so far.

    Columns are numbered in the order in which pieces first occur, which differs from process to process;
    `alphabetical_ranks` gives the order that scikit-learn uses.
    """

    def __init__(self, pieces: Pieces) -> None:
        vectorizer = pieces.vectorizer()
        self._analyse = vectorizer.build_analyzer()
        self._prepare = vectorizer.build_preprocessor()
        self._is_by_word = pieces.analyzer == "char_wb"
        self._begin()

    def _begin(self) -> None:
        """Know no text."""
        from scipy.sparse import csr_matrix

        self._text_bytes = 0
        self._column_of: dict[str, int] = {}
        self._columns_of_word: dict[str, list[int]] = {}
        self._row_of: dict[str, int] = {}
        self._counts = csr_matrix((0, 0), dtype=np.float32)
        self._ranks = np.empty(0, dtype=np.int64)

    @property
    def n_bytes(self) -> int:
        """Roughly what the table takes, the texts that it knows included."""
        numbers = matrix_bytes(self._counts) + self._ranks.nbytes + self._text_bytes
        n_objects = len(self._column_of) + len(self._row_of) + 3 * len(self._columns_of_word)
        return numbers + _OBJECT_BYTES * n_objects

    def alphabetical_ranks(self) -> NDArray[np.int64]:
        """Return each column's place when the pieces are sorted, shape (n_columns,)."""
        if len(self._ranks) < len(self._column_of):
            order = sorted(self._column_of)
            self._ranks = np.empty(len(order), dtype=np.int64)
            self._ranks[[self._column_of[piece] for piece in order]] = np.arange(len(order))
        return self._ranks

    def counts(self, texts: Sequence[str]) -> Matrix:
        """Return a csr_matrix of float32, shape (n_texts, n_pieces): how often each piece occurs."""
        asked = dict.fromkeys(texts)
        new = [text for text in asked if text not in self._row_of]
        is_other_data = 2 * len(new) > len(asked)  # the splits of one file share more than half
        if is_other_data and self.n_bytes > MAX_BYTES:
            self._begin()
            new = list(asked)
        if new:
            self._add(new)
        return self._counts[[self._row_of[text] for text in texts]]

    def _add(self, texts: Sequence[str]) -> None:
        """Append one row for each of ``texts``."""
        from scipy.sparse import csr_matrix, vstack

        of_text = self._columns_by_word if self._is_by_word else self._columns
        columns = [of_text(text) for text in texts]
        ends = np.cumsum([0, *map(len, columns)])
        flat = np.fromiter((column for each in columns for column in each), dtype=np.int64, count=ends[-1])
        shape = (len(texts), len(self._column_of))
        rows = csr_matrix((np.ones(len(flat), dtype=np.float32), flat, ends), shape=shape)
        rows.sum_duplicates()
        first = self._counts.shape[0]
        self._counts.resize((first, shape[1]))
        self._counts = vstack([self._counts, rows], format="csr")
        self._text_bytes += sum(map(sys.getsizeof, texts))
        self._row_of.update({text: first + number for number, text in enumerate(texts)})

    def _columns(self, text: str) -> list[int]:
        """Return the column of every piece of ``text``, repeated as often as it occurs."""
        column_of = self._column_of
        return [column_of.setdefault(piece, len(column_of)) for piece in self._analyse(text)]

    def _columns_by_word(self, text: str) -> list[int]:
        """Return the same, word by word."""
        known = self._columns_of_word
        columns: list[int] = []
        for word in self._prepare(text).split():
            if word not in known:
                known[word] = self._columns(word)
            columns += known[word]
        return columns


def matrix_bytes(matrix: Matrix) -> int:
    """Return what a csr_matrix, or an ndarray, takes."""
    arrays = [matrix] if isinstance(matrix, np.ndarray) else [matrix.data, matrix.indices, matrix.indptr]
    return sum(int(array.nbytes) for array in arrays)


def document_frequency(counts: Matrix) -> NDArray[np.int64]:
    """Return in how many rows each column is not 0, shape (n_columns,)."""
    return np.bincount(counts.indices, minlength=counts.shape[1])
