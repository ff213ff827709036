"""The rule that `early_ends.py` replays: clear losers leave after an inner split, the rest is chosen from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.influence import standard_error
from automl_text.statistics.metrics import macro_f1_by_step
from automl_text.tuning.nested import best_step, choose_by_inner, choose_over_all
from automl_text.tuning.plan import inner_splits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Split
    from automl_text.results import Evaluation
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.nested import Repeat, Trial

LEAST_SPLITS = 2
"""Inner splits that each choice must have seen before any trial is dropped."""

OVER_ALL = -1
"""The choice over all rows, beside those of outer parts 0, 1, and so on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """All trials on the rows that one choice has seen: macro-F1 (n_trials,), influence (n_trials, n_groups)."""

    scores: NDArray[np.float64]
    influence: NDArray[np.float64]

    def loses(self, params: int, left: Sequence[int], z: float) -> bool:
        """Return whether ``trial`` is clearly worse than the best of the trials ``left``."""
        best = max(left, key=lambda each: float(self.scores[each]))
        error = standard_error(self.influence[params] - self.influence[best])
        return bool(self.scores[params] - self.scores[best] + z * error < 0)


def in_order(n_folds: int) -> list[Split]:
    """Return the inner splits so that all outer parts are judged early: neighbours on a ring of parts first."""
    apart = {split: split.test[1] - split.test[0] for split in inner_splits(0, n_folds)}
    return sorted(apart, key=lambda split: min(apart[split], n_folds - apart[split]))


def standing(trials: Sequence[Trial], seen: Sequence[Split], choice: int, truth: Truth) -> Standing:
    """Return how all trials do on the test rows of the splits ``seen``, without those of part ``choice``."""
    partition = trials[0].partition
    kept = {split: partition.fold_of_row[partition.rows(split.test)] != choice for split in seen}
    rows = np.concatenate([partition.rows(split.test)[of_split] for split, of_split in kept.items()])
    judge = replace(truth, codes=truth.codes[rows], groups=truth.groups[rows])
    scores, values = [], []
    for params in trials:
        logits = [params.fits[split].logits[:, of_split] for split, of_split in kept.items()]
        by_step = np.concatenate(logits, axis=1).argmax(axis=-1)
        curve = macro_f1_by_step(judge.codes, by_step, judge.measurable)
        step = best_step(curve)
        scores.append(curve[step])
        values.append(judge.influence(by_step[step]))
    return Standing(scores=np.array(scores), influence=np.stack(values))


def standings(trials: Sequence[Trial], truth: Truth) -> list[list[Standing]]:
    """Return the standing for every choice after each inner split; no entries while a choice has seen too few."""
    n_folds = trials[0].partition.n_folds
    order, stages = in_order(n_folds), []
    for number in range(1, len(order) + 1):
        seen = {
            part: [split for split in order[:number] if part == OVER_ALL or part in split.test]
            for part in (OVER_ALL, *range(n_folds))
        }
        is_enough = min(map(len, seen.values())) >= LEAST_SPLITS
        stages.append([standing(trials, seen[part], part, truth) for part in seen] if is_enough else [])
    return stages


def dropped(stages: Sequence[Sequence[Standing]], n_trials: int, z: float) -> dict[int, int]:
    """Return the trials that are dropped, each with the number of inner splits that it was fitted on."""
    gone: dict[int, int] = {}
    for number, choices in enumerate(stages, start=1):
        left = [params for params in range(n_trials) if params not in gone]
        for params in left[1:] if choices else []:
            if all(each.loses(params, left, z) for each in choices):
                gone[params] = number
    return gone


def choices_of(trials: Sequence[Trial], truth: Truth) -> tuple[Repeat, tuple[int, int]]:
    """Return what the outer splits choose among ``trials``, as the tool does; number and steps of the final trial."""
    partition = trials[0].partition
    repeat = choose_by_inner([trials] * partition.n_folds, partition.fold_of_row, truth)
    final = choose_over_all([trials], truth)
    params = trials[final.trial_index]
    return repeat, (params.number, params.steps[final.step_index])


def check(evaluation: Evaluation, repeat: Repeat, final: tuple[int, int], macro_f1: float) -> None:
    """Compare a replay without the rule with what the tool reported.

    Raises
    ------
    ValueError
        If a choice, its inner score, the final trial or the outer macro-F1 differs.
    """
    told, found = (
        [(each.trial, each.steps, each.inner_score) for each in choices]
        for choices in (evaluation.choices, repeat.split_choices(0))
    )
    reported = (evaluation.final_trial, evaluation.final_steps)
    if told != found or reported != final or evaluation.macro_f1 != macro_f1:
        raise ValueError(
            f"{evaluation.family}: the tool chose {told}, {reported} and reached {evaluation.macro_f1}; "
            f"the replay {found}, {final} and {macro_f1}"
        )
