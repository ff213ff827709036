"""From the tried points of one partition to choices, out-of-fold predictions and records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import SplitChoice
from automl_text.search.nested import Choice, choose
from automl_text.statistics.metrics import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.search.tried import TriedPoint
    from automl_text.statistics.comparison import Truth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeat:
    """One family on one partition, chosen from.

    Attributes
    ----------
    tried : tuple of TriedPoint
        Complete on every split of the partition; the default point first.
    choices : tuple of Choice, length n_parts
        What each outer split chose by its inner scores, as an index into ``tried``.
    truth : Truth
    """

    tried: tuple[TriedPoint, ...]
    choices: tuple[Choice, ...]
    truth: Truth

    def outer_logits(self) -> NDArray[np.float32]:
        """Return every row's logits from the fit without its part, shape (n_rows, n_classes)."""
        partition = self.tried[0].partition
        first = self.tried[0].outer_fit(0).logits
        logits = np.full((len(partition.part_of_row), first.shape[-1]), np.nan, dtype=np.float32)
        for part, choice in enumerate(self.choices):
            fit = self.tried[choice.candidate].outer_fit(part)
            logits[partition.part_of_row == part] = fit.logits[choice.step_index]
        return logits

    def outer_predicted(self) -> NDArray[np.int64]:
        """Return every row's class from the fit without its part, shape (n_rows,)."""
        return np.asarray(self.outer_logits().argmax(axis=-1), dtype=np.int64)

    def restricted_to(self, points: Sequence[TriedPoint]) -> Repeat:
        """Return what the outer splits would have chosen, had only ``points`` been tried."""
        is_reference = len(self.tried) == 1 and not self.tried[0].has_inner_fits
        return take_as_it_is(points[0], self.truth) if is_reference else choose_by_inner(points, self.truth)

    def inner_predicted(self) -> NDArray[np.int64]:
        """Return what each outer split saw of its choice, shape (n_parts, n_rows)."""
        return np.stack([choice.predicted for choice in self.choices])

    def split_choices(self, first_split: int) -> tuple[SplitChoice, ...]:
        """Return a record of each outer split's choice and what came of it, numbered from ``first_split``."""
        return tuple(self._split_choice(part, first_split + part) for part in range(len(self.choices)))

    def _split_choice(self, part: int, split: int) -> SplitChoice:
        choice = self.choices[part]
        point = self.tried[choice.candidate]
        fit = point.outer_fit(part)
        codes = self.truth.codes[point.partition.part_of_row == part]
        present = self.truth.measurable & np.isin(np.arange(len(self.truth.measurable)), codes)
        training = fit.training.get("macro_f1")
        return SplitChoice(
            split=split,
            trial=point.number,
            steps=fit.steps[choice.step_index],
            inner_score=choice.scores[choice.candidate],
            outer_score=macro_f1(codes, fit.logits[choice.step_index].argmax(axis=-1), present),
            training_score=None if training is None else training[choice.step_index],
        )


def choose_by_inner(tried: Sequence[TriedPoint], truth: Truth) -> Repeat:
    """Let every outer split choose among ``tried`` by the scores of its own inner splits."""
    n_parts = tried[0].partition.n_parts
    choices = tuple(choose([point.inner_predicted(i) for point in tried], truth) for i in range(n_parts))
    return Repeat(tried=tuple(tried), choices=choices, truth=truth)


def take_as_it_is(point: TriedPoint, truth: Truth) -> Repeat:
    """Take a reference's only point at its last step on every outer split: there is nothing to choose."""
    last = len(point.steps) - 1
    predicted = point.outer_predicted()[last]
    choice = Choice(
        candidate=0,
        step_index=last,
        scores=(truth.macro_f1(predicted),),
        step_indices=(last,),
        predicted=predicted,
    )
    return Repeat(tried=(point,), choices=(choice,) * point.partition.n_parts, truth=truth)


def choose_over_all(repeats: Sequence[Sequence[TriedPoint]], truth: Truth) -> Choice:
    """Choose the final point by the predictions of all rows in all partitions.

    Parameters
    ----------
    repeats : sequence over partitions of sequences of TriedPoint
        The same points in the same order in each.
    """
    candidates = [
        np.concatenate([point.outer_predicted() for point in same_point], axis=1)
        for same_point in zip(*repeats, strict=True)
    ]
    n_times = len(repeats)
    repeated = replace(truth, codes=np.tile(truth.codes, n_times), groups=np.tile(truth.groups, n_times))
    return choose(candidates, repeated)
