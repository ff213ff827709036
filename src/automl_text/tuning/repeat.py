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

    from automl_text.statistics.truth import Truth
    from automl_text.tuning.tried import JudgedTrial, Trial


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeat:
    """One family on one partition, chosen from.

    Attributes
    ----------
    fold_of_row : ndarray of int64, shape (n_rows,)
    tried : tuple of tuples of JudgedTrial, length n_folds
        The trials that each outer split chose from, by number.
    choices : tuple of Choice, length n_folds
        What each outer split chose by its inner scores, as an index into its entry of ``tried``.
    truth : Truth
    """

    fold_of_row: NDArray[np.int64]
    tried: tuple[tuple[JudgedTrial, ...], ...]
    choices: tuple[Choice, ...]
    truth: Truth

    def outer_logits(self) -> NDArray[np.float32]:
        """Return every row's logits from the fit without its fold, shape (n_rows, n_classes)."""
        n_classes = len(self.truth.measurable)
        logits = np.full((len(self.fold_of_row), n_classes), np.nan, dtype=np.float32)
        for fold, choice in enumerate(self.choices):
            fit = self.tried[fold][choice.trial_index].outer_fit(fold)
            logits[self.fold_of_row == fold] = fit.logits[choice.step_index]
        return logits

    def outer_predicted(self) -> NDArray[np.int64]:
        """Return every row's class from the fit without its fold, shape (n_rows,)."""
        return np.asarray(self.outer_logits().argmax(axis=-1), dtype=np.int64)

    def inner_predicted(self) -> NDArray[np.int64]:
        """Return what each outer split saw of its choice, shape (n_folds, n_rows)."""
        return np.stack([choice.predicted for choice in self.choices])

    def split_choices(self, first_split: int) -> tuple[SplitChoice, ...]:
        """Return a record of each outer split's choice and what came of it, numbered from ``first_split``."""
        return tuple(self._split_choice(fold, first_split + fold) for fold in range(len(self.choices)))

    def _split_choice(self, fold: int, split: int) -> SplitChoice:
        choice = self.choices[fold]
        trial = self.tried[fold][choice.trial_index]
        fit = trial.outer_fit(fold)
        truth = self.truth.take(np.flatnonzero(self.fold_of_row == fold))
        training = fit.training.get("macro_f1")
        return SplitChoice(
            split=split,
            trial=trial.number,
            params=dict(trial.params),
            steps=fit.steps[choice.step_index],
            inner_score=choice.scores[choice.trial_index],
            outer_score=truth.macro_f1(fit.logits[choice.step_index].argmax(axis=-1)),
            training_score=None if training is None else training[choice.step_index],
        )


def choose_by_inner(
    tried: Sequence[Sequence[JudgedTrial]], fold_of_row: NDArray[np.int64], truth: Truth
) -> Repeat:
    """Let every outer split choose among its entry of ``tried`` by the scores of its own inner splits."""
    choices = tuple(
        choose([trial.inner_predicted(fold) for trial in trials], truth, has_default=trials[0].number == 0)
        for fold, trials in enumerate(tried)
    )
    return Repeat(
        fold_of_row=fold_of_row, tried=tuple(tuple(trials) for trials in tried), choices=choices, truth=truth
    )


def take_as_it_is(trial: Trial, truth: Truth) -> Repeat:
    """Take a reference's only trial at its last step on every outer split: there is nothing to choose."""
    last = len(trial.steps) - 1
    predicted = trial.outer_predicted()[last]
    choice = Choice(
        trial_index=0,
        step_index=last,
        scores=(truth.macro_f1(predicted),),
        step_indices=(last,),
        predicted=predicted,
    )
    n_folds = trial.partition.n_folds
    return Repeat(
        fold_of_row=trial.partition.fold_of_row,
        tried=((trial,),) * n_folds,
        choices=(choice,) * n_folds,
        truth=truth,
    )


def choose_over_all(repeats: Sequence[Sequence[Trial]], truth: Truth) -> Choice:
    """Choose a trial by its out-of-fold predictions in all partitions.

    Parameters
    ----------
    repeats : sequence over partitions of sequences of Trial
        The same trials in the same order in each.
    """
    predicted = [
        np.concatenate([trial.outer_predicted() for trial in same_trial], axis=1)
        for same_trial in zip(*repeats, strict=True)
    ]
    return choose(predicted, truth.repeated(len(repeats)), has_default=repeats[0][0].number == 0)
