"""What probably does not fit into a time budget, said before the first fit, from rough costs of each family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from automl_text.experiment.budget import HARD_SHARE, MOST_SECURED, REFIT_SHARE, SHARES
from automl_text.experiment.pilot import measured_slowness
from automl_text.families.majority import FAMILY as MAJORITY
from automl_text.statistics.learning_curve import curve_design
from automl_text.tuning.cost import SECONDS, Load
from automl_text.tuning.plan import derived_seed, inner_splits, needed_splits, outer_splits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from automl_text.experiment.budget import Budget
    from automl_text.tuning.plan import FamilySearch, SearchPlan

DOUBT = 1.5
"""What needs this factor more time than there is is said not to fit; within the factor either way, perhaps.
`SECONDS` missed what was measured (texts of 35 and 620 characters, 18 and 52 categories, 400 to 5,000 rows)
by a factor of 1.5 or less in most cases, 3 at worst."""

VERDICT_SECONDS_PER_ROW = 1.0e-3
"""Of the verdict on three or four families, on a core that is busy with other work too. On an idle one it took .26 ms
a row for 20,000 rows in 18 categories, .96 ms in 150."""

TENSORFLOW_SECONDS = 12.0
"""A process that imports TensorFlow and traces a network, once."""

Chance = Literal["yes", "perhaps", "no"]


ENCODING_SECONDS = 5.0e-5
"""Of a small sentence encoder, per character; each text is encoded once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Fits that run together, in the order of a budgeted search.

    Attributes
    ----------
    name : str
        As a person reads it.
    share : float
        Share of the budget after which they are no more started.
    seconds : float
        Foreseen, of one core.
    """

    name: str
    share: float
    seconds: float


def forecast(plan: SearchPlan, budget: Budget, jobs: int) -> str:
    """Return one sentence: what the budget probably allows and what not, with ``jobs`` processes side by side."""
    seed = derived_seed(plan.maker.run_seed, "pilot")
    return foreseen(plan, budget, jobs, slowness=measured_slowness(plan.dataset, seed=seed))


def foreseen(plan: SearchPlan, budget: Budget, jobs: int, *, slowness: float) -> str:
    """Return the sentence for a machine that takes ``slowness`` times the seconds of `SECONDS`."""
    used = budget.used
    chances: dict[Chance, list[str]] = {"yes": [], "perhaps": [], "no": []}
    needed = 0.0
    for step in steps(plan):
        needed += slowness * step.seconds / jobs
        chances[chance(needed, step.share * budget.seconds - used)].append(step.name)
    verdict = VERDICT_SECONDS_PER_ROW * plan.dataset.n_rows
    available = left_for_final_fit(budget.seconds, fits_end=used + needed, verdict=verdict)
    for name, seconds in final_fits(plan):
        final = chance(slowness * seconds, available)
        if final != "yes" and name not in chances["no"]:
            chances[final].append(f"the final fit of {name}")
    return sentence(chances, budget=budget.seconds, n_rows=plan.dataset.n_rows)


def chance(needed: float, available: float) -> Chance:
    """Return whether ``needed`` seconds fit into ``available`` ones, both rough."""
    if needed * DOUBT <= available:
        return "yes"
    return "perhaps" if needed <= DOUBT * available else "no"


def sentence(chances: Mapping[Chance, Sequence[str]], *, budget: float, n_rows: int) -> str:
    """Return the forecast in words."""
    minutes = f"{budget / 60:.3g} min" if budget >= 60 else f"{budget:.3g} s"  # noqa: PLR2004  (seconds of a minute)
    begin = f"In {minutes} these {n_rows:,} rows"
    if not chances["perhaps"] and not chances["no"]:
        return f"{begin} probably allow everything that was asked for."
    parts = [
        f"{words} {', '.join(names)}"
        for words, names in (
            ("probably", chances["yes"]),
            ("perhaps", chances["perhaps"]),
            ("probably not", chances["no"]),
        )
        if names
    ]
    return f"{begin} allow: {'; '.join(parts)}."


def steps(plan: SearchPlan) -> Iterator[Step]:
    """Yield what a budgeted search does, in its order; what cannot run here or be foreseen is left out."""
    load = Load.of(plan.dataset.texts, plan.dataset.n_classes)
    known = [each for each in plan.families if each.family.name in SECONDS and not each.why_unavailable]
    tuned = sorted((each for each in known if not each.family.is_reference), key=_simplicity)
    yield from _references(plan, [each for each in known if each.family.name == MAJORITY.name], load)
    for each in tuned:
        seconds = _start(each, load) + _seconds(each, load, _all_shares(plan, each))
        yield Step(name=each.family.name, share=SHARES["trials"], seconds=seconds)
    yield from _references(plan, [each for each in known if each.family.name != MAJORITY.name], load)
    trials = sum(_further_seconds(plan, each, load) for each in tuned)
    if trials:
        yield Step(name="all further trials", share=SHARES["trials"], seconds=trials)
    if plan.inner_partitions:
        outer = sum(_seconds(each, load, 2 * _outer_shares(plan)) for each in tuned)
        yield Step(name="the tuned trials on all training rows", share=SHARES["outer"], seconds=outer)
    if plan.with_curve:
        curve = sum(_seconds(each, load, _curve_shares(plan)) for each in tuned)
        yield Step(name="the learning curves", share=SHARES["curve"], seconds=curve)


def final_fits(plan: SearchPlan) -> Iterator[tuple[str, float]]:
    """Yield each family that can be recommended, and the seconds of its fit on all rows."""
    load = Load.of(plan.dataset.texts, plan.dataset.n_classes)
    for each in plan.families:
        if each.family.name in SECONDS and not each.family.is_reference and not each.why_unavailable:
            start = TENSORFLOW_SECONDS if each.family.runtime == "tensorflow" else 0.0
            yield each.family.name, start + _seconds(each, load, [1.0])


def left_for_final_fit(budget: float, *, fits_end: float, verdict: float) -> float:
    """Return the seconds from the end of the verdict to the end of the final fit.

    The other fits end early where it needs so much, but not earlier than `MOST_SECURED` allows.

    Parameters
    ----------
    budget : float
        Seconds of the whole run.
    fits_end : float
        Seconds after which all other fits would be made, if nothing ended them.
    verdict : float
        Seconds that the verdict takes.
    """
    return REFIT_SHARE * budget - min(fits_end, (HARD_SHARE - MOST_SECURED) * budget) - verdict


def _simplicity(planned: FamilySearch) -> int:
    return planned.family.simplicity


def _references(plan: SearchPlan, known: Sequence[FamilySearch], load: Load) -> Iterator[Step]:
    for each in known:
        if each.family.is_reference:
            seconds = _start(each, load) + _seconds(each, load, _outer_shares(plan))
            yield Step(name=each.family.name, share=SHARES["trials"], seconds=seconds)


def _start(planned: FamilySearch, load: Load) -> float:
    """Return what a family costs before its first fit."""
    encoding = ENCODING_SECONDS * load.characters if planned.family.name == "encoder" else 0.0
    return encoding + (TENSORFLOW_SECONDS if planned.family.runtime == "tensorflow" else 0.0)


def _seconds(planned: FamilySearch, load: Load, shares: Sequence[float]) -> float:
    """Return the seconds of one fit on each of these shares of the rows."""
    return sum(SECONDS[planned.family.name](load.share(share)) for share in shares)


def _further_seconds(plan: SearchPlan, planned: FamilySearch, load: Load) -> float:
    """Return the seconds of all trials but the default one."""
    shares = _inner_shares(plan) if plan.inner_partitions else _all_shares(plan, planned)
    return (planned.n_trials - 1) * _seconds(planned, load, shares)


def _all_shares(plan: SearchPlan, planned: FamilySearch) -> list[float]:
    """Return the shares of the rows that the fits of the default trial train on."""
    if plan.inner_partitions:
        return _outer_shares(plan) + _inner_shares(plan)
    return [
        len(split.train) / partition.n_folds
        for index, partition in enumerate(plan.partitions)
        for split in needed_splits(planned.family, index, partition.n_folds)
    ]


def _inner_shares(plan: SearchPlan) -> list[float]:
    """Return the shares that the fits of one trial train on wherever it is tuned, where splits tune by themselves."""
    return [
        float(np.mean(np.isin(plan.all_partitions[index].fold_of_row, split.train)))
        for index in range(len(plan.partitions), len(plan.all_partitions))
        for split in plan.tuning_splits(index)
    ]


def _outer_shares(plan: SearchPlan) -> list[float]:
    return [
        len(split.train) / partition.n_folds
        for index, partition in enumerate(plan.partitions)
        for split in outer_splits(index, partition.n_folds)
    ]


def _curve_shares(plan: SearchPlan) -> list[float]:
    n_folds = plan.partitions[0].n_folds
    fewer = [len(each.train) * each.fraction / n_folds for each in curve_design(n_folds)]
    inner = [len(each.train) / n_folds for each in inner_splits(0, n_folds)] if plan.inner_partitions else []
    return fewer + inner
