"""Counts of the pieces of texts: the one other way to TF-IDF beside scikit-learn's vectorizers, and equal to them.

scikit-learn's vectorizers count every text anew in every fit: .1 to .2 s for 500 short texts with character n-grams,
more than the classifier takes. A `CountTable` counts each text once for all splits and trials of a process. And they
cut every word anew: ``benchmarks/predict_speed.py``, 100,000 texts of 6.6 words, words and characters together: 8,100
texts a second by scikit-learn's own pipeline, 21,700 by a `PieceCounter` with reading and writing.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

Matrix = Any
"""scipy.sparse.csr_matrix, whose library is imported late and has no types."""
Rows = TypeVar("Rows", "Sequence[str]", "NDArray[np.int64]")
MAX_BYTES = 2**28
"""Above this a table forgets the texts of other data; those of one file, however many, share it."""
_MUCH = 2**30
"""Above this it forgets those as well, and counts them anew where they are asked for again."""
_BLOCK_ROWS = 20_000
_PAIR = 2
_REMEMBERED_WORDS = 200_000
"""About 60 MB; beyond that the memory is emptied and filled again."""
_OBJECT_BYTES = 120
"""What a piece costs in Python objects, with its place in a dictionary; a word with its pieces: three times that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Which pieces of a text are counted, in the terms of scikit-learn's vectorizers."""

    analyzer: Literal["word", "char_wb", "char"]
    """Words, n-grams inside of words, or n-grams across blanks."""
    ngram_min: int
    ngram_max: int
    token_pattern: str = r"(?u)\b\w\w+\b"  # noqa: S105  (a token of text)
    """What a word is, where the analyzer is "word"."""

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


class PieceCounter:
    """Counts the pieces of texts as a scikit-learn vectorizer does, several times faster.

    ``char_wb`` n-grams never cross a blank, and the same words come again and again: each distinct word is cut once,
    and a text is the sum of its words.

    Parameters
    ----------
    vectorizer : TfidfVectorizer
        Of plain settings; `is_plain` says whether it is.
    vocabulary : dict of str to int, optional
        Piece to column. Without one every piece that occurs gets the next column.
    """

    def __init__(self, vectorizer: Any, vocabulary: dict[str, int] | None = None) -> None:
        self._is_open = vocabulary is None
        self.vocabulary: dict[str, int] = {} if vocabulary is None else vocabulary
        self._dtype = vectorizer.dtype
        self._prepare = vectorizer.build_preprocessor()
        self._shortest, self._longest = vectorizer.ngram_range
        self._analyzer = vectorizer.analyzer
        tokenize: Any = vectorizer.build_tokenizer() if self._analyzer == "word" else None
        analyze = vectorizer.build_analyzer()
        self._cut: Callable[[str], Iterable[str]] = {
            "word": lambda text: self._sequences(tokenize(self._prepare(text))),
            "char_wb": self._inside,
        }.get(self._analyzer, analyze)
        self._columns_of_word: dict[str, list[int]] = {}

    @property
    def n_objects(self) -> int:
        """How many pieces are kept; a word with its pieces takes as much as three."""
        return len(self.vocabulary) + 3 * len(self._columns_of_word)

    def counts(self, texts: Sequence[str]) -> Matrix:
        """Return a csr_matrix, shape (n_texts, n_pieces): how often each piece occurs."""
        if self._analyzer != "char_wb":
            counts = self._ones([self._columns(text) for text in texts])
            counts.sum_duplicates()
            return counts
        words = [self._prepare(text).split() for text in texts]
        place = {word: number for number, word in enumerate(dict.fromkeys(chain.from_iterable(words)))}
        pieces_of_word = self._ones([self._remembered(word) for word in place])
        return self._ones([[place[word] for word in row] for row in words], len(place)) @ pieces_of_word

    def _columns(self, text: str) -> list[int]:
        """Return the column of every piece of ``text`` that has one, repeated as often as it occurs."""
        column_of = self.vocabulary
        if self._is_open:
            return [column_of.setdefault(piece, len(column_of)) for piece in self._cut(text)]
        return [column for column in map(column_of.get, self._cut(text)) if column is not None]

    def _remembered(self, word: str) -> list[int]:
        known = self._columns_of_word.get(word)
        if known is None:
            if len(self._columns_of_word) >= _REMEMBERED_WORDS:
                self._columns_of_word.clear()
            known = self._columns_of_word[word] = self._columns(f" {word} ")
        return known

    def _ones(self, columns: Sequence[Sequence[int]], n_columns: int | None = None) -> Matrix:
        """Return a matrix with 1 in the given columns of each row; columns may repeat."""
        from scipy.sparse import csr_matrix

        ends = np.cumsum([0, *map(len, columns)])
        indices = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=int(ends[-1]))
        shape = (len(columns), len(self.vocabulary) if n_columns is None else n_columns)
        return csr_matrix((np.ones(len(indices), dtype=self._dtype), indices, ends), shape=shape)

    def _sequences(self, words: list[str]) -> list[str]:
        """Return the words and their sequences."""
        pieces = list(words) if self._shortest == 1 else []
        if self._shortest <= _PAIR <= self._longest:
            pieces += [f"{first} {second}" for first, second in pairwise(words)]
        for n in range(max(self._shortest, _PAIR + 1), self._longest + 1):
            pieces += [" ".join(words[start : start + n]) for start in range(len(words) - n + 1)]
        return pieces

    def _inside(self, padded: str) -> list[str]:
        """Return the n-grams of one word; one that is shorter than n counts once, for the first such n."""
        pieces: list[str] = []
        for n in range(self._shortest, self._longest + 1):
            if n >= len(padded):
                return [*pieces, padded]
            pieces += [padded[start : start + n] for start in range(len(padded) - n + 1)]
        return pieces


def is_plain(vectorizer: Any) -> bool:  # a TfidfVectorizer
    """Say whether a vectorizer counts words or ``char_wb`` n-grams in the usual way."""
    return (
        vectorizer.analyzer in {"word", "char_wb"}
        and vectorizer.input == "content"
        and vectorizer.tokenizer is None
        and vectorizer.preprocessor is None
        and vectorizer.strip_accents is None
        and vectorizer.stop_words is None
        and not vectorizer.binary
        and hasattr(vectorizer, "vocabulary_")
    )


class CountTable:
    """Counts of one kind of pieces for every text asked for so far.

    Columns are numbered in the order in which pieces first occur, which differs from process to process;
    `alphabetical_ranks` gives the order that scikit-learn uses.
    """

    def __init__(self, pieces: Pieces) -> None:
        self._vectorizer = pieces.vectorizer()
        self._begin()

    def _begin(self) -> None:
        """Know no text."""
        from scipy.sparse import csr_matrix

        self._text_bytes, self._seconds = 0, 0.0
        self._counter = PieceCounter(self._vectorizer)
        self._row_of: dict[str, int] = {}
        self._counts = csr_matrix((0, 0), dtype=np.float32)
        self._ranks = np.empty(0, dtype=np.int64)

    @property
    def n_bytes(self) -> int:
        """Roughly what the table takes, the texts that it knows included."""
        numbers = matrix_bytes(self._counts) + self._ranks.nbytes + self._text_bytes
        return numbers + _OBJECT_BYTES * (self._counter.n_objects + len(self._row_of))

    @property
    def seconds_per_text(self) -> float:
        """CPU seconds that counting a text took; 0 where none was counted."""
        return self._seconds / len(self._row_of) if self._row_of else 0.0

    def alphabetical_ranks(self) -> NDArray[np.int64]:
        """Return each column's place when the pieces are sorted, shape (n_columns,)."""
        column_of = self._counter.vocabulary
        if len(self._ranks) < len(column_of):
            order = sorted(column_of)
            self._ranks = np.empty(len(order), dtype=np.int64)
            self._ranks[[column_of[piece] for piece in order]] = np.arange(len(order))
        return self._ranks

    def counts(self, texts: Sequence[str]) -> Matrix:
        """Return a csr_matrix of float32, shape (n_texts, n_pieces): how often each piece occurs."""
        return self.take(self.rows_of(texts))

    def rows_of(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return in which row of the table each text is, shape (n_texts,), good until texts are asked for again."""
        asked = dict.fromkeys(texts)
        new = [text for text in asked if text not in self._row_of]
        is_other_data = 2 * len(new) > len(asked)  # the splits of one file share more than half
        if is_other_data and self.n_bytes > MAX_BYTES:
            self._begin()
            new = list(asked)
        if new:
            self._add(new)
        return np.fromiter(map(self._row_of.__getitem__, texts), dtype=np.int64, count=len(texts))

    def take(self, rows: NDArray[np.int64]) -> Matrix:
        """Return a csr_matrix of float32, shape (n_rows, n_pieces): the counts in some rows of the table."""
        return self._counts[rows]

    def document_frequency(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return in how many of some rows each piece occurs, shape (n_pieces,)."""
        n_pieces = self._counts.shape[1]
        frequency = np.zeros(n_pieces, dtype=np.int64)
        for block in blocks_of(rows):
            frequency += np.bincount(self.take(block).indices, minlength=n_pieces)
        return frequency

    def totals(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return how often each piece occurs in some rows, shape (n_pieces,)."""
        n_pieces = self._counts.shape[1]
        totals = np.zeros(n_pieces)
        for block in blocks_of(rows):
            counts = self.take(block)
            totals += np.bincount(counts.indices, counts.data, n_pieces)
        return totals.astype(np.float32)  # equal ones are put in order as scikit-learn puts its own

    def forget_much(self) -> None:
        """Know no text where the table is so large that its memory is worth more than the time to count anew."""
        if self.n_bytes > _MUCH:
            self._begin()

    def _add(self, texts: Sequence[str]) -> None:
        """Append one row for each of ``texts``."""
        from scipy.sparse import vstack

        started = time.process_time()
        blocks = [self._counts, *map(self._counter.counts, blocks_of(texts))]
        self._seconds += time.process_time() - started
        first, n_pieces = self._counts.shape[0], blocks[-1].shape[1]
        for block in blocks:
            block.resize((block.shape[0], n_pieces))
        self._counts = vstack(blocks, format="csr")
        self._text_bytes += sum(map(sys.getsizeof, texts))
        self._row_of.update({text: first + number for number, text in enumerate(texts)})


def matrix_bytes(matrix: Matrix) -> int:
    """Return what a csr_matrix, or an ndarray, takes."""
    arrays = [matrix] if isinstance(matrix, np.ndarray) else [matrix.data, matrix.indices, matrix.indptr]
    return sum(int(array.nbytes) for array in arrays)


def blocks_of(rows: Rows) -> list[Rows]:
    """Return ``rows`` in blocks, at least one: what is made of each on the way is small beside a large matrix."""
    return [rows[start : start + _BLOCK_ROWS] for start in range(0, max(len(rows), 1), _BLOCK_ROWS)]
