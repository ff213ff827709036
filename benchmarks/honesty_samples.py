"""Samples of large labelled files, each fitted once in every way that a promise rests on, and kept.

A sample is one ``.npz`` file: out-of-fold scores, predictions at every training size, and what models fitted on all of
it, and on 2 and 4 times its rows, say of the rows that were not drawn. Judging it again costs no fit.
"""

from __future__ import annotations

import csv
import dataclasses
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
from automl_text.families.encoder.bundled import NAME as BUNDLED
from automl_text.families.encoder.bundled import bundled_digest
from automl_text.families.encoder.family import EncoderSettings, sentence_vectors
from automl_text.families.encoder.place import EncoderPlace, share_vectors, use_encoders
from automl_text.families.imbalance import balance
from automl_text.families.linear_model import LinearFamily, Problem
from automl_text.families.registry import load_family
from automl_text.families.tfidf import tfidf_settings_of
from automl_text.statistics.calibration import fit_temperature
from automl_text.statistics.learning_curve import curve_design
from automl_text.statistics.metrics import softmax
from automl_text.tuning.evidence import FamilyEvidence
from automl_text.tuning.plan import derived_seed
from automl_text.tuning.space import load_space, settings_of
from automl_text.tuning.splits import inner_splits, outer_splits
from automl_text.verdict.predictions import Predictions
from honesty_own import Recipe, in_sets, made_rows, with_wrong_labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.statistics.learning_curve import CurveMeasurement
    from automl_text.statistics.truth import Truth

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
    """A large labelled file, or one of our making, and how samples are drawn from it."""

    name: str
    files: tuple[str, ...] = ()
    """In the folder of data; the text in the first column, the label in the last."""
    recipe: Recipe | None = None
    """In place of files."""
    rows: tuple[int, ...]
    """Sizes of samples."""
    is_long: bool = False
    """Long texts are cut into words alone: character n-grams of 7,000 of them take minutes."""
    wrong_labels: float = 0.0
    """Share of the labels replaced by another one, in the rows that judge as well."""
    is_in_sets: bool = False
    """The rows of a sample stand in sets of equal ones, of unequal size."""


_HWU18 = ("hwu18/hwu18_0_train.csv", "hwu18/hwu18_0_test.csv")
POPULATIONS = (
    Population(name="clinc25", files=("clinc25/clinc25_pool.csv",), rows=(500, 250)),
    Population(name="gnad9", files=("gnad9/gnad9_pool.csv",), rows=(250, 125), is_long=True),
    Population(name="hwu18", files=_HWU18, rows=(500, 250)),
    Population(name="r8", files=("r8/r8_pool.csv",), rows=(500, 250), is_long=True),
)
OWN_POPULATIONS = (
    Population(
        name="syn2", recipe=Recipe(n_classes=2, n_rows=6000, seed=1, decay=0.2, own=0.25), rows=(500,)
    ),
    Population(
        name="syn5", recipe=Recipe(n_classes=5, n_rows=6000, seed=3, decay=0.4, own=0.22), rows=(250,)
    ),
    Population(
        name="syn60", recipe=Recipe(n_classes=60, n_rows=8000, seed=2, decay=0.955, own=0.35), rows=(500,)
    ),
    Population(name="hwu18-flip", files=_HWU18, rows=(500,), wrong_labels=0.1),
    Population(name="hwu18-groups", files=_HWU18, rows=(250,), is_in_sets=True),
    Population(name="clinc25-groups", files=("clinc25/clinc25_pool.csv",), rows=(500,), is_in_sets=True),
)
"""2 categories of 5 to 1, 5 and 60 unequal ones, a tenth of the labels wrong, sets of up to 15 equal rows."""


def read_population(population: Population, folder: Path) -> Dataset:
    """Return all its rows, near duplicates grouped."""
    texts, labels = _rows_of(population, folder)
    classes, codes = np.unique(labels, return_inverse=True)
    if population.wrong_labels:
        codes = with_wrong_labels(codes, len(classes), population.wrong_labels)
    is_made = population.recipe is not None
    return Dataset(
        texts=tuple(texts),
        codes=codes.astype(np.int64),
        classes=tuple(classes.tolist()),
        groups=np.arange(len(texts)) if is_made else group_rows(tuple(texts), n_folds=N_FOLDS).groups,
        lines=np.arange(len(texts)) + 2,
        sha256="0" * 64,
    )


def _rows_of(population: Population, folder: Path) -> tuple[list[str], list[str]]:
    if population.recipe is not None:
        return made_rows(population.recipe)
    rows: list[list[str]] = []
    for name in population.files:
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            rows += list(csv.reader(stream))[1:]
    return [row[0] for row in rows], [row[-1] for row in rows]


def take(data: Dataset, rows: NDArray[np.int64], groups: NDArray[np.int64] | None = None) -> Dataset:
    """Return some rows; the categories stay those of the whole."""
    return dataclasses.replace(
        data,
        texts=tuple(data.texts[row] for row in rows),
        codes=data.codes[rows],
        groups=np.unique(data.groups[rows] if groups is None else groups, return_inverse=True)[1],
        lines=data.lines[rows],
    )


def use_bundled_encoder(folder: Path) -> None:
    """Have the encoder family use the bundled encoder, and keep its vectors in ``folder``."""
    use_encoders([EncoderPlace(name=BUNDLED, folder=BUNDLED, digest=bundled_digest())])
    folder.mkdir(parents=True, exist_ok=True)
    share_vectors(folder / "vectors.store")


class Fitter:
    """One family at its default params on rows of one population."""

    def __init__(self, family: str, data: Dataset, *, is_long: bool) -> None:
        params = dict(load_space(family).default_params)
        if is_long:
            params["pieces"] = "words"
        self.family, self.data = load_family(family), data
        self.settings = settings_of(self.family, params)
        self.label = "words" if is_long and family == "linear" else family
        self._solve = self.family.solve if isinstance(self.family, LinearFamily) else None

    @cached_property
    def _blocks(self) -> tuple[tuple[Any, Any], ...]:  # csr matrices have no types
        """Weighted counts of every text and their squares, for each kind of pieces; made when a fit needs them."""
        return _counted(self.data.texts, self.settings)

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        """Sentence vectors of every text in their length beside TF-IDF; without columns for a family without them."""
        if not isinstance(self.settings, EncoderSettings):
            return np.empty((self.data.n_rows, 0), dtype=np.float32)
        vectors = sentence_vectors(self.data.texts)
        if vectors is None:
            raise ValueError("no sentence encoder is in use")
        return vectors * np.float32(self.settings.vector_scale)

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
        if self._solve and len(np.unique(data.codes[train])) > 1:
            return self._quick(self._solve, train, groups, test, seed=seed)
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
        self,
        solve: Any,  # a solver of one of the families
        train: NDArray[np.int64],
        groups: NDArray[np.int64],
        test: NDArray[np.int64],
        *,
        seed: int,
    ) -> NDArray[np.float32]:
        """Return the family's own logits in a fraction of the time: idf goes into the weights, not into 7,000 rows."""
        present, codes = np.unique(self.data.codes[train], return_inverse=True)
        idf = [_idf(counts[train]) for counts, _ in self._blocks]
        blocks = [
            _weighted(counts[train], weights) for (counts, _), weights in zip(self._blocks, idf, strict=True)
        ]
        problem = Problem(
            features=sparse.hstack([*blocks, sparse.csr_matrix(self._vectors[train])], format="csr"),
            key=None,
            codes=codes,
            balance=balance(codes, groups, self.settings, seed=seed),
            seed=seed,
        )
        weights = solve(problem, self.settings)[0]
        scores, first = np.tile(weights.intercept.astype(np.float64), (len(test), 1)), 0
        for (counts, squares), of_block in zip(self._blocks, idf, strict=True):
            coef = weights.coef[:, first : first + counts.shape[1]] * of_block
            length = np.sqrt(squares[test] @ of_block**2)
            scores += (counts[test] @ coef.T) / np.maximum(length, 1e-12)[:, np.newaxis]
            first += counts.shape[1]
        logits = np.full((len(test), self.data.n_classes), ABSENT_LOGIT, dtype=np.float32)
        logits[:, present] = scores + self._vectors[test] @ weights.coef[:, first:].T
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


def predictions_of(
    logits: NDArray[np.float64], truth: Truth, *, curve: tuple[CurveMeasurement, ...] = ()
) -> Predictions:
    """Return out-of-fold logits as the search judges them, with a temperature of their own."""
    temperature = fit_temperature(logits, truth.codes)
    return Predictions(
        evidence=FamilyEvidence(
            family="own", title="", simplicity=0, is_reference=False, status="done", curve=curve
        ),
        truth=truth,
        n_rows=len(truth.codes),
        logits=logits,
        temperature=temperature,
        probabilities=softmax(logits, temperature),
        predicted=logits.argmax(axis=1),
    )


def sampled(
    population: Population, fitter: Fitter, *, n_rows: int, seed: int, folder: Path
) -> Mapping[str, Any]:  # arrays of several types
    """Return the arrays of one sample and its seed; fitted where ``folder`` does not keep it yet."""
    path = folder / f"{population.name}.{n_rows}.{fitter.label}.{seed}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **_fit(population, fitter, n_rows, seed))
    with np.load(path) as stored:
        return {**stored, "seed": seed}


def drawn(
    population: Population, data: Dataset, n_rows: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of a sample, their groups, and the rows left in the order in which a larger one takes them."""
    generator = np.random.default_rng([seed, n_rows, zlib.crc32(population.name.encode())])
    rank = generator.permutation(int(data.groups.max()) + 1)
    order = np.argsort(rank[data.groups], kind="stable")
    if not population.is_in_sets:
        return order[:n_rows], data.groups[order[:n_rows]], order[n_rows:]
    place = in_sets(n_rows, generator)
    return order[place], data.groups[order[place]], order[place.max() + 1 :]


def _fit(population: Population, fitter: Fitter, n_rows: int, seed: int) -> dict[str, Any]:
    data, key = fitter.data, f"{population.name} {n_rows} {seed}"
    rows, groups, rest = drawn(population, data, n_rows, seed)
    sample = take(data, rows, groups)
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
    for multiple in () if population.is_in_sets else MULTIPLES:
        n_more = (multiple - 1) * n_rows
        if n_more + FEWEST_JUDGES <= len(rest):
            more, judges = np.concatenate([rows, rest[:n_more]]), rest[n_more:]
            logits = fitter.scores(more, data.groups[more], judges, key=f"{key} x{multiple}", seed=seed)
            found[f"pred{multiple}"] = logits.argmax(axis=1).astype(np.int16)
            found[f"codes{multiple}"] = data.codes[judges].astype(np.int16)
    return found


def partition_of(found: Mapping[str, Any]) -> Partition:
    """Return the partition that a sample was fitted on."""
    return Partition(fold_of_row=found["part"], n_folds=N_FOLDS)
