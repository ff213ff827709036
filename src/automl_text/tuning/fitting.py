"""The work that an executor's processes do: turn a unit into the scores of its held-out rows."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.splitting import split_rows
from automl_text.families.contract import Sample, Scores
from automl_text.families.encoder.place import use_encoders
from automl_text.families.registry import load_family
from automl_text.tuning.space import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.data.dataset import Dataset, Partition, Split
    from automl_text.engine.unit import Unit
    from automl_text.families.contract import ModelFamily
    from automl_text.families.encoder.place import EncoderPlace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FitWork:
    """Callable that fits one unit; picklable, sent once to each process."""

    dataset: Dataset
    partitions: tuple[Partition, ...]
    """What ``unit.split.partition`` counts."""
    n_repeats: int = 1
    """How many of them, the first ones, serve the outer loop; only their whole training folds get a training curve."""
    find_family: Callable[[str], ModelFamily] = load_family
    """A module-level function, so that it can be sent to other processes."""
    encoders: tuple[EncoderPlace, ...] = ()
    """The sentence encoders to use; empty: those that the process inherited from the run, if any."""

    def __call__(self, unit: Unit) -> Scores:
        """Return the scores of the unit's test rows, rows ascending."""
        if self.encoders:
            use_encoders(self.encoders)
        data = self.dataset
        train, test = split_rows(unit.split, self.partitions, data.codes, data.groups, seed=unit.run_seed)
        family, frame = self.find_family(unit.family), data.frame if unit.reads_beside else None
        sample = Sample(
            train_texts=[data.texts[row] for row in train],
            train_codes=data.codes[train],
            train_groups=data.groups[train],
            test_texts=[data.texts[row] for row in test],
            n_classes=data.n_classes,
            key=f"{unit.data_key}:{unit.reads_beside}:{unit.run_seed}:{sorted(asdict(unit.split).items())}",
            with_training_curve=self._is_outer(unit.split),
            train_frame=None if frame is None else frame.iloc[train],
            test_frame=None if frame is None else frame.iloc[test],
        )
        scores = family.score(sample, settings_of(family, unit.params), seed=unit.seed)
        return _checked(scores, n_test=len(test), n_classes=data.n_classes)

    def _is_outer(self, split: Split) -> bool:
        is_judged = split.test[0] in self.partitions[split.partition].judged_folds
        is_whole = len(split.test) == 1 and split.fraction == 1 and is_judged
        return split.partition < self.n_repeats and is_whole


def _checked(scores: object, *, n_test: int, n_classes: int) -> Scores:
    """Return what a family has given, if that is what it was asked for: one of another package may give anything.

    Raises
    ------
    TypeError, ValueError
        If it is not.
    """
    if not isinstance(scores, Scores):
        raise TypeError(f"the family gave a {type(scores).__name__} and no Scores")
    shape = (len(scores.steps), n_test, n_classes)
    if (
        not scores.steps
        or list(scores.steps) != sorted(set(scores.steps))
        or np.shape(scores.logits) != shape
    ):
        raise ValueError(
            f"logits of shape {np.shape(scores.logits)} where {shape} was asked for (steps, texts, classes)"
        )
    if np.isnan(scores.logits).any():
        raise ValueError("scores that are no numbers: the fit went astray")
    return scores


def data_key(dataset: Dataset, partitions: tuple[Partition, ...]) -> str:
    """Return a digest of everything a split is cut from: texts and columns beside them, labels, groups and folds."""
    digest = hashlib.sha256()
    for text in dataset.texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\x00")
    digest.update("\x00".join(dataset.classes).encode("utf-8", "surrogatepass"))
    for array in (dataset.codes, dataset.groups, *(partition.fold_of_row for partition in partitions)):
        digest.update(array.tobytes())
    if dataset.frame is not None:
        digest.update(dataset.frame.iloc[:, 1:].to_csv().encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
