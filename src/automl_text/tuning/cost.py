"""What a fit costs, before it is made: rough seconds by family, for the queue, the time left and the forecast."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.contract import Sample
from automl_text.families.linear_model import MAX_ROWS
from automl_text.families.registry import load_family
from automl_text.tuning.space import load_space, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset, Partition, Split
    from automl_text.families.contract import ModelFamily

_CAPPED_CHARACTERS = 270
"""A network reads so much of a text, about 60 words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The training rows of one fit: how many, their characters, those that a network reads, and the categories."""

    rows: float
    characters: float
    read: float
    classes: int

    @property
    def is_small(self) -> bool:
        """Whether logistic regression is fitted in the space of the rows."""
        return self.rows <= MAX_ROWS

    def share(self, share: float) -> Load:
        """Return ``share`` of the rows."""
        return Load(
            rows=share * self.rows,
            characters=share * self.characters,
            read=share * self.read,
            classes=self.classes,
        )

    @classmethod
    def of(cls, texts: Sequence[str], classes: int) -> Load:
        """Return the load of ``texts``."""
        return cls(
            rows=len(texts),
            characters=sum(map(len, texts)),
            read=sum(min(len(text), _CAPPED_CHARACTERS) for text in texts),
            classes=classes,
        )


SECONDS: Mapping[str, Callable[[Load], float]] = {
    "majority": lambda _: 0.001,
    "linear": lambda load: (
        0.01
        + min(
            2.3e-6 * load.characters * (1 + load.rows / 250_000),  # fewer of the weights stay in the cache
            1.5e-7 * load.characters + 2e-7 * load.rows**2,
        )
    ),
    "logreg": lambda load: (
        0.02 + (9.0e-6 if load.is_small else 2.0e-5) * load.rows * load.classes + 4.7e-7 * load.characters
    ),
    "lightgbm": lambda load: (
        0.1
        + 7.0e-6
        * load.classes
        * (load.rows * load.characters) ** 0.5
        * (1 + load.rows / (load.rows + 8_000))  # twice as much a row where there are many
    ),
    "encoder": lambda load: (
        0.03 + (1.5e-5 if load.is_small else 7.0e-5) * load.rows * load.classes + 1.5e-7 * load.characters
    ),
    "lstm": lambda load: 7.0e-4 * load.rows + 3.2e-5 * load.read,
    "lstm-as-posted": lambda load: 3.0e-3 * load.rows + 3.6e-5 * load.read,
}
"""Family to the CPU seconds of one fit at its default trial, measured on one core."""

_LOADING_SECONDS, _TEXT_SECONDS, _CHARACTER_SECONDS = 1.0, 3.0e-4, 1.0e-5
"""Of the bundled encoder, once: for itself, a text, a character. In a second it read 1,540 requests of 35 characters,
134 news of 490, 36 of 2,670, or 2,750 single words, on a core that was busy with other work too."""
_TENSORFLOW_SECONDS = 8.0
"""A process that imports TensorFlow for a family of another package, once; 4 s on an idle machine, 11 on a busy one."""

_NEUTRAL = {"light": "logreg", "tensorflow": "lstm"}
"""Runtime to the family whose cost one of another package is taken to have."""


def expected_seconds(family: ModelFamily, load: Load) -> float:
    """Return the rough seconds, above 0, of one fit at the default trial on ``load``."""
    return SECONDS[family.name if family.name in SECONDS else _NEUTRAL[family.runtime]](load)


def seconds_before(family: ModelFamily, load: Load) -> float:
    """Return the rough seconds that pass before a family's first fit on the rows ``load`` of a whole file."""
    if family.name == "encoder":
        return _LOADING_SECONDS + _TEXT_SECONDS * load.rows + _CHARACTER_SECONDS * load.characters
    return _TENSORFLOW_SECONDS if family.runtime == "tensorflow" else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Costs:
    """What the fits of one run cost.

    All trials of a family on one split cost the same: they must stay together in the queue, since they share that
    split's features.
    """

    whole: Load
    """Of all rows."""
    rows_of_fold: tuple[tuple[int, ...], ...]
    """Rows of each fold, by partition as ``split.partition`` counts them."""

    @classmethod
    def of(cls, dataset: Dataset, partitions: Sequence[Partition]) -> Costs:
        """Return the costs of fits on ``partitions`` of ``dataset``."""
        counts = [
            np.bincount(each.fold_of_row[each.fold_of_row >= 0], minlength=each.n_folds)
            for each in partitions
        ]
        return cls(
            whole=Load.of(dataset.texts, dataset.n_classes),
            rows_of_fold=tuple(tuple(of_fold.tolist()) for of_fold in counts),
        )

    def fit(self, family: ModelFamily, split: Split) -> float:
        """Return the rough seconds of one fit on the training rows of ``split``, taken to be of average length."""
        rows_of_fold = self.rows_of_fold[split.partition]
        n_rows = split.fraction * sum(rows_of_fold[fold] for fold in split.train)
        return expected_seconds(family, self.whole.share(n_rows / self.whole.rows))


_TIMED_ROWS, _WARM_UP_ROWS = 1_000, 50
"""Rows of the one linear fit that is timed, and of the one before it that loads the libraries."""
_TIMED_SECONDS = 1.0
"""What the timed fit is expected to take at most; it gets fewer rows where it would take longer."""
_TIMED_CHARACTERS = 2_000
"""That are read of a text: 50 documents of any length then take a moment."""
_FASTEST, _SLOWEST = 0.5, 8.0


def measured_slowness(dataset: Dataset, *, seed: int) -> float:
    """Return by which factor this machine is slower than `SECONDS` on these texts, within bounds."""
    rows = _drawn_rows(dataset.codes, seed=seed)
    _linear_seconds(_sample(dataset, rows[:_WARM_UP_ROWS]))
    sample = _sample(dataset, rows)
    return min(max(_linear_seconds(sample) / _expected(sample), _FASTEST), _SLOWEST)


def _drawn_rows(codes: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """Return up to `_TIMED_ROWS` row indices at random, one of each class before a second of any.

    A file is often sorted by category: its first rows hold a single one, and there is nothing to fit.
    """
    shuffled = np.random.default_rng(seed).permutation(len(codes))
    firsts = np.sort(np.unique(codes[shuffled], return_index=True)[1])
    return np.concatenate([shuffled[firsts], np.delete(shuffled, firsts)])[:_TIMED_ROWS]


def _sample(dataset: Dataset, rows: NDArray[np.int64]) -> Sample:
    """Return the first of ``rows``, as many as fit into `_TIMED_SECONDS`, with codes that count their classes alone."""
    texts = [dataset.texts[row][:_TIMED_CHARACTERS] for row in rows]
    present, codes = np.unique(dataset.codes[rows], return_inverse=True)
    sample = Sample(
        train_texts=texts,
        train_codes=codes,
        train_groups=dataset.groups[rows],
        test_texts=texts[:1],
        n_classes=len(present),
        key=f"slowness {len(rows)}",
    )
    is_long = _expected(sample) > _TIMED_SECONDS and len(rows) > _WARM_UP_ROWS
    return _sample(dataset, rows[: len(rows) // 2]) if is_long else sample


def _expected(sample: Sample) -> float:
    return SECONDS["linear"](Load.of(sample.train_texts, sample.n_classes))


def _linear_seconds(sample: Sample) -> float:
    family, space = load_family("linear"), load_space("linear")
    began = time.perf_counter()
    family.score(sample, settings_of(family, space.default_params), seed=0)
    return time.perf_counter() - began
