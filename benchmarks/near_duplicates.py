"""How often near duplicates are found, by threshold and kind of change, and how many natural texts would be joined.

Reads the training files below AUTOML_TEXT_DATA/hwu18, changes each text in a known way, and prints the share of
changed texts whose cosine with the original reaches each threshold, beside the share of unchanged texts that have
another text of the same file so near. ``--speed N`` times the search on N generated texts instead, and with ``--exact``
the comparison of all pairs beside it: which share of their links the search has found where N is large.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from automl_text.data import similarity
from automl_text.data.similarity import ngram_tfidf, normalise, similar_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLDS = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def typo(text: str, rng: random.Random) -> str:
    """Drop, add, replace or swap one letter."""
    at = rng.randrange(len(text))
    before, letter, after = text[:at], text[at], text[at + 1 :]
    other = rng.choice(LETTERS)
    return rng.choice(
        [
            before + after,
            before + other + letter + after,
            before + other + after,
            before + after[:1] + letter + after[1:],
        ]
    )


def two_typos(text: str, rng: random.Random) -> str:
    """Make two slips."""
    return typo(typo(text, rng), rng)


def politeness(text: str, rng: random.Random) -> str:
    """Add a greeting or thanks."""
    return rng.choice(
        [f"please {text}", f"{text} please", f"hi {text}", f"{text} thanks", f"hey {text} thank you"]
    )


def joined_words(text: str, rng: random.Random) -> str:
    """Leave out one blank."""
    words = text.split()
    at = rng.randrange(len(words))
    return " ".join([*words[:at], "".join(words[at : at + 2]), *words[at + 2 :]])


def swapped_words(text: str, rng: random.Random) -> str:
    """Swap two neighbouring words."""
    words = text.split()
    at = rng.randrange(len(words))
    words[at : at + 2] = words[at : at + 2][::-1]
    return " ".join(words)


def dropped_word(text: str, rng: random.Random) -> str:
    """Leave out one word, which may change the meaning."""
    words = text.split()
    if len(words) > 1:
        del words[rng.randrange(len(words))]
    return " ".join(words)


CHANGES = (typo, two_typos, politeness, joined_words, swapped_words, dropped_word)


def files() -> list[list[str]]:
    """Return the distinct normalised texts of each training file."""
    root = os.environ.get("AUTOML_TEXT_DATA")
    if not root:
        sys.exit("AUTOML_TEXT_DATA is not set: it names the folder of the data for benchmarks")
    contents = []
    for path in sorted(Path(root).glob("hwu18/*_train.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            contents.append(sorted({normalise(row["text"]) for row in csv.DictReader(stream)}))
    return contents


def paired_cosines(texts: list[str], changed: list[str]) -> NDArray[np.float64]:
    """Return the cosine of each text with its changed form, weighted as in one file that holds both."""
    vectors = ngram_tfidf([*texts, *changed])
    return np.asarray(vectors[: len(texts)].multiply(vectors[len(texts) :]).sum(axis=1))


def nearest_cosines(texts: list[str]) -> NDArray[np.float64]:
    """Return each text's cosine with the most similar other text."""
    vectors = ngram_tfidf(texts)
    cosines = (vectors @ vectors.T).toarray()
    np.fill_diagonal(cosines, 0.0)
    return np.asarray(cosines.max(axis=1))


def calibration(seed: int) -> dict[str, list[float]]:
    """Return, per kind of change and for unchanged texts, the share that reaches each threshold."""
    cosines: dict[str, list[NDArray[np.float64]]] = {change.__name__: [] for change in CHANGES}
    cosines["unchanged"] = []
    for texts in files():
        rng = random.Random(seed)  # noqa: S311  (nothing secret)
        for change in CHANGES:
            changed = [normalise(change(text, rng)) for text in texts]
            cosines[change.__name__].append(paired_cosines(texts, changed))
        cosines["unchanged"].append(nearest_cosines(texts))
    pooled = {name: np.concatenate(values) for name, values in cosines.items()}
    return {name: [float(np.mean(values >= t)) for t in THRESHOLDS] for name, values in pooled.items()}


def generated(n: int, seed: int) -> list[str]:
    """Return distinct texts drawn from the word pairs of the training files."""
    rng = random.Random(seed)  # noqa: S311  (nothing secret)
    following: dict[str, list[str]] = {}
    for text in (text for texts in files() for text in texts):
        words = ["", *text.split(), ""]
        for first, second in pairwise(words):
            following.setdefault(first, []).append(second)
    texts: set[str] = set()
    while len(texts) < n:
        words = [rng.choice(following[""])]
        while words[-1]:
            words.append(rng.choice(following[words[-1]]))
        texts.add(" ".join(words[:-1]))
    return sorted(texts)


def speed(n: int, seed: int, *, is_compared: bool) -> dict[str, float]:
    """Return the seconds of CPU that the search takes and its peak memory; where asked, beside the exact search."""
    texts = generated(n, seed)
    start = time.process_time()
    links = similar_texts(texts)
    figures = {"n_texts": n, "seconds": time.process_time() - start, "n_links": len(links.first)}
    figures["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    if not is_compared:
        return figures
    similarity.MOST_EXACT = n
    start = time.process_time()
    exact = similar_texts(texts)
    joined = sparse.coo_array((np.ones(len(links.first)), (links.first, links.second)), shape=(n, n))
    component = csgraph.connected_components(joined, directed=False)[1]
    found = np.mean(component[exact.first] == component[exact.second])
    return {**figures, "exact_seconds": time.process_time() - start, "share_found": float(found)}


def main() -> None:
    """Print the table and, where asked for, write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", type=int, metavar="N")
    parser.add_argument("--exact", action="store_true", help="with --speed: compare all pairs too")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    result: dict[str, object] = {}
    if options.speed:
        result.update(speed(options.speed, options.seed, is_compared=options.exact))
        print("  ".join(f"{name} {value:g}" for name, value in result.items()))
    else:
        table = calibration(options.seed)
        print("cosine at least".ljust(16), *(f"{t:6.2f}" for t in THRESHOLDS))
        for name, shares in table.items():
            print(name.ljust(16), *(f"{share:6.3f}" for share in shares))
        result.update(table)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
