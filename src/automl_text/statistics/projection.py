"""A map of vectors in two dimensions, to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PERPLEXITY = 30.0
_LEAST = 10
"""Vectors below which there is no map to draw."""


def projected(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return where vectors lie on a map on which alike ones are neighbours: shape (n, 2), each axis from 0 to 1.

    t-SNE (van der Maaten & Hinton 2008) from the two leading principal components and with one thread, so that equal
    vectors always give an equal map. Distances between groups mean nothing. Empty, shape (0, 2), for fewer than ten.
    """
    from sklearn.decomposition import PCA  # noqa: PLC0415  (slow to import, and wanted only where an encoder is used)
    from sklearn.manifold import TSNE  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    if len(vectors) < _LEAST:
        return np.empty((0, 2))
    with threadpool_limits(1):
        leading = PCA(min(50, *vectors.shape), svd_solver="full", random_state=0).fit_transform(vectors)
        perplexity = min(_PERPLEXITY, (len(vectors) - 1) / 3)
        places = TSNE(perplexity=perplexity, init="pca", random_state=0, max_iter=500).fit_transform(leading)
    low, high = places.min(axis=0), places.max(axis=0)
    return np.asarray((places - low) / np.maximum(high - low, 1e-12), dtype=np.float64)
