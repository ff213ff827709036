"""Pairs of texts that are nearly the same, found without comparing all pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from automl_text.data.ngrams import ngram_tfidf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NEAR = 0.75
"""Cosine from which two texts count as near duplicates; docs/decisions/0002-near-duplicates.md."""

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
    """Similar pairs, reduced so that every threshold still gives the same connected components.

    Attributes
    ----------
    first, second : ndarray of int64, shape (n_links,)
        Indices of texts.
    cosine : ndarray of float64, shape (n_links,)
        At least the threshold asked for.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    cosine: NDArray[np.float64]


def similar_texts(texts: Sequence[str], *, threshold: float = NEAR) -> Links:
    """Find the texts whose character n-gram TF-IDF has a cosine of at least ``threshold``.

    Each unit vector is cut into its rarest features and a rest of common ones whose length r is below the
    threshold t (the prefix filter of Bayardo, Ma & Srikant 2007, section 4). With features in one global order, the
    rests add at most r to a cosine, so only pairs whose rare features alone reach t - r are compared in full.
    The result is exact and the memory bounded.

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
    vectors = ngram_tfidf([texts[index].translate(_DIGITS) for index in long_enough.tolist()])
    forest = _NO_PAIRS
    waiting: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for first, second in _candidates(vectors, threshold):
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
    prefixes = _prefixes(vectors, rest)
    columns = prefixes.T.tocsr()
    n_sharing = np.diff(columns.indptr)
    products = np.add.reduceat(np.append(n_sharing[prefixes.indices], 0), prefixes.indptr[:-1])
    products[np.diff(prefixes.indptr) == 0] = 0
    block_of_row = np.cumsum(products) // _MAX_PRODUCTS
    borders = [0, *(np.flatnonzero(np.diff(block_of_row)) + 1).tolist(), vectors.shape[0]]
    for start, end in pairwise(borders):
        shared = (prefixes[start:end] @ columns).tocoo()
        hopeful = (shared.col > shared.row + start) & (shared.data >= threshold - rest - _TOLERANCE)
        yield shared.row[hopeful].astype(np.int64) + start, shared.col[hopeful].astype(np.int64)


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
        part = slice(start, start + _MAX_VERIFIED)
        cosines[part] = vectors[first[part]].multiply(vectors[second[part]]).sum(axis=1)
    return cosines


def _spanning_forest(
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Reduce pairs to at most n - 1 that connect the same texts at every threshold."""
    first, second, cosine = (np.concatenate(column) for column in zip(*pairs, strict=True))
    distances = sparse.coo_array((2.0 - cosine, (first, second)), shape=(n, n))
    forest = csgraph.minimum_spanning_tree(distances.tocsr()).tocoo()
    return forest.row.astype(np.int64), forest.col.astype(np.int64), 2.0 - forest.data
