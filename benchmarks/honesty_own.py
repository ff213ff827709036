"""Populations of our own making, for what large labelled files lack: few and many categories, sets of equal rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_VOCABULARY, _WORDS_OF_CLASS = 1500, 60
_LETTERS, _VOWELS = list("bcdfglmnprst"), list("aeiou")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How texts are made: words that all categories share, and some of the category's own."""

    n_classes: int
    n_rows: int
    seed: int
    decay: float
    """Each category is so many times as large as the one before it."""
    own: float
    """Mean share of a text's words that are of its category; it varies from text to text."""


def made_rows(recipe: Recipe) -> tuple[list[str], list[str]]:
    """Return texts and labels."""
    generator = np.random.default_rng(recipe.seed)
    shared = 1 / np.arange(1, _VOCABULARY + 1) ** 0.9
    shared /= shared.sum()
    shares = recipe.decay ** np.arange(recipe.n_classes)
    shares /= shares.sum()
    of_class = []
    for _ in range(recipe.n_classes):
        weights = np.zeros(_VOCABULARY)
        picked = generator.choice(_VOCABULARY, _WORDS_OF_CLASS, replace=False)
        weights[picked] = generator.dirichlet(np.full(_WORDS_OF_CLASS, 0.3))
        of_class.append(weights)
    words = np.array([_word(generator) for _ in range(_VOCABULARY)])
    codes = generator.choice(recipe.n_classes, recipe.n_rows, p=shares)
    clear = np.clip(generator.beta(2, 2, recipe.n_rows) * recipe.own * 2, 0, 1)
    texts = []
    for code, share in zip(codes, clear, strict=True):
        length = max(3, generator.poisson(9))
        is_own = generator.random(length) < share
        found = np.where(
            is_own,
            generator.choice(_VOCABULARY, length, p=of_class[code]),
            generator.choice(_VOCABULARY, length, p=shared),
        )
        texts.append(" ".join(words[found]))
    return texts, [f"c{code:02d}" for code in codes]


def _word(generator: np.random.Generator) -> str:
    return "".join(
        generator.choice(_LETTERS) + generator.choice(_VOWELS) for _ in range(generator.integers(2, 5))
    )


def with_wrong_labels(codes: np.ndarray, n_classes: int, share: float) -> np.ndarray:
    """Return ``codes`` with a share of them replaced by another one."""
    generator = np.random.default_rng(99)
    is_wrong = generator.random(len(codes)) < share
    return np.where(is_wrong, (codes + generator.integers(1, n_classes, len(codes))) % n_classes, codes)


def in_sets(n_rows: int, generator: np.random.Generator) -> np.ndarray:
    """Return which drawn row stands in each place: a few many times over, as templates do; shape (n_rows,)."""
    times = np.minimum(1 + np.floor(generator.pareto(1.1, n_rows)).astype(int), 15)
    return np.repeat(np.arange(n_rows), times)[:n_rows]
