"""What texts picked by `next` bring against texts drawn at random: macro-F1 after 50 and after 100 labels.

A run of 250 rows is followed by two rounds of 50 picks, each labelled from the pool's own labels and learned from
before the next. The model is TF-IDF of words and logistic regression at fixed settings or, with ``--vectors``, sentence
vectors read from a file. Every strategy starts from the same rows and is judged on the same test rows; differences are
paired, and their intervals those of a t-test over draws.

Run it with AUTOML_TEXT_DATA set: ``python benchmarks/label_next.py clinc25 --draws 20``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict

from automl_text.loop.label_next import STRATEGIES, PickOptions, choose, pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

N_START, N_PICKED, N_ROUNDS, MOST_TEST = 250, 50, 2, 1500
FILES = {
    "clinc25": "clinc25/clinc25_pool.csv",
    "r8": "r8/r8_pool.csv",
    "gnad9": "gnad9/gnad9_pool.csv",
    "hwu18": "hwu18/hwu18_0_test.csv",
}


def read_pool(name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return texts and labels."""
    table = pd.read_csv(Path(os.environ["AUTOML_TEXT_DATA"]) / FILES[name], dtype=str, keep_default_na=False)
    return table["text"].to_numpy(object), table["category"].to_numpy(object)


class Features:
    """Turns rows of the pool into columns, from texts of the training rows or from vectors at hand."""

    def __init__(self, texts: NDArray[Any], vectors: NDArray[np.float32] | None) -> None:
        self._texts, self._vectors = texts, vectors

    def of(self, train: NDArray[np.int64], *others: NDArray[np.int64]) -> list[Any]:
        """Return the columns of the training rows and of others."""
        if self._vectors is not None:
            return [self._vectors[rows] for rows in (train, *others)]
        words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(self._texts[train])
        return [words.transform(self._texts[rows]) for rows in (train, *others)]


def draw_scores(
    features: Features, hashed: Any, labels: NDArray[Any], strategy: str, seed: int
) -> list[NDArray[np.float64]]:
    """Return the F1 of each category at the start and after each round, each of shape (n_categories,)."""
    order = np.random.default_rng(seed).permutation(len(labels))
    n_test = min(len(labels) // 3, MOST_TEST)
    test, have, pool = order[:n_test], order[n_test : n_test + N_START], order[n_test + N_START :]
    names = np.unique(labels[test])
    scores = []
    for step in range(N_ROUNDS + 1):
        train, asked, left = features.of(have, test, pool)
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=100, tol=1e-3)
        model.fit(train, labels[have])
        predicted = model.predict(asked)
        scores.append(f1_score(labels[test], predicted, average=None, labels=names, zero_division=0))
        if step < N_ROUNDS:
            wanted = PickOptions(n=N_PICKED, strategy=strategy, seed=seed + step)  # type: ignore[arg-type]
            worth = (
                worth_of(model, train, labels[have]) if strategy == "mixed" else np.zeros(len(model.classes_))
            )
            picked = choose(model.predict_proba(left), hashed[pool], worth, wanted)
            have, pool = np.concatenate([have, pool[picked]]), np.delete(pool, picked)
    return scores


def worth_of(model: Any, train: Any, labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return each category's error by its number of rows, from folds of the rows at hand."""
    folds = np.arange(len(labels)) % 3
    again = LogisticRegression(C=10, class_weight="balanced", max_iter=100, tol=1e-3)
    splits = [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in range(3)]
    predicted = cross_val_predict(again, train, labels, cv=splits)
    f1 = f1_score(labels, predicted, average=None, labels=model.classes_, zero_division=0)
    return np.asarray((1 - f1) / np.array([(labels == name).sum() for name in model.classes_]))


def main() -> None:
    """Print a line for each strategy and number of labels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", choices=FILES)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--vectors", type=Path, help="npy file with one vector a row of the pool")
    arguments = parser.parse_args()
    texts, labels = read_pool(arguments.pool)
    features = Features(texts, np.load(arguments.vectors) if arguments.vectors else None)
    hashed = pieces(texts.tolist())
    frequent = pd.Series(labels).value_counts()
    rare = {str(name) for name in frequent.index[len(frequent) // 2 :]}
    means: dict[str, list[list[float]]] = {}
    rares: dict[str, list[list[float]]] = {}
    for seed in range(arguments.draws):
        for strategy in STRATEGIES:
            scores = draw_scores(features, hashed, labels, strategy, seed)
            order = np.random.default_rng(seed).permutation(len(labels))
            names = np.unique(labels[order[: min(len(labels) // 3, MOST_TEST)]])
            is_rare = np.array([str(name) in rare for name in names])
            means.setdefault(strategy, []).append([float(each.mean()) for each in scores])
            rares.setdefault(strategy, []).append([float(each[is_rare].mean()) for each in scores])
    for strategy in STRATEGIES:
        show(arguments.pool, strategy, np.array(means[strategy]), np.array(means["random"]), "all")
        show(arguments.pool, strategy, np.array(rares[strategy]), np.array(rares["random"]), "rare half")


def show(
    pool: str, strategy: str, scores: NDArray[np.float64], random: NDArray[np.float64], over: str
) -> None:
    """Print the mean after each round and the paired difference to random labels with its 95 % interval."""
    said = []
    for step in range(1, N_ROUNDS + 1):
        difference = scores[:, step] - random[:, step]
        half = (
            float(stats.t.ppf(0.975, len(difference) - 1) * stats.sem(difference))
            if strategy != "random"
            else 0.0
        )
        said.append(
            f"{scores[:, step].mean():.3f} ({difference.mean() - half:+.3f} to {difference.mean() + half:+.3f})"
        )
    print(
        f"{pool:8} {over:9} {strategy:7} start {scores[:, 0].mean():.3f}  +50 {said[0]}  +100 {said[1]}",
        flush=True,
    )


if __name__ == "__main__":
    main()
