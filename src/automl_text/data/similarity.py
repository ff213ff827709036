"""Pairs of texts that are nearly the same, found without comparing all pairs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_SIZES = (3, 4, 5)
_N_FEATURES, _N_RUNS = 2**22, 2**28
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
    counts = _counts(texts, _SIZES, n_kept, _N_FEATURES)
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


def _counts(texts: Sequence[str], sizes: Sequence[int], n_kept: int, n_features: int) -> sparse.csr_array:
    """Count hashed n-grams; of a text with more than ``n_kept`` about that many are kept, those of lowest hash."""
    blocks = [_block_counts(block, sizes, n_kept, n_features) for block in _blocks(texts)]
    return sparse.vstack(blocks, format="csr") if blocks else sparse.csr_array((0, n_features))


def _block_counts(
    texts: Sequence[str], sizes: Sequence[int], n_kept: int, n_features: int
) -> sparse.csr_array:
    lengths = np.array([len(text) for text in texts])
    highest = np.minimum(1.0, n_kept / np.maximum(len(sizes) * lengths, 1)) * 2**22
    trials = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    row_of_trial = np.repeat(np.arange(len(texts)), lengths)
    rows, features = [], []
    for size in sizes:
        n = len(trials) - size + 1
        if n <= 0:
            continue
        inside = row_of_trial[:n] == row_of_trial[size - 1 :]
        hashes = _hashes(trials, size)[inside]
        row = row_of_trial[:n][inside]
        kept = (hashes >> np.uint64(42)) < highest[row]
        rows.append(row[kept])
        features.append((hashes[kept] >> np.uint64(20)) % np.uint64(n_features))
    shape = (len(texts), n_features)
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


NEAR = 0.75
"""Cosine from which two texts count as near duplicates; docs/decisions/0002-near-duplicates.md."""

MOST_EXACT = 50_000
"""Texts of which all pairs are compared; the time grows with their square, to 38 s of CPU for 100,000."""

MOST_SEARCHED = 300_000
"""Texts among which near duplicates are looked for: 95 s of CPU and 1.5 GiB; 940,000 took 12 GiB."""

_RUN, _MOST_RUNS, _RAREST_RUNS, _MOST_SHARING, _LEAST_SHARED = 8, 200, 16, 2_000, 3
"""Of more texts: characters of a run, runs read of a long text, runs kept of any, texts that may hold one, and the runs
that two texts must share to be compared. Of the links among 60,000 short texts these find 99.5 %."""

_SHORTEST = 12
"""Characters below which only equal texts are duplicates: one letter there is often another meaning."""

_DIGITS = str.maketrans("123456789", "000000000")
"""Two complaints that differ in the order number are one text."""

_MAX_PRODUCTS = 5_000_000
"""Multiplications per block, which bounds the memory of its candidates."""

_REST = 0.75
"""Length that the common features of a text may have, as a share of the threshold: the shorter, the more products
and the fewer pairs to verify. 20,000 short texts took 2.4 s of products and 11 s of verifying at 1, 3 s in all here.
"""

_TOLERANCE = 1e-4
"""Of sums of 32-bit weights."""

_MAX_VERIFIED = 50_000
"""Candidate pairs whose rows are gathered at a time."""

_MAX_PAIRS = 4_000_000
"""Pairs held before they are reduced to the spanning forest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Links:
    """Similar pairs, reduced so that every threshold still gives the same connected components."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    """Of shape (n_links,): indices of texts."""
    cosine: NDArray[np.float64]
    """Of shape (n_links,): at least the threshold asked for."""


def similar_texts(texts: Sequence[str], *, threshold: float = NEAR) -> Links:
    """Find the texts whose character n-gram TF-IDF has a cosine of at least ``threshold``.

    Each unit vector is cut into its rarest features and a rest of common ones whose length r is below the
    threshold t (the prefix filter of Bayardo, Ma & Srikant 2007, section 4). With features in one global order, the
    rests add at most r to a cosine, so only pairs whose rare features alone reach t - r are compared in full.
    The result is exact and the memory bounded. Of more than `MOST_EXACT` texts those pairs alone are compared that
    share runs of characters which few texts hold (`_sharing_runs`): nearly all, in time that grows with the texts.

    Parameters
    ----------
    texts : sequence of str, length n
        Normalised and distinct.
    threshold : float in (0, 1)

    Returns
    -------
    Links
        A maximum spanning forest of the similar pairs.
    """
    long_enough = np.flatnonzero(np.array([len(text) >= _SHORTEST for text in texts], dtype=np.bool_))
    compared = [texts[index].translate(_DIGITS) for index in long_enough.tolist()]
    vectors = ngram_tfidf(compared)
    forest = _NO_PAIRS
    waiting: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    is_exact = len(compared) <= MOST_EXACT
    for first, second in _candidates(vectors, threshold) if is_exact else _sharing_runs(compared):
        cosine = _cosines(vectors, first, second)
        near = cosine >= threshold
        waiting.append((first[near], second[near], cosine[near]))
        if sum(len(pair[0]) for pair in waiting) > _MAX_PAIRS:
            forest = _spanning_forest([forest, *waiting], vectors.shape[0])
            waiting = []
    first, second, cosine = _spanning_forest([forest, *waiting], vectors.shape[0])
    return Links(first=long_enough[first], second=long_enough[second], cosine=cosine)


_NO_PAIRS = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64))


def _candidates(
    vectors: sparse.csr_array, threshold: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (first, second) arrays of pairs, first < second, that may reach the threshold."""
    rest = _REST * threshold
    for first, second, shared in _products(_prefixes(vectors, rest)):
        hopeful = shared >= threshold - rest - _TOLERANCE
        yield first[hopeful], second[hopeful]


def _sharing_runs(texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (first, second) arrays of pairs, first < second, that share some of each text's rarest runs."""
    for first, second, shared in _products(_rarest_runs(texts)):
        hopeful = shared >= _LEAST_SHARED
        yield first[hopeful], second[hopeful]


def _rarest_runs(texts: Sequence[str]) -> sparse.csr_array:
    """Return ones where a text holds a run, those of each text that the fewest others hold, shape (n, n_used)."""
    counts = _counts(texts, (_RUN,), _MOST_RUNS, _N_RUNS)
    features, column = np.unique(counts.indices, return_inverse=True)
    n_sharing = np.bincount(column, minlength=len(features))[column]
    row = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
    kept = (n_sharing > 1) & (n_sharing <= _MOST_SHARING)
    column, row, n_sharing = column[kept], row[kept], n_sharing[kept]
    order = np.lexsort((column, n_sharing, row))
    column, row = column[order], row[order]
    kept = np.arange(len(row)) - np.searchsorted(row, row) < _RAREST_RUNS
    ones = np.ones(int(kept.sum()), dtype=np.float32)
    return sparse.csr_array((ones, (row[kept], column[kept])), shape=(len(texts), len(features)))


def _products(
    features: sparse.csr_array,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]]:
    """Yield, block by block, the pairs of rows that share features, first < second, and the sum of their products."""
    columns = features.T.tocsr()
    n_sharing = np.diff(columns.indptr)
    products = np.add.reduceat(np.append(n_sharing[features.indices], 0), features.indptr[:-1])
    products[np.diff(features.indptr) == 0] = 0
    block_of_row = np.cumsum(products) // _MAX_PRODUCTS
    borders = [0, *(np.flatnonzero(np.diff(block_of_row)) + 1).tolist(), features.shape[0]]
    for start, end in pairwise(borders):
        shared = (features[start:end] @ columns).tocoo()
        above = shared.col > shared.row + start
        yield (
            shared.row[above].astype(np.int64) + start,
            shared.col[above].astype(np.int64),
            shared.data[above],
        )


def _prefixes(vectors: sparse.csr_array, rest: float) -> sparse.csr_array:
    """Keep each row's rarest features, up to where the length of the others falls below ``rest``."""
    squares = vectors.data.astype(np.float64) ** 2
    before = np.concatenate([[0.0], np.cumsum(squares)])
    remaining = 1.0 - (before[:-1] - np.repeat(before[vectors.indptr[:-1]], np.diff(vectors.indptr)))
    kept = remaining >= rest**2 - _TOLERANCE
    frequency = np.bincount(vectors.indices[kept], minlength=vectors.shape[1])
    kept &= frequency[vectors.indices] > 1  # a feature of one row makes no pair
    n_kept = np.concatenate([[0], np.cumsum(kept)])
    return sparse.csr_array(
        (vectors.data[kept], vectors.indices[kept], n_kept[vectors.indptr]), shape=vectors.shape
    )


def _cosines(
    vectors: sparse.csr_array, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    cosines = np.empty(len(first))
    for start in range(0, len(first), _MAX_VERIFIED):
        some = slice(start, start + _MAX_VERIFIED)
        cosines[some] = vectors[first[some]].multiply(vectors[second[some]]).sum(axis=1)
    return cosines


def _spanning_forest(
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Reduce pairs to at most n - 1 that connect the same texts at every threshold."""
    first, second, cosine = (np.concatenate(column) for column in zip(*pairs, strict=True))
    distances = sparse.coo_array((2.0 - cosine, (first, second)), shape=(n, n))
    forest = csgraph.minimum_spanning_tree(distances.tocsr()).tocoo()
    return forest.row.astype(np.int64), forest.col.astype(np.int64), 2.0 - forest.data
