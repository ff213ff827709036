"""`Trial`: one trial of a search space with the fits that one partition's splits gave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Partition, Split
    from automl_text.engine.unit import Outcome
    from automl_text.families.contract import ModelFamily, Params, Scores
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
