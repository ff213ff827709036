"""Is there anything to learn? A cheap linear model against itself on shuffled labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, sparse

from automl_text.results import Signal
from automl_text.statistics.metrics import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_N_PERMUTATIONS = 199
_SIGNIFICANT = 0.01
"""At .05 two runs in forty on noise would be told that there is something to learn."""
_MAX_ROWS = 1500
_MAX_ROWS_OF_GROUP = 150
"""The kernel is as large as the square of its rows, and a text that is repeated so often teaches it nothing more."""
_N_FOLDS = 5
_RIDGE = 1.0
_WORD = r"\b\w+\b"


def signal(  # noqa: PLR0913  (one argument for each thing known of a row)
    texts: Sequence[str],
    codes: NDArray[np.int64],
    groups: NDArray[np.int64],
    measurable: NDArray[np.bool_],
    *,
    seed: int,
    beside: sparse.csr_matrix | None = None,
) -> Signal:
    """Return how a ridge classifier does out of fold, on these labels and on shuffled ones.

    Ridge regression on fixed features predicts ``H @ targets`` with one matrix H for all labels, so a permutation
    costs one product of matrices. Features are TF-IDF of words and of three letters; they know no labels and may be
    computed once. Above 1,500 rows a sample of whole groups is judged. The p-value is (b + 1) / (m + 1)
    (Ojala & Garriga 2010, "Permutation Tests for Studying Classifier Performance", definition 1).

    Parameters
    ----------
    texts : sequence of str, length n_rows
    codes, groups : ndarray of int64, shape (n_rows,)
    measurable : ndarray of bool, shape (n_classes,)
    beside : sparse matrix, shape (n_rows, n_columns), optional
        What stands beside the texts.
    """
    generator = np.random.default_rng(seed)
    rows = _some_groups(groups, generator)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    sizes = np.unique(groups[rows], return_counts=True)[1]
    kernel = _kernel([texts[row] for row in rows], None if beside is None else beside[rows])
    smoother = _out_of_fold_smoother(kernel, sizes, generator)

    def score(labels: NDArray[np.int64]) -> float:
        return macro_f1(labels, _classify(smoother, labels, len(measurable)), measurable)

    labels = codes[rows]
    observed = score(labels)
    shuffled = np.array([score(_shuffle_groups(labels, sizes, generator)) for _ in range(_N_PERMUTATIONS)])
    p_value = (int(np.sum(shuffled >= observed)) + 1) / (_N_PERMUTATIONS + 1)
    return Signal(
        macro_f1=observed,
        shuffled_mean=float(shuffled.mean()),
        shuffled_high=float(np.quantile(shuffled, 0.95)),
        p_value=p_value,
        n_permutations=_N_PERMUTATIONS,
        has_signal=p_value <= _SIGNIFICANT,
    )


def _some_groups(groups: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Return row indices of whole groups, at most about ``_MAX_ROWS`` of them."""
    names, index, counts = np.unique(groups, return_inverse=True, return_counts=True)
    order = generator.permutation(len(names))
    place = _place_in_group(index)
    counts = np.minimum(counts, _MAX_ROWS_OF_GROUP)
    kept = order[: max(2, int(np.searchsorted(np.cumsum(counts[order]), _MAX_ROWS, side="right")))]
    return np.flatnonzero(np.isin(index, kept) & (place < _MAX_ROWS_OF_GROUP))


def _place_in_group(index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each row among those of its group, from 0."""
    order = np.argsort(index, kind="stable")
    starts = np.flatnonzero(np.diff(index[order], prepend=-1))
    place = np.empty(len(index), dtype=np.int64)
    place[order] = np.arange(len(index)) - np.repeat(starts, np.diff([*starts, len(index)]))
    return place


def _shuffle_groups(
    labels: NDArray[np.int64], sizes: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Lay the labels of whole groups, in random order, along the rows.

    Rows stand in order of their groups. Where all groups are equally large this permutes groups exactly; else a run of
    labels may begin inside a group, and labels of one group still stay side by side.
    """
    ends = np.cumsum(sizes)
    order = generator.permutation(len(sizes))
    return np.concatenate([labels[ends[group] - sizes[group] : ends[group]] for group in order])


def _out_of_fold_smoother(
    kernel: NDArray[np.float64], sizes: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return H of shape (n_rows, n_rows): row i weighs the rows of the folds that i is not in."""
    fold_of_row = np.repeat(generator.permutation(len(sizes)) % _N_FOLDS, sizes)
    smoother = np.zeros_like(kernel)
    for fold in range(_N_FOLDS):
        test, train = np.flatnonzero(fold_of_row == fold), np.flatnonzero(fold_of_row != fold)
        if len(test) and len(train):
            gram = kernel[np.ix_(train, train)] + _RIDGE * np.eye(len(train))
            weights = linalg.solve(gram, kernel[np.ix_(train, test)], assume_a="pos")
            smoother[np.ix_(test, train)] = weights.T
    return smoother


def _kernel(texts: Sequence[str], beside: sparse.csr_matrix | None) -> NDArray[np.float64]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  (slow to import)

    words = TfidfVectorizer(token_pattern=_WORD, sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), sublinear_tf=True)
    blocks = [sparse.csr_matrix((len(texts), 1)) if beside is None else beside]
    for vectorizer in (words, letters):
        try:
            blocks.append(vectorizer.fit_transform(texts))
        except ValueError:  # no token at all: "empty vocabulary"
            continue
    features = sparse.hstack(blocks).tocsr()
    return np.asarray((features @ features.T).toarray()) + 1.0  # the constant is the intercept


def _classify(smoother: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Return each row's class by the largest smoothed target; targets are scaled so that rare classes count."""
    counts = np.bincount(labels, minlength=n_classes)
    targets = (labels[:, np.newaxis] == np.arange(n_classes)) - counts / len(labels)
    scaled = targets / np.sqrt(np.maximum(counts, 1))
    return np.asarray((smoother @ scaled).argmax(axis=1))
