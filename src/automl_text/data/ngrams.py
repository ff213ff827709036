"""Character n-gram TF-IDF by arrays: what tells near duplicates, fast enough for 100,000 texts."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SIZES = (3, 4, 5)
_N_FEATURES = 2**22
_MOST_KEPT, _LEAST_KEPT = 600, 128
"""n-grams kept of a long text; 600 are those of 200 characters."""

_MAX_ENTRIES = 12_800_000
"""n-grams kept in all, as far as ``_LEAST_KEPT`` lets."""

_BLOCK = 2_000_000
"""Characters hashed at a time."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_WORDS = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("", "", "'`\N{RIGHT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}")


def normalise(text: str) -> str:
    """Return the words of ``text`` alone: Unicode form, case, punctuation and blanks do not count.

    A text without any word is kept as it is, without its outer blanks.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    return " ".join(_WORDS.findall(folded)) or text.strip()


def ngram_tfidf(texts: Sequence[str]) -> sparse.csr_array:
    """Return TF-IDF rows of unit length over the 3- to 5-character n-grams of each text.

    Parameters
    ----------
    texts : sequence of str, length n

    Returns
    -------
    csr_array of float32, shape (n, n_used)
        Columns ascend in document frequency, rarest first; a text under three characters has an empty row. The
        weights are those of scikit-learn's ``TfidfVectorizer(analyzer="char", ngram_range=(3, 5))``. Of a text of
        more than 200 characters (fewer where there are above 21,000 texts) a sample of n-grams is kept, chosen by
        their hash: two texts of about one length keep the same ones, so their cosine is estimated to about .03.
    """
    n_kept = min(_MOST_KEPT, max(_LEAST_KEPT, _MAX_ENTRIES // max(len(texts), 1)))
    blocks = [_counts(block, n_kept) for block in _blocks(texts)]
    counts = sparse.vstack(blocks, format="csr") if blocks else sparse.csr_array((0, _N_FEATURES))
    features, column = np.unique(counts.indices, return_inverse=True)
    frequency = np.bincount(column, minlength=len(features))
    rank = np.empty(len(features), dtype=np.int32)
    rank[np.argsort(frequency, kind="stable")] = np.arange(len(features))
    idf = np.log((1 + len(texts)) / (1 + frequency)) + 1
    weights = (counts.data * idf[column]).astype(np.float32)
    tfidf = sparse.csr_array((weights, rank[column], counts.indptr), shape=(len(texts), len(features)))
    tfidf.sort_indices()
    lengths = np.sqrt(np.add.reduceat(np.append(weights**2, 0), tfidf.indptr[:-1]))
    tfidf.data /= np.repeat(lengths, np.diff(tfidf.indptr))
    return tfidf


def _blocks(texts: Sequence[str]) -> list[Sequence[str]]:
    """Cut the texts into runs of about ``_BLOCK`` characters."""
    ends = np.cumsum([len(text) for text in texts])
    cuts = np.flatnonzero(np.diff(ends // _BLOCK)) + 1
    borders = [0, *cuts.tolist(), len(texts)]
    return [texts[start:end] for start, end in pairwise(borders) if end > start]


def _counts(texts: Sequence[str], n_kept: int) -> sparse.csr_array:
    """Count hashed n-grams; of a text with more than ``n_kept`` about that many are kept, those of lowest hash."""
    lengths = np.array([len(text) for text in texts])
    highest = np.minimum(1.0, n_kept / np.maximum(len(_SIZES) * lengths, 1)) * 2**22
    trials = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    row_of_trial = np.repeat(np.arange(len(texts)), lengths)
    rows, features = [], []
    for size in _SIZES:
        n = len(trials) - size + 1
        if n <= 0:
            continue
        inside = row_of_trial[:n] == row_of_trial[size - 1 :]
        hashes = _hashes(trials, size)[inside]
        row = row_of_trial[:n][inside]
        kept = (hashes >> np.uint64(42)) < highest[row]
        rows.append(row[kept])
        features.append((hashes[kept] >> np.uint64(20)) % np.uint64(_N_FEATURES))
    shape = (len(texts), _N_FEATURES)
    if not rows:
        return sparse.csr_array(shape)
    places = (np.concatenate(rows), np.concatenate(features).astype(np.int32))
    counts = sparse.coo_array((np.ones(len(places[0]), dtype=np.float32), places), shape=shape)
    return counts.tocsr()


def _hashes(trials: NDArray[np.uint32], size: int) -> NDArray[np.uint64]:
    """Return a 64-bit hash of every run of ``size`` code points."""
    n = len(trials) - size + 1
    hashes = np.full(n, size, dtype=np.uint64)
    for offset in range(size):
        hashes = (hashes ^ trials[offset : offset + n]) * _MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    return hashes
