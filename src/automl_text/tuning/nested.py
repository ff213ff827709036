"""The choice inside nested cross-validation: inner scores choose, outer predictions are only looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from automl_text.results import SplitChoice
from automl_text.statistics.choice import choose_trial
from automl_text.statistics.metrics import macro_f1_by_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Partition, Split
    from automl_text.engine.unit import Outcome
    from automl_text.families.contract import ModelFamily, Params, Scores
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.plan import UnitMaker

NOT_RUN = "The search ended before all of its fits were done."


class JudgedTrial(Protocol):
    """A trial that an outer split can choose by inner scores and then be judged by."""

    @property
    def number(self) -> int:
        """Place in its list of trials."""

    @property
    def params(self) -> Params:
        """The params themselves."""

    @property
    def steps(self) -> tuple[int, ...]:
        """Epochs or rounds at which every fit was looked at."""

    def outer_fit(self, fold: int) -> Scores:
        """Return the scores of the fit without ``fold``."""

    def inner_predicted(self, outer: int) -> NDArray[np.int64]:
        """Return what outer fold ``outer`` may choose by, shape (n_steps, n_rows); -1 on its own rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A trial and the scores of its fits on one partition; every fit succeeded.

    Attributes
    ----------
    number : int
        Place in the family's list of trials; 0 is the default trial.
    params : dict of str to scalar
    partition : Partition
    fits : mapping of Split to Scores
        All outer splits of the partition, and all inner ones unless the family is a reference; on an inner partition
        the splits that it was tuned by.
    """

    number: int
    params: Params
    partition: Partition
    fits: Mapping[Split, Scores]

    @property
    def steps(self) -> tuple[int, ...]:
        """Epochs or rounds at which every fit was looked at."""
        return next(iter(self.fits.values())).steps

    def outer_fit(self, fold: int) -> Scores:
        """Return the scores of the fit without ``fold``."""
        return next(scores for split, scores in self.fits.items() if split.test == (fold,))

    def outer_logits(self) -> NDArray[np.float32]:
        """Return out-of-fold logits by step, shape (n_steps, n_rows, n_classes); NaN on rows in no part."""
        fold_of_row = self.partition.fold_of_row
        n_classes = self.outer_fit(0).logits.shape[-1]
        logits = np.full((len(self.steps), len(fold_of_row), n_classes), np.nan, dtype=np.float32)
        for fold in range(self.partition.n_folds):
            logits[:, fold_of_row == fold] = self.outer_fit(fold).logits
        return logits

    def outer_predicted(self) -> NDArray[np.int64]:
        """Return out-of-fold classes by step, shape (n_steps, n_rows); -1 on rows that no fit has left out."""
        return self._predicted([(split, fold) for split, fold in self._judged() if len(split.test) == 1])

    def inner_predicted(self, outer: int) -> NDArray[np.int64]:
        """Return what outer fold ``outer`` may choose by, shape (n_steps, n_rows).

        The class predicted for each row outside ``outer`` by the fit that left out its fold and ``outer``; -1 on the
        rows of ``outer``.
        """
        pairs = [(s, p) for s, p in self._judged() if len(s.test) > 1 and outer in s.test and p != outer]
        return self._predicted(pairs)

    def _judged(self) -> list[tuple[Split, int]]:
        return [(split, fold) for split in self.fits for fold in split.test]

    def _predicted(self, judged: list[tuple[Split, int]]) -> NDArray[np.int64]:
        fold_of_row = self.partition.fold_of_row
        predicted = np.full((len(self.steps), len(fold_of_row)), -1, dtype=np.int64)
        for split, fold in judged:
            here = fold_of_row[self.partition.rows(split.test)] == fold
            predicted[:, fold_of_row == fold] = self.fits[split].logits[:, here].argmax(axis=-1)
        return predicted


def fits_or_reason(
    maker: UnitMaker,
    outcomes: Mapping[str, Outcome],
    *,
    family: ModelFamily,
    params: Params,
    splits: Sequence[Split],
) -> tuple[dict[Split, Scores], str]:
    """Return the scores of a trial on all ``splits``, or why it lacks one; `NOT_RUN` where an early end left it out."""
    fits: dict[Split, Scores] = {}
    for split in splits:
        outcome = outcomes.get(maker.unit(family, split, params).key)
        if outcome is None:
            return {}, NOT_RUN
        if outcome.scores is None:
            return {}, outcome.reason
        fits[split] = outcome.scores
    return fits, ""


SMOOTHING = 3
"""Neighbouring steps whose scores are averaged before the best is taken: one step's score is noisy."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """What the scores of some rows chose.

    Attributes
    ----------
    trial_index : int
        Index into the trials judged.
    step_index : int
        Index into that trial's steps.
    scores : tuple of float, length n_trials
        Macro-F1 of every trial at its own best step.
    step_indices : tuple of int, length n_trials
    predicted : ndarray of int64, shape (n_rows,)
        The chosen trial's classes at its chosen step; -1 on rows that were not judged.
    """

    trial_index: int
    step_index: int
    scores: tuple[float, ...]
    step_indices: tuple[int, ...]
    predicted: NDArray[np.int64]


def choose(predicted: Sequence[NDArray[np.int64]], truth: Truth, *, has_default: bool = True) -> Choice:
    """Choose among trials by what they predict for rows that their fits had left out.

    Parameters
    ----------
    predicted : sequence over trials of ndarray of int64, each of shape (n_steps, n_rows)
        Predicted classes by step; -1 on rows that may not be looked at, the same rows at every trial.
    truth : Truth
        Of the same rows.
    has_default : bool
        Whether the first is the default trial, which another must beat by more than luck; else the
        highest macro-F1 is taken.
    """
    rows = np.flatnonzero(predicted[0][0] >= 0)
    codes, measurable = truth.codes[rows], truth.measurable
    curves = [macro_f1_by_step(codes, of_trial[:, rows], measurable) for of_trial in predicted]
    steps = tuple(best_step(curve) for curve in curves)
    at_best = np.stack([of_trial[step] for of_trial, step in zip(predicted, steps, strict=True)])
    scores = tuple(float(curve[step]) for curve, step in zip(curves, steps, strict=True))
    index = int(np.argmax(scores))
    if has_default:
        index = choose_trial(at_best[:, rows], codes, truth.groups[rows], measurable)
    return Choice(
        trial_index=index,
        step_index=steps[index],
        scores=scores,
        step_indices=steps,
        predicted=at_best[index],
    )


def best_step(curve: NDArray[np.float64]) -> int:
    """Return the earliest index of the highest smoothed score; the ends repeat their own value."""
    padded = np.pad(curve, SMOOTHING // 2, mode="edge")
    smoothed = np.convolve(padded, np.full(SMOOTHING, 1 / SMOOTHING), mode="valid")
    return int(np.flatnonzero(smoothed >= smoothed.max() - 1e-12)[0])


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
