"""The choice inside nested cross-validation: inner scores choose, outer predictions are only looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.results import SplitChoice
from automl_text.statistics.choice import choose_trial
from automl_text.statistics.metrics import macro_f1_by_step
from automl_text.tuning.plan import truth_about

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Partition, Split
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Params, Scores
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.plan import SearchPlan
    from automl_text.tuning.splits import Chooser

_SMOOTHING = 3
"""Neighbouring steps whose scores are averaged before the best is taken: one step's score is noisy."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """One set of params with the scores of its fits, all of which succeeded."""

    number: int
    """Place in the family's list; 0 is the default."""
    params: Params
    fits: Mapping[Split, Scores]

    @property
    def steps(self) -> tuple[int, ...]:
        """Epochs or rounds at which every fit was looked at."""
        return next(iter(self.fits.values())).steps

    def predicted(
        self, judged: Sequence[tuple[Split, int]], partitions: Sequence[Partition]
    ) -> NDArray[np.int64]:
        """Return classes by step, shape (n_steps, n_rows); -1 on rows that no fit judges here.

        Parameters
        ----------
        judged : sequence of (Split, int)
            Fits, each with the one of its test folds whose rows are wanted. Those of several partitions stand side by
            side: shape (n_steps, n_partitions * n_rows).
        partitions : sequence of Partition
            What ``split.partition`` counts.
        """
        found: dict[int, NDArray[np.int64]] = {}
        for split, fold in judged:
            partition = partitions[split.partition]
            fold_of_row = partition.fold_of_row
            nothing = np.full((len(self.steps), len(fold_of_row)), -1, dtype=np.int64)
            here = fold_of_row[partition.rows(split.test)] == fold
            predicted = self.fits[split].logits[:, here].argmax(axis=-1)
            found.setdefault(split.partition, nothing)[:, fold_of_row == fold] = predicted
        return np.concatenate(list(found.values()), axis=1)

    def outer_logits(self, splits: Sequence[Split], partition: Partition) -> NDArray[np.float32]:
        """Return out-of-fold logits by step of a partition's outer splits, shape (n_steps, n_judged, n_classes)."""
        n_classes, judged = self.fits[splits[0]].logits.shape[-1], partition.judged()
        logits = np.empty((len(self.steps), len(judged.fold_of_row), n_classes), dtype=np.float32)
        for fold, split in enumerate(splits):
            logits[:, judged.rows((fold,))] = self.fits[split].logits
        return logits


NOT_RUN = "The search ended before all of its fits were done."


def fits_or_reason(units: Sequence[Unit], outcomes: Mapping[str, Outcome]) -> tuple[dict[Split, Scores], str]:
    """Return the scores of ``units`` by split, or why one is missing; `NOT_RUN` where an early end left it out."""
    fits: dict[Split, Scores] = {}
    for unit in units:
        outcome = outcomes.get(unit.key)
        if outcome is None:
            return {}, NOT_RUN
        if outcome.scores is None:
            return {}, outcome.reason
        fits[unit.split] = outcome.scores
    return fits, ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """What the scores of some rows chose."""

    trial_index: int
    """Index into the trials judged."""
    scores: tuple[float, ...]
    """Macro-F1 of every trial at its own best step."""
    step_indices: tuple[int, ...]
    """The best step of every trial."""
    predicted: NDArray[np.int64]
    """The chosen trial's classes at its chosen step, shape (n_rows,); -1 on rows that were not judged."""

    @property
    def step_index(self) -> int:
        """Index into the chosen trial's steps."""
        return self.step_indices[self.trial_index]


def _choose(predicted: Sequence[NDArray[np.int64]], truth: Truth, *, has_default: bool = True) -> Choice:
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
    seen = truth.take(rows)
    codes, measurable = seen.codes, seen.measurable
    curves = [macro_f1_by_step(codes, of_trial[:, rows], measurable) for of_trial in predicted]
    steps = tuple(best_step(curve) for curve in curves)
    at_best = np.stack([of_trial[step] for of_trial, step in zip(predicted, steps, strict=True)])
    scores = tuple(float(curve[step]) for curve, step in zip(curves, steps, strict=True))
    index = int(np.argmax(scores))
    if has_default:
        index = choose_trial(at_best[:, rows], seen)
    return Choice(trial_index=index, scores=scores, step_indices=steps, predicted=at_best[index])


def best_step(curve: NDArray[np.float64]) -> int:
    """Return the earliest index of the highest smoothed score; the ends repeat their own value."""
    padded = np.pad(curve, _SMOOTHING // 2, mode="edge")
    smoothed = np.convolve(padded, np.full(_SMOOTHING, 1 / _SMOOTHING), mode="valid")
    return int(np.flatnonzero(smoothed >= smoothed.max() - 1e-12)[0])


def choose_for(chooser: Chooser, trials: Sequence[Trial], plan: SearchPlan) -> Choice:
    """Return what ``chooser`` takes of ``trials``, by the rows that it may look at and no other."""
    predicted = [trial.predicted(chooser.judged, plan.all_partitions) for trial in trials]
    n_times = predicted[0].shape[1] // plan.dataset.n_rows
    if len(chooser.outer) == 1:  # in time order a group may lie in several folds
        groups, partition = plan.dataset.groups, plan.partitions[chooser.outer[0].partition]
        hidden = np.isin(groups, groups[partition.rows(chooser.outer[0].test)])
        for of_trial in predicted:
            of_trial[:, hidden] = -1
    return _choose(predicted, plan.truth.repeated(n_times), has_default=trials[0].number == 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeat:
    """One family on one partition: what each outer split chose from, and what it chose."""

    partition: Partition
    choosers: tuple[Chooser, ...]
    tried: tuple[tuple[Trial, ...], ...]
    """For each outer split, by number."""
    choices: tuple[Choice, ...]
    """Indices into the same entry of ``tried``."""
    truth: Truth

    @classmethod
    def chosen(
        cls, choosers: Sequence[Chooser], tried: Sequence[Sequence[Trial]], plan: SearchPlan
    ) -> Repeat:
        """Let every outer split of a partition choose among its entry of ``tried``."""
        return cls(
            partition=plan.partitions[choosers[0].outer[0].partition],
            choosers=tuple(choosers),
            tried=tuple(map(tuple, tried)),
            choices=tuple(
                choose_for(chooser, trials, plan) for chooser, trials in zip(choosers, tried, strict=True)
            ),
            truth=plan.truth,
        )

    @property
    def splits(self) -> tuple[Split, ...]:
        """The outer splits."""
        return tuple(chooser.outer[0] for chooser in self.choosers)

    @property
    def is_fitted(self) -> bool:
        """Whether every choice was also fitted on its split's whole training folds."""
        return all(
            split in trials[choice.trial_index].fits
            for split, trials, choice in zip(self.splits, self.tried, self.choices, strict=True)
        )

    def outer_logits(self) -> NDArray[np.float32]:
        """Return every judged row's logits from the fit without its fold, shape (n_judged, n_classes)."""
        judged = self.partition.judged()
        logits = np.empty((len(judged.fold_of_row), len(self.truth.measurable)), dtype=np.float32)
        for number in range(len(self.splits)):
            fit, step = self._chosen(number)
            logits[judged.rows((number,))] = fit.logits[step]
        return logits

    def outer_predicted(self) -> NDArray[np.int64]:
        """Return every judged row's class from the fit without its fold, shape (n_judged,)."""
        return np.asarray(self.outer_logits().argmax(axis=-1), dtype=np.int64)

    def inner_predicted(self) -> NDArray[np.int64]:
        """Return what each outer split saw of its choice, shape (n_folds, n_rows)."""
        return np.stack([choice.predicted for choice in self.choices])

    def split_choices(self, first_split: int) -> tuple[SplitChoice, ...]:
        """Return a record of each outer split's choice and what came of it, numbered from ``first_split``."""
        return tuple(self._split_choice(number, first_split + number) for number in range(len(self.splits)))

    def _chosen(self, number: int) -> tuple[Scores, int]:
        choice = self.choices[number]
        return self.tried[number][choice.trial_index].fits[self.splits[number]], choice.step_index

    def _split_choice(self, number: int, split: int) -> SplitChoice:
        choice, (fit, step) = self.choices[number], self._chosen(number)
        trial = self.tried[number][choice.trial_index]
        truth = self.truth.take(self.partition.rows(self.splits[number].test))
        training = fit.training.get("macro_f1")
        return SplitChoice(
            split=split,
            trial=trial.number,
            params=dict(trial.params),
            steps=fit.steps[step],
            inner_score=choice.scores[choice.trial_index],
            outer_score=truth.macro_f1(fit.logits[step].argmax(axis=-1)),
            training_score=None if training is None else training[step],
        )


def take_as_it_is(trial: Trial, choosers: Sequence[Chooser], plan: SearchPlan) -> Repeat:
    """Take a reference's only trial at its last step on every outer split: there is nothing to choose."""
    splits = tuple(chooser.outer[0] for chooser in choosers)
    partition = plan.partitions[splits[0].partition]
    last = len(trial.steps) - 1
    predicted = trial.outer_logits(splits, partition)[last].argmax(axis=-1)
    score = truth_about(plan.judged, plan.n_outer).macro_f1(predicted)
    choice = Choice(trial_index=0, scores=(score,), step_indices=(last,), predicted=predicted)
    return Repeat(
        partition=partition,
        choosers=tuple(choosers),
        tried=((trial,),) * len(splits),
        choices=(choice,) * len(splits),
        truth=plan.truth,
    )
