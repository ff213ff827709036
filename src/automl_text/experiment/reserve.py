"""How much of a time budget the model that a run leaves behind needs, learned from the fits that are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.experiment.forecast import DOUBT, TENSORFLOW_SECONDS, VERDICT_SECONDS_PER_ROW

if TYPE_CHECKING:
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.tuning.plan import SearchPlan

LEAST_SHARE = 0.5
"""A fit on fewer of the rows says little of one on all of them."""


def seconds_to_ship(plan: SearchPlan, unit: Unit, outcome: Outcome) -> float:
    """Return the seconds of the verdict and of a final fit as slow for its rows as this one; 0 where it says nothing.

    Any family can be recommended, and any trial chosen, so the slowest fit of all counts.
    """
    n_rows = len(plan.all_partitions[unit.split.partition].rows(unit.split.train)) * unit.split.fraction
    if outcome.scores is None or n_rows < LEAST_SHARE * plan.dataset.n_rows:
        return 0.0
    final_fit = outcome.scores.fit_seconds * plan.dataset.n_rows / n_rows
    start = TENSORFLOW_SECONDS if unit.runtime == "tensorflow" else 0.0
    return start + DOUBT * final_fit + VERDICT_SECONDS_PER_ROW * plan.dataset.n_rows
