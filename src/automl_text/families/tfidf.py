"""TF-IDF features of words and of characters, shared by the families that are not networks."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from automl_text.families.counts import CountTable, Matrix, Pieces, blocks_of, matrix_bytes
from automl_text.families.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import Sample
    from automl_text.families.side_by_side import SideBySide

EMOTICON = r"(?<!\w)[:;=][-^]?(?:[()\[\]{}|/\\<>*]+|[dpo](?!\w))"
SYMBOL = r"[\u00a2-\u00a9\u00ae\u00b0\u20a0-\u20bf\u2100-\u214f\u2190-\u2bff\U0001f000-\U0001faff]"
KNOWN_BY = r"(?:\+\+|#(?!\w))"
WORDS_OF_ANY_LENGTH, WORDS_OF_TWO_LETTERS = (
    rf"(?u)(?:(?<!\w)[#@])?\b(?:{letters})|{EMOTICON}|{SYMBOL}"
    for letters in (rf"\w+\b{KNOWN_BY}?", rf"\w\w+\b{KNOWN_BY}?|\w{KNOWN_BY}")
)
"""What counts as a word: letters and digits, as scikit-learn has it, with what they are known by (C++, #sale, @bob);
an emoticon; a single emoji, symbol or currency sign. Marks that stand inside the words of some scripts are none."""
_NO_TEXT = "\ue000"
"""A private-use character: the one column of a model whose training texts hold nothing to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TfidfSettings:
    """Settings of the features, a part of the settings of every family that uses them."""

    pieces: Literal["words", "characters", "both", "characters_across"]
    """"words"; "characters" (n-grams inside of words, which also serve languages without blanks); "both";
    or "characters_across" (n-grams across blanks)."""
    word_ngram_max: int
    """Words alone (1), and sequences of up to this many."""
    one_letter_words: bool
    """Whether words of one letter count."""
    char_ngram_min: int
    char_ngram_max: int
    sublinear: bool
    """Count 1 + log(n) instead of n."""
    min_df: int
    """Leave out what occurs in fewer training texts."""
    max_features: int
    """Keep only so many of the most frequent pieces of either kind; 0 keeps all."""

    def blocks(self) -> tuple[tuple[str, Pieces], ...]:
        """Return the kinds of pieces that are counted, each with its name in the FeatureUnion."""
        pattern = WORDS_OF_ANY_LENGTH if self.one_letter_words else WORDS_OF_TWO_LETTERS
        words = Pieces(analyzer="word", ngram_min=1, ngram_max=self.word_ngram_max, token_pattern=pattern)
        analyzer: Literal["char", "char_wb"] = "char" if self.pieces == "characters_across" else "char_wb"
        shortest = min(self.char_ngram_min, self.char_ngram_max)
        characters = Pieces(analyzer=analyzer, ngram_min=shortest, ngram_max=self.char_ngram_max)
        named = {"words": words, "characters": characters}
        wanted = named if self.pieces == "both" else [self.pieces.removesuffix("_across")]
        return tuple((name, named[name]) for name in wanted)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """TF-IDF of one sample, and what stands beside the text."""

    train: Matrix | SideBySide
    """Shape (n_train, n_features)."""
    test: Matrix | SideBySide
    """Shape (n_test, n_features)."""
    notes: tuple[str, ...]
    """Where the settings could not be kept, and what was done instead."""
    seconds_per_text: float = 0.0
    """CPU seconds from a text to its row."""
    n_beside: int = 0
    """So many of the last columns stand beside the text."""

    @property
    def n_bytes(self) -> int:
        """What both matrices take."""
        return matrix_bytes(self.train) + matrix_bytes(self.test)


_tables: Memory[CountTable] = Memory(max_bytes=2**29, size=lambda table: table.n_bytes)
_features: Memory[Features] = Memory(max_bytes=2**28, size=lambda features: features.n_bytes)


def tfidf_settings_of(settings: Any) -> TfidfSettings:  # any settings that inherit from TfidfSettings
    """Return the features' share of a family's settings, so that trials that differ elsewhere share features."""
    return TfidfSettings(**{field.name: getattr(settings, field.name) for field in fields(TfidfSettings)})


def sample_features(sample: Sample, settings: TfidfSettings) -> Features:
    """Return the features of ``sample``, made once in a process for all trials that share ``settings``.

    Vocabulary and idf come from the training rows alone. The values are those of `fitted_vectorizer`.
    """
    return _features.get((sample.key, settings), lambda: _make(sample, settings))


def fitted_vectorizer(texts: Sequence[str], settings: TfidfSettings) -> tuple[Any, Matrix]:
    """Return scikit-learn's vectorizer (one, or a FeatureUnion), fitted on ``texts``, and their features.

    Settings that inherit from TfidfSettings serve as well.
    """
    from sklearn.pipeline import FeatureUnion

    kept, _ = _keepable(texts, settings)
    if kept is None:
        constant = constant_features()
        return constant, constant.transform(texts)
    union = [
        (
            name,
            pieces.vectorizer(
                sublinear_tf=kept.sublinear, min_df=kept.min_df, max_features=kept.max_features or None
            ),
        )
        for name, pieces in kept.blocks()
    ]
    vectorizer = FeatureUnion(union) if len(union) > 1 else union[0][1]
    return vectorizer, vectorizer.fit_transform(texts).tocsr()


def constant_features() -> Any:  # a TfidfVectorizer, imported late
    """Return a vectorizer of one column, 0 for every text: a classifier behind it knows shares alone."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", vocabulary=[_NO_TEXT], use_idf=False, dtype=np.float32)
    return vectorizer.fit([""])


def _make(sample: Sample, settings: TfidfSettings) -> Features:
    """Count, weight and join the blocks."""
    from scipy.sparse import csr_matrix, hstack, vstack

    n_train = len(sample.train_texts)
    kept, notes = _keepable(sample.train_texts, settings)
    if kept is None:
        empty = csr_matrix((n_train + len(sample.test_texts), 1), dtype=np.float32)
        return Features(train=empty[:n_train], test=empty[n_train:], notes=notes)
    tables = [_table(pieces) for _, pieces in kept.blocks()]
    texts = [*sample.train_texts, *sample.test_texts]
    places = [table.rows_of(texts) for table in tables]
    started = time.process_time()
    weightings = [
        _Weighting.of(table, rows[:n_train], kept) for table, rows in zip(tables, places, strict=True)
    ]

    def features(chosen: NDArray[np.int64]) -> Matrix:
        kinds = [each.weighted(rows[chosen]) for each, rows in zip(weightings, places, strict=True)]
        return hstack(kinds, format="csr") if len(kinds) > 1 else kinds[0]

    train, test = (
        vstack([features(block) for block in blocks_of(chosen)], format="csr")
        for chosen in np.split(np.arange(len(texts)), [n_train])
    )
    seconds = (time.process_time() - started) / len(texts) + sum(table.seconds_per_text for table in tables)
    for table in tables:
        table.forget_much()
    return Features(train=train, test=test, notes=notes, seconds_per_text=seconds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weighting:
    """TF-IDF as scikit-learn does it: smoothed idf, log((1 + n) / (1 + df)) + 1, and rows of Euclidean length 1."""

    table: CountTable
    columns: NDArray[np.int64]
    """Those that are kept, in scikit-learn's order, shape (n_features,)."""
    idf: NDArray[np.float32]
    """Shape (n_features,)."""
    is_sublinear: bool

    @classmethod
    def of(cls, table: CountTable, rows: NDArray[np.int64], settings: TfidfSettings) -> _Weighting:
        """Return what is learned from some rows of a table, those of the training texts."""
        frequency = table.document_frequency(rows)
        columns = np.flatnonzero(frequency >= settings.min_df)
        columns = columns[np.argsort(table.alphabetical_ranks()[columns])]
        if 0 < settings.max_features < len(columns):
            columns = columns[np.sort((-table.totals(rows)[columns]).argsort()[: settings.max_features])]
        idf = np.log(np.float32(1 + len(rows)) / (1 + frequency[columns]).astype(np.float32)) + np.float32(1)
        return cls(table=table, columns=columns, idf=idf, is_sublinear=settings.sublinear)

    def weighted(self, rows: NDArray[np.int64]) -> Matrix:
        """Return TF-IDF of some rows of the table, shape (n_rows, n_features)."""
        from sklearn.preprocessing import normalize

        weighted = self.table.take(rows)[:, self.columns]
        weighted.sort_indices()
        if self.is_sublinear:
            weighted.data = np.log(weighted.data) + np.float32(1)
        weighted.data *= self.idf[weighted.indices]
        return normalize(weighted, copy=False)


def _keepable(texts: Sequence[str], settings: TfidfSettings) -> tuple[TfidfSettings | None, tuple[str, ...]]:
    """Return the nearest settings that leave at least one piece in every block, and what was changed.

    None where the texts hold nothing at all: then only the shares of the categories can be learned.
    """
    if _finds_pieces(texts, settings):
        return settings, ()
    rarer = replace(settings, min_df=1)
    if _finds_pieces(texts, rarer):
        return rarer, (f"Nothing occurs in {settings.min_df} training texts; all pieces were kept.",)
    characters = replace(rarer, pieces="characters")
    if _finds_pieces(texts, characters):
        return characters, ("The training texts hold no words; characters were used.",)
    return None, ("The training texts are empty; only the shares of the categories were learned.",)


def _finds_pieces(texts: Sequence[str], settings: TfidfSettings) -> bool:
    """Say whether every block keeps at least one column."""
    tables = [_table(pieces) for _, pieces in settings.blocks()]
    return all(
        table.document_frequency(table.rows_of(texts)).max(initial=0) >= settings.min_df for table in tables
    )


def _table(pieces: Pieces) -> CountTable:
    """Return the counts of these pieces that this process keeps."""
    return _tables.get(pieces, lambda: CountTable(pieces))
