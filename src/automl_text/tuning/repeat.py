"""`Repeat`: one family on one partition, with what each outer split chose; and how it chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import SplitChoice
from automl_text.tuning.nested import Choice, choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.statistics.comparison import Truth
    from automl_text.tuning.tried import JudgedPoint, TriedPoint


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeat:
    """One family on one partition, chosen from.

    Attributes
    ----------
    part_of_row : ndarray of int64, shape (n_rows,)
    tried : tuple of tuples of JudgedPoint, length n_parts
        The points that each outer split chose from, by number.
    choices : tuple of Choice, length n_parts
        What each outer split chose by its inner scores, as an index into its entry of ``tried``.
    truth : Truth
    """

    part_of_row: NDArray[np.int64]
    tried: tuple[tuple[JudgedPoint, ...], ...]
    choices: tuple[Choice, ...]
    truth: Truth

    def outer_logits(self) -> NDArray[np.float32]:
        """Return every row's logits from the fit without its part, shape (n_rows, n_classes)."""
        n_classes = len(self.truth.measurable)
        logits = np.full((len(self.part_of_row), n_classes), np.nan, dtype=np.float32)
        for part, choice in enumerate(self.choices):
            fit = self.tried[part][choice.point_index].outer_fit(part)
            logits[self.part_of_row == part] = fit.logits[choice.step_index]
        return logits

    def outer_predicted(self) -> NDArray[np.int64]:
        """Return every row's class from the fit without its part, shape (n_rows,)."""
        return np.asarray(self.outer_logits().argmax(axis=-1), dtype=np.int64)

    def inner_predicted(self) -> NDArray[np.int64]:
        """Return what each outer split saw of its choice, shape (n_parts, n_rows)."""
        return np.stack([choice.predicted for choice in self.choices])

    def split_choices(self, first_split: int) -> tuple[SplitChoice, ...]:
        """Return a record of each outer split's choice and what came of it, numbered from ``first_split``."""
        return tuple(self._split_choice(part, first_split + part) for part in range(len(self.choices)))

    def _split_choice(self, part: int, split: int) -> SplitChoice:
        choice = self.choices[part]
        point = self.tried[part][choice.point_index]
        fit = point.outer_fit(part)
        truth = self.truth.take(np.flatnonzero(self.part_of_row == part))
        training = fit.training.get("macro_f1")
        return SplitChoice(
            split=split,
            trial=point.number,
            point=dict(point.point),
            steps=fit.steps[choice.step_index],
            inner_score=choice.scores[choice.point_index],
            outer_score=truth.macro_f1(fit.logits[choice.step_index].argmax(axis=-1)),
            training_score=None if training is None else training[choice.step_index],
        )


def choose_by_inner(
    tried: Sequence[Sequence[JudgedPoint]], part_of_row: NDArray[np.int64], truth: Truth
) -> Repeat:
    """Let every outer split choose among its entry of ``tried`` by the scores of its own inner splits."""
    choices = tuple(
        choose([point.inner_predicted(part) for point in points], truth, has_default=points[0].number == 0)
        for part, points in enumerate(tried)
    )
    return Repeat(
        part_of_row=part_of_row, tried=tuple(tuple(points) for points in tried), choices=choices, truth=truth
    )


def take_as_it_is(point: TriedPoint, truth: Truth) -> Repeat:
    """Take a reference's only point at its last step on every outer split: there is nothing to choose."""
    last = len(point.steps) - 1
    predicted = point.outer_predicted()[last]
    choice = Choice(
        point_index=0,
        step_index=last,
        scores=(truth.macro_f1(predicted),),
        step_indices=(last,),
        predicted=predicted,
    )
    n_parts = point.partition.n_parts
    return Repeat(
        part_of_row=point.partition.part_of_row,
        tried=((point,),) * n_parts,
        choices=(choice,) * n_parts,
        truth=truth,
    )


def choose_over_all(repeats: Sequence[Sequence[TriedPoint]], truth: Truth) -> Choice:
    """Choose a point by its out-of-fold predictions in all partitions.

    Parameters
    ----------
    repeats : sequence over partitions of sequences of TriedPoint
        The same points in the same order in each.
    """
    predicted = [
        np.concatenate([point.outer_predicted() for point in same_point], axis=1)
        for same_point in zip(*repeats, strict=True)
    ]
    return choose(predicted, truth.repeated(len(repeats)), has_default=repeats[0][0].number == 0)
