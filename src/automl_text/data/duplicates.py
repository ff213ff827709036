"""From texts to groups: rows that repeat each other, or belong to one customer, stay on one side of every split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from automl_text.data.similarity import MOST_EXACT, MOST_SEARCHED, NEAR, normalise, similar_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.data.similarity import Links

_SHORT_EQUAL, _LONG_EQUAL = 1.0, 1.1
"""Strength of the link between equal texts: two customers who both write "thanks" are no sign of one source."""

_NEARLY_EQUAL = 0.999
"""Strongest link of texts that differ; two repetitions of one word can have a cosine of 1."""

_SHORT = 20
"""Normalised characters below which equal texts often come about by chance."""

_LADDER = (0.8, 0.85, 0.9, 0.95, _SHORT_EQUAL, _LONG_EQUAL, np.inf)
"""Strengths tried in turn on a group that is too large; at the last one every link is cut."""


_ALWAYS_KEPT = 5
"""Rows that stay together in a small file; ten rows in five parts would else tear every pair apart."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """Rows by group, and what was found on the way."""

    groups: NDArray[np.int64]
    """Of shape (n_rows,): numbered by first appearance."""
    text_of_row: NDArray[np.int64]
    """Of shape (n_rows,): equal numbers: equal after normalisation."""
    cluster_of_row: NDArray[np.int64]
    """Of shape (n_rows,): equal numbers: equal or nearly equal texts, before large groups were cut and user groups
    joined."""
    was_cut: NDArray[np.bool_]
    """Of shape (n_rows,): rows of groups that were too large."""
    max_rows: int
    """The most rows that a group of near duplicates may hold."""
    compared: Literal["all", "sharing", "equal"] = "all"
    """Which pairs were compared: all, those that share rare runs of characters, or none but equal texts."""

    @property
    def duplicate_share(self) -> float:
        """Share of rows that have an equal or nearly equal row elsewhere in the file."""
        sizes = np.bincount(self.cluster_of_row)
        return float(np.mean(sizes[self.cluster_of_row] > 1)) if len(self.cluster_of_row) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Graph:
    """Nodes are distinct texts and user groups; a link's strength says at which rung of the ladder it is cut."""

    node_of_row: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    strength: NDArray[np.float64]
    n_nodes: int

    def components(self, weakest: float) -> NDArray[np.int64]:
        """Return the component of each node over links of at least this strength, shape (n_nodes,)."""
        kept = self.strength >= weakest
        links = sparse.coo_array(
            (np.ones(int(kept.sum())), (self.first[kept], self.second[kept])),
            shape=(self.n_nodes, self.n_nodes),
        )
        return np.asarray(csgraph.connected_components(links, directed=False)[1], dtype=np.int64)


def group_rows(
    texts: Sequence[str],
    *,
    n_folds: int,
    user_groups: Sequence[str] | None = None,
    most_searched: int = MOST_SEARCHED,
) -> Grouping:
    """Group rows whose texts are equal or nearly equal, and rows of one user group.

    A group of near duplicates holds at most ``n_rows / (2 * n_folds)`` rows (in small files up to five, if they
    fit one part): a larger one is cut at stricter thresholds, and a text that is repeated more often than that is
    cut into runs of that size. User groups are never cut.

    Parameters
    ----------
    texts : sequence of str, length n_rows
    user_groups : sequence of str, length n_rows, optional
        Customer, thread or the like; rows with an empty value belong to none.
    """
    normal = [normalise(text) for text in texts]
    distinct, text_of_row = _number(normal)
    is_searched = len(distinct) <= most_searched
    links = similar_texts(distinct if is_searched else [])
    max_rows = max(1, len(texts) // (2 * n_folds), min(_ALWAYS_KEPT, len(texts) // n_folds))
    graph = _graph(distinct, text_of_row, links, user_groups)
    component, was_cut = _cut(graph, max_rows)
    is_user_row = np.zeros(len(texts), dtype=np.bool_)
    if user_groups is not None:
        is_user_row[:] = [bool(group) for group in user_groups]
    runs = _runs(component[graph.node_of_row], text_of_row, was_cut & ~is_user_row, max_rows)
    groups = _by_appearance(runs)
    cluster = sparse.coo_array(
        (np.ones(len(links.first)), (links.first, links.second)), shape=(len(distinct), len(distinct))
    )
    return Grouping(
        groups=groups,
        text_of_row=text_of_row,
        cluster_of_row=csgraph.connected_components(cluster, directed=False)[1].astype(np.int64)[text_of_row],
        was_cut=was_cut,
        max_rows=max_rows,
        compared="equal" if not is_searched else "all" if len(distinct) <= MOST_EXACT else "sharing",
    )


def _number(values: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the distinct values in order of appearance, and the index of each value among them."""
    index: dict[str, int] = {}
    numbers = [index.setdefault(value, len(index)) for value in values]
    return list(index), np.asarray(numbers, dtype=np.int64)


def _graph(
    distinct: list[str], text_of_row: NDArray[np.int64], links: Links, user_groups: Sequence[str] | None
) -> _Graph:
    """Join near duplicates, and user groups with the texts that they hold."""
    if user_groups is None:
        return _Graph(
            node_of_row=text_of_row,
            first=links.first,
            second=links.second,
            strength=np.minimum(links.cosine, _NEARLY_EQUAL),
            n_nodes=len(distinct),
        )
    names, number = _number(user_groups)
    has_group = np.array([bool(name) for name in names], dtype=np.bool_)[number]
    user_node = len(distinct) + number
    strength = np.array([_SHORT_EQUAL if len(text) < _SHORT else _LONG_EQUAL for text in distinct])
    return _Graph(
        node_of_row=np.where(has_group, user_node, text_of_row),
        first=np.concatenate([links.first, text_of_row[has_group]]),
        second=np.concatenate([links.second, user_node[has_group]]),
        strength=np.concatenate([np.minimum(links.cosine, _NEARLY_EQUAL), strength[text_of_row[has_group]]]),
        n_nodes=len(distinct) + len(names),
    )


def _cut(graph: _Graph, max_rows: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the component of each node and, per row, whether its first component was too large."""
    n_rows = np.bincount(graph.node_of_row, minlength=graph.n_nodes)
    component = graph.components(NEAR)
    too_large = _sizes(component, n_rows)[component] > max_rows
    was_cut = too_large[graph.node_of_row]
    for weakest in _LADDER:
        if not too_large.any():
            break
        finer = graph.components(weakest)
        component[too_large] = finer[too_large] + component.max() + 1
        too_large &= _sizes(component, n_rows)[component] > max_rows
    return component, was_cut


def _sizes(component: NDArray[np.int64], n_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of rows of each component."""
    return np.bincount(component, weights=n_rows).astype(np.int64)


def _runs(
    component: NDArray[np.int64], text_of_row: NDArray[np.int64], may_cut: NDArray[np.bool_], max_rows: int
) -> NDArray[np.int64]:
    """Cut the rows of one text that are still too many into runs of ``max_rows``."""
    order = np.lexsort((np.arange(len(component)), text_of_row, component))
    starts = np.flatnonzero(np.diff(component[order], prepend=-1))
    place = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    run = np.zeros(len(component), dtype=np.int64)
    run[order] = place // max_rows
    run[~may_cut] = 0
    n_runs = int(run.max(initial=0)) + 1
    return component * n_runs + run


def _by_appearance(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber from 0 in order of first appearance."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
