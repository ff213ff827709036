"""What a fit costs, before it is made: rough seconds by family, for the queue, the time left and the forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from automl_text.data.dataset import Dataset, Partition, Split
    from automl_text.families.contract import ModelFamily

_CAPPED_CHARACTERS = 450
"""A network reads so much of a text, about 100 words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The training rows of one fit: how many, their characters, those that a network reads, and the categories."""

    rows: float
    characters: float
    read: float
    classes: int

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
    "linear": lambda load: 0.01 + 2.3e-6 * load.characters,
    "logreg": lambda load: 0.02 + 9.0e-6 * load.rows * load.classes + 4.7e-7 * load.characters,
    "lightgbm": lambda load: 0.1 + 1.1e-5 * load.classes * (load.rows * load.characters) ** 0.5,
    "encoder": lambda load: 0.01 + 6.0e-6 * load.rows * load.classes,
    "lstm": lambda load: 1.0e-3 * load.rows + 4.5e-5 * load.read,
    "lstm-as-posted": lambda load: 4.4e-3 * load.rows + 3.6e-5 * load.read,
}
"""Family to the CPU seconds of one fit at its default trial, measured on one core."""

_NEUTRAL = {"light": "logreg", "tensorflow": "lstm"}
"""Runtime to the family whose cost one of another package is taken to have."""


def expected_seconds(family: ModelFamily, load: Load) -> float:
    """Return the rough seconds, above 0, of one fit at the default trial on ``load``."""
    return SECONDS[family.name if family.name in SECONDS else _NEUTRAL[family.runtime]](load)


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
