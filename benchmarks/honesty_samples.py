"""Samples of large labelled files, each fitted once in every way that a promise rests on, and kept.

A sample is one ``.npz`` file: out-of-fold scores, predictions at every training size, and what models fitted on all of
it, and on 2 and 4 times its rows, say of the rows that were not drawn. Judging it again costs no fit.
"""

from __future__ import annotations

import csv
import warnings
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from automl_text.data.dataset import Dataset, Partition, Split
from automl_text.data.duplicates import group_rows
from automl_text.data.splitting import partition_rows, split_rows
from automl_text.families.contract import ABSENT_LOGIT, Sample
from automl_text.families.counts import CountTable
from automl_text.families.imbalance import balance
from automl_text.families.registry import load_family
from automl_text.families.tfidf import tfidf_settings_of
from automl_text.statistics.learning_curve import curve_design
from automl_text.tuning.plan import derived_seed, inner_splits, outer_splits
from automl_text.tuning.space import load_space, settings_of
from honesty_pool import take

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

N_FOLDS = 5
MULTIPLES = (2, 4)
FEWEST_JUDGES = 500
SPLITS = (
    *outer_splits(0, N_FOLDS),
    *inner_splits(0, N_FOLDS),
    *(
        Split(partition=0, train=each.train, test=each.test, fraction=each.fraction)
        for each in curve_design(N_FOLDS)
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A large labelled file: its parts in the folder of data, sizes of samples, and whether its texts are long."""

    name: str
    files: tuple[str, ...]
    rows: tuple[int, int]
    is_long: bool = False
    """Long texts are cut into words alone: character n-grams of 7,000 of them take minutes."""


POPULATIONS = (
    Population(name="clinc25", files=("clinc25/clinc25_pool.csv",), rows=(500, 250)),
    Population(name="gnad9", files=("gnad9/gnad9_pool.csv",), rows=(250, 125), is_long=True),
    Population(name="hwu18", files=("hwu18/hwu18_0_train.csv", "hwu18/hwu18_0_test.csv"), rows=(500, 250)),
    Population(name="r8", files=("r8/r8_pool.csv",), rows=(500, 250), is_long=True),
)


def read_population(population: Population, folder: Path) -> Dataset:
    """Return all its rows, near duplicates grouped."""
    rows: list[list[str]] = []
    for name in population.files:
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            rows += list(csv.reader(stream))[1:]
    texts = tuple(row[0] for row in rows)
    classes, codes = np.unique([row[-1] for row in rows], return_inverse=True)
    return Dataset(
        texts=texts,
        codes=codes.astype(np.int64),
        classes=tuple(classes.tolist()),
        groups=group_rows(texts, n_folds=N_FOLDS).groups,
        lines=np.arange(len(rows)) + 2,
        sha256="0" * 64,
    )


class Fitter:
    """One family at its default params on rows of one population."""

    def __init__(self, family: str, data: Dataset, *, is_long: bool) -> None:
        params = dict(load_space(family).default_params)
        if is_long and family == "linear":
            params["pieces"] = "words"
        self.family, self.data = load_family(family), data
        self.settings = settings_of(self.family, params)
        self._is_quick = family == "linear"

    @cached_property
    def _blocks(self) -> tuple[tuple[Any, Any], ...]:  # csr matrices have no types
        """Weighted counts of every text and their squares, for each kind of pieces; made when a fit needs them."""
        return _counted(self.data.texts, self.settings)

    def scores(
        self,
        train: NDArray[np.int64],
        groups: NDArray[np.int64],
        test: NDArray[np.int64],
        *,
        key: str,
        seed: int,
    ) -> NDArray[np.float32]:
        """Return the logits of the rows ``test`` by a fit on the rows ``train``, shape (n_test, n_classes)."""
        data = self.data
        if self._is_quick and len(np.unique(data.codes[train])) > 1:
            return self._quick(train, groups, test, seed=seed)
        sample = Sample(
            train_texts=[data.texts[row] for row in train],
            train_codes=data.codes[train],
            train_groups=groups,
            test_texts=[data.texts[row] for row in test],
            n_classes=data.n_classes,
            key=key,
        )
        return np.asarray(self.family.score(sample, self.settings, seed=seed).logits[-1])

    def _quick(
        self, train: NDArray[np.int64], groups: NDArray[np.int64], test: NDArray[np.int64], *, seed: int
    ) -> NDArray[np.float32]:
        """Return the family's own logits in a fraction of the time: idf goes into the weights, not into 7,000 rows."""
        from sklearn.svm import LinearSVC

        present, codes = np.unique(self.data.codes[train], return_inverse=True)
        idf = [_idf(counts[train]) for counts, _ in self._blocks]
        blocks = [
            _weighted(counts[train], weights) for (counts, _), weights in zip(self._blocks, idf, strict=True)
        ]
        model = LinearSVC(C=self.settings.C, random_state=seed)
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "The number of unique classes"
            )  # a tenth of 125 rows is not many
            model.fit(
                sparse.hstack(blocks, format="csr"),
                codes,
                sample_weight=balance(codes, groups, self.settings, seed=seed).weights,
            )
        coef, intercept = model.coef_, model.intercept_
        if len(present) == 2:  # noqa: PLR2004  (one row of weights for two categories)
            signs = np.array([-0.5, 0.5])
            coef, intercept = signs[:, np.newaxis] * coef, signs * intercept
        scores, first = np.tile(intercept, (len(test), 1)), 0
        for (counts, squares), weights in zip(self._blocks, idf, strict=True):
            of_block = coef[:, first : first + counts.shape[1]]
            length = np.sqrt(squares[test] @ weights**2)
            scores += (counts[test] @ (of_block * weights).T) / np.maximum(length, 1e-12)[:, np.newaxis]
            first += counts.shape[1]
        logits = np.full((len(test), self.data.n_classes), ABSENT_LOGIT, dtype=np.float32)
        logits[:, present] = scores
        return logits


def _counted(
    texts: tuple[str, ...], settings: Any
) -> tuple[tuple[Any, Any], ...]:  # csr matrices have no types
    """Return weighted counts of every text and their squares, for each kind of pieces."""
    blocks = []
    for _, pieces in tfidf_settings_of(settings).blocks():
        counts = CountTable(pieces).counts(texts).tocsr()
        counts.sort_indices()
        if settings.sublinear:
            counts.data = np.log(counts.data) + np.float32(1)
        squares = counts.copy()
        squares.data = squares.data**2
        blocks.append((counts, squares))
    return tuple(blocks)


def _idf(counts: Any) -> NDArray[np.float32]:  # a csr matrix
    """Return smoothed idf of each column, 0 where no row has it."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log(np.float32(1 + counts.shape[0]) / (1 + frequency).astype(np.float32)) + np.float32(1)
    return np.where(frequency > 0, idf, np.float32(0)).astype(np.float32)


def _weighted(counts: Any, idf: NDArray[np.float32]) -> Any:  # csr matrices
    from sklearn.preprocessing import normalize

    weighted = counts.copy()
    weighted.data = weighted.data * idf[weighted.indices]
    return normalize(weighted, copy=False)


def sampled(
    population: Population, fitter: Fitter, *, n_rows: int, seed: int, folder: Path
) -> Mapping[str, Any]:  # arrays of several types
    """Return the arrays of one sample; fitted where ``folder`` does not keep it yet."""
    label = "words" if population.is_long and fitter.family.name == "linear" else fitter.family.name
    path = folder / f"{population.name}.{n_rows}.{label}.{seed}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **_fit(population.name, fitter, n_rows, seed))
    with np.load(path) as stored:
        return dict(stored)


def _fit(name: str, fitter: Fitter, n_rows: int, seed: int) -> dict[str, Any]:
    data = fitter.data
    generator = np.random.default_rng([seed, n_rows, zlib.crc32(name.encode())])
    rank = generator.permutation(int(data.groups.max()) + 1)
    order = np.argsort(rank[data.groups], kind="stable")
    rows, rest = order[:n_rows], order[n_rows:]
    sample, key = take(data, rows), f"{name} {n_rows} {seed}"
    partition = partition_rows(
        sample.codes, sample.groups, n_folds=N_FOLDS, seed=derived_seed(seed, "partition")
    )
    scores = np.zeros((n_rows, data.n_classes), dtype=np.float32)
    predicted = np.full((len(SPLITS), n_rows), -1, dtype=np.int16)
    for number, split in enumerate(SPLITS):
        train, test = split_rows(split, (partition,), sample.codes, sample.groups, seed=seed)
        logits = fitter.scores(
            rows[train], sample.groups[train], rows[test], key=f"{key} {number}", seed=seed
        )
        predicted[number, test] = logits.argmax(axis=1)
        if number < N_FOLDS:
            scores[test] = logits
    final = fitter.scores(rows, sample.groups, rest, key=key, seed=seed)
    found: dict[str, Any] = {
        "rows": rows,
        "codes": sample.codes,
        "groups": sample.groups,
        "part": partition.fold_of_row,
        "measurable": sample.measurable,
        "oof": scores,
        "pred": predicted,
        "final": final.astype(np.float16),
        "rest_codes": data.codes[rest].astype(np.int16),
    }
    for multiple in MULTIPLES:
        n_train = multiple * n_rows
        if n_train + FEWEST_JUDGES <= data.n_rows:
            more, judges = order[:n_train], order[n_train:]
            logits = fitter.scores(more, data.groups[more], judges, key=f"{key} x{multiple}", seed=seed)
            found[f"pred{multiple}"] = logits.argmax(axis=1).astype(np.int16)
            found[f"codes{multiple}"] = data.codes[judges].astype(np.int16)
    return found


def partition_of(found: Mapping[str, Any]) -> Partition:
    """Return the partition that a sample was fitted on."""
    return Partition(fold_of_row=found["part"], n_folds=N_FOLDS)
