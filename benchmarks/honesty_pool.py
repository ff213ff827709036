"""The large labelled file that samples are drawn from, and the rows not drawn as judges."""

from __future__ import annotations

import csv
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.dataset import Dataset
from automl_text.data.duplicates import group_rows
from automl_text.statistics.metrics import macro_f1

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator

N_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is drawn and searched.

    Attributes
    ----------
    pool : Path
    n_rows : int
    n_classes : int
        0 takes all; else categories spread over the sizes.
    families : tuple of str
    n_trials : int
    flip : float
        Share of the pool's labels that are replaced by another one, in the rows that judge as well.
    is_doubled : bool
        Every row of a sample stands in it twice.
    with_curve : bool
        Also fit on 2, 4 and 8 times the rows, to judge the forecasts.
    is_shuffled : bool
        Shuffle the labels of each sample and ask only whether there is anything to learn.
    is_full : bool
        Run the whole quick search as a user would, and judge the exported model.
    """

    pool: Path
    n_rows: int
    n_classes: int = 0
    families: tuple[str, ...] = ("logreg", "linear")
    n_trials: int = 2
    flip: float = 0.0
    is_doubled: bool = False
    with_curve: bool = False
    is_shuffled: bool = False
    is_full: bool = False


def read_pool(setup: Setup) -> Dataset:
    """Return the pool with its near duplicates grouped; text in the first column, label in the last."""
    with setup.pool.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    labels = np.array([row[-1] for row in rows])
    classes, codes = np.unique(labels, return_inverse=True)
    if setup.n_classes:
        by_size = np.argsort(-np.bincount(codes), kind="stable")
        taken = by_size[:: len(classes) // setup.n_classes][: setup.n_classes]
        rows = [row for row, code in zip(rows, codes, strict=True) if code in taken]
        classes, codes = np.unique([row[-1] for row in rows], return_inverse=True)
    generator = np.random.default_rng(99)
    flipped = generator.random(len(codes)) < setup.flip
    other = (codes + generator.integers(1, len(classes), len(codes))) % len(classes)
    texts = tuple(row[0] for row in rows)
    return Dataset(
        texts=texts,
        codes=np.where(flipped, other, codes).astype(np.int64),
        classes=tuple(classes.tolist()),
        groups=group_rows(texts, n_folds=N_FOLDS).groups,
        lines=np.arange(len(rows)) + 2,
        sha256="0" * 64,
    )


def take(data: Dataset, rows: NDArray[np.int64]) -> Dataset:
    """Return some rows; the categories stay those of the pool."""
    return dataclasses.replace(
        data,
        texts=tuple(data.texts[row] for row in rows),
        codes=data.codes[rows],
        groups=np.unique(data.groups[rows], return_inverse=True)[1],
        lines=data.lines[rows],
    )


def score_on(model: Estimator, judges: Dataset, measurable: NDArray[np.bool_]) -> float:
    """Return the macro-F1 of a fitted model on rows that it has not seen."""
    code_of = {label: code for code, label in enumerate(judges.classes)}
    predicted = np.array([code_of[str(label)] for label in model.predict(list(judges.texts))])
    return macro_f1(judges.codes, predicted, measurable)
