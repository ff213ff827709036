"""Independent inner splits: every outer split tunes by itself, on training rows of its own or a sample of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from automl_text.tuning.evidence import (
    FinalChoice,
    chosen_evidence,
    failed_evidence,
    trial_records,
    unfinished_record,
)
from automl_text.tuning.nested import NOT_RUN, Trial, choose, choose_by_inner, choose_over_all, fits_or_reason
from automl_text.tuning.params import strategy_of
from automl_text.tuning.plan import derived_seed, outer_splits
from automl_text.tuning.trials import Asking, sampler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from automl_text.data.dataset import Partition, Split
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Params, Scores
    from automl_text.results import TrialRecord
    from automl_text.statistics.truth import Truth
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.tuning.plan import FamilySearch, RunUnits, SearchPlan

TRIALS_AT_ONCE = 5
"""Points asked for before the scores of the last ones are told: enough to keep several processes busy."""


@dataclass(slots=True, kw_only=True, eq=False)
class Tuner:
    """One family tuned on the rows of one partition.

    Attributes
    ----------
    planned : FamilySearch
    index : int
        The partition's place in the plan.
    partition : Partition
    asking : Asking
    tried : list of Trial
        Distinct trials all of whose fits succeeded, by number.
    unfinished : list of TrialRecord
    """

    planned: FamilySearch
    index: int
    partition: Partition
    asking: Asking
    tried: list[Trial] = field(default_factory=list)
    unfinished: list[TrialRecord] = field(default_factory=list)
    _asked: list[tuple[int, Params]] = field(default_factory=list)
    _n_asked: int = 0

    @property
    def n_not_tried(self) -> int:
        """Points that an early end left out."""
        dropped = sum(record.status == "dropped" for record in self.unfinished)
        return self.planned.n_trials - self._n_asked + dropped

    def ask(self, plan: SearchPlan) -> list[Unit]:
        """Return the units of the next few trials.

        Points of one split stand together: they share its features while these are still in memory.
        """
        n_trials = min(TRIALS_AT_ONCE, self.planned.n_trials - self._n_asked)
        self._asked = [self.asking.ask() for _ in range(n_trials)]
        self._n_asked += n_trials
        by_trial = [self.units(plan, number, params) for number, params in self._asked]
        return [unit for of_split in zip(*by_trial, strict=True) for unit in of_split]

    def units(self, plan: SearchPlan, number: int, params: Params) -> list[Unit]:
        """Return the fits of one trial; those of the default trial come before any other's."""
        family = self.planned.family
        return [
            plan.maker.unit(family, split, params, turn=plan.turn_of(family, number))
            for split in plan.tuning_splits(self.index)
        ]

    def tell(self, plan: SearchPlan, outcomes: Mapping[str, Outcome], truth: Truth) -> None:
        """Take the scores of the trials asked for."""
        for number, params in self._asked:
            splits = plan.tuning_splits(self.index)
            fits, reason = fits_or_reason(
                plan.maker, outcomes, family=self.planned.family, params=params, splits=splits
            )
            if reason:
                self.unfinished.append(unfinished_record(number, params, reason))
                self.asking.fail(number)
                continue
            tried = Trial(number=number, params=params, partition=self.partition, fits=fits)
            self.asking.tell(number, choose([tried.outer_predicted()], truth).scores[0])
            if all(each.params != params for each in self.tried):
                self.tried.append(tried)
        self._asked = []


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RetunedTrial:
    """A trial tuned inside one outer split, and its fit on all of that split's training rows.

    Attributes
    ----------
    inner : Trial
        Its fits on the outer split's own inner partition.
    outer : Scores
    """

    inner: Trial
    outer: Scores

    @property
    def number(self) -> int:
        """Place in the outer split's own list of trials."""
        return self.inner.number

    @property
    def params(self) -> Params:
        """The params themselves."""
        return self.inner.params

    @property
    def steps(self) -> tuple[int, ...]:
        """Epochs or rounds at which every fit was looked at."""
        return self.inner.steps

    def outer_fit(self, fold: int) -> Scores:  # noqa: ARG002  (there is only the one)
        """Return the fit on all training rows of the outer split."""
        return self.outer

    def inner_predicted(self, outer: int) -> NDArray[np.int64]:  # noqa: ARG002  (there is only the one)
        """Return out-of-fold classes on the inner partition, shape (n_steps, n_rows); -1 on the outer fold's rows."""
        return self.inner.outer_predicted()


def tune_families(plan: SearchPlan, run: RunUnits) -> list[FamilyEvidence]:
    """Return the evidence of every family of the plan that is not a reference, all tuned side by side.

    What any result needs is fitted first: the default trials, on whole training folds and wherever they are tuned, and
    the references.
    """
    truth = plan.truth
    planned = [each for each in plan.families if not each.family.is_reference]
    tuners = {each.family.name: _tuners(plan, each) for each in planned if not each.why_unavailable}
    everyone = [tuner for of_family in tuners.values() for tuner in of_family]
    outer = dict(run(_first_units(plan, everyone), "trials"))
    while units := [unit for tuner in everyone for unit in tuner.ask(plan)]:
        outcomes = run(units, "trials")
        for tuner in everyone:
            tuner.tell(plan, outcomes, truth)
        if any(unit.key not in outcomes for unit in units):
            break
    chosen = [unit for of_family in tuners.values() for unit in _outer_units(plan, of_family)]
    outer |= run(chosen, "outer")
    return [_evidence(plan, each, tuners.get(each.family.name, []), outer) for each in planned]


def _first_units(plan: SearchPlan, tuners: Sequence[Tuner]) -> list[Unit]:
    """Return every fit of a default trial, that of a reference included."""
    outer = [
        plan.maker.unit(each.family, split, each.space.default_params, turn=plan.turn_of(each.family, 0))
        for each in plan.families
        if not each.why_unavailable
        for index, partition in enumerate(plan.partitions)
        for split in outer_splits(index, partition.n_folds)
    ]
    inner = [unit for tuner in tuners for unit in tuner.units(plan, 0, tuner.planned.space.default_params)]
    return outer + inner


def _tuners(plan: SearchPlan, planned: FamilySearch) -> list[Tuner]:
    """Return the tuner over all rows, then one for each outer split of each repeat."""
    return [
        Tuner(
            planned=planned,
            index=index,
            partition=partition,
            asking=Asking(planned.space, sampler(plan.sampler, seed=_seed(plan, planned, index))),
        )
        for index, partition in enumerate(plan.inner_partitions, start=len(plan.partitions))
    ]


def _seed(plan: SearchPlan, planned: FamilySearch, index: int) -> int:
    return derived_seed(plan.maker.run_seed, f"{planned.family.name} {index}")


def _outer_units(plan: SearchPlan, tuners: Sequence[Tuner]) -> list[Unit]:
    """Return the fits on whole training folds: of each outer split's choices, and of the final trial on all splits."""
    family, truth = tuners[0].planned.family, plan.truth
    units = [
        plan.maker.unit(family, split, params.params)
        for split, tuner in _outer_tuners(plan, tuners)
        for params in _worth_an_outer_fit(tuner, truth)
    ]
    if tuners[0].tried:
        final = _final_params(tuners[0], truth)
        units += [
            plan.maker.unit(family, split, final.params)
            for split in outer_splits(0, plan.partitions[0].n_folds)
        ]
    return units


def _final_params(tuner: Tuner, truth: Truth) -> Trial:
    return tuner.tried[choose_over_all([tuner.tried], truth).trial_index]


def _outer_tuners(plan: SearchPlan, tuners: Sequence[Tuner]) -> list[tuple[Split, Tuner]]:
    """Return each outer split with its tuner, repeat by repeat."""
    splits = [
        split
        for index, partition in enumerate(plan.partitions)
        for split in outer_splits(index, partition.n_folds)
    ]
    return list(zip(splits, tuners[1:], strict=True))


def _worth_an_outer_fit(tuner: Tuner, truth: Truth) -> list[Trial]:
    """Return the trials whose outer predictions are needed: the choice, the default, and each strategy's choice."""
    if not tuner.tried:
        return []
    by_strategy: dict[str, list[Trial]] = {}
    for params in tuner.tried:
        by_strategy.setdefault(strategy_of(params.params), []).append(params)
    numbers = set()
    for trials in (tuner.tried, *by_strategy.values()):
        chosen = trials[choose_over_all([trials], truth).trial_index]
        numbers |= {trials[0].number, chosen.number}
    return [params for params in tuner.tried if params.number in numbers]


def _evidence(
    plan: SearchPlan, planned: FamilySearch, tuners: Sequence[Tuner], outer: Mapping[str, Outcome]
) -> FamilyEvidence:
    truth = plan.truth
    if not tuners or not all(tuner.tried for tuner in tuners):
        unfinished = [record for tuner in tuners for record in tuner.unfinished]
        tuned = sum(bool(tuner.tried) for tuner in tuners[1:])
        failed = failed_evidence(planned, unfinished, complete=(tuned, len(tuners) - 1))
        return replace(failed, cuts=tuple(_trials_cut(tuners)))
    retuned: list[list[RetunedTrial]] = []
    for split, tuner in _outer_tuners(plan, tuners):
        worth = {
            plan.maker.unit(planned.family, split, params.params).key: params
            for params in _worth_an_outer_fit(tuner, truth)
        }
        outcomes = [(params, outer[key]) for key, params in worth.items() if key in outer]
        found = [
            RetunedTrial(inner=params, outer=outcome.scores)
            for params, outcome in outcomes
            if outcome.scores is not None
        ]
        if not found:
            complete = (len(retuned), len(tuners) - 1)
            return _without_outer_fit(planned, [outcome.reason for _, outcome in outcomes], complete)
        retuned.append(found)
    final, reasons = _final_choice(plan, tuners[0], outer)
    if final is None:
        return _without_outer_fit(planned, reasons, (len(retuned), len(retuned)))
    n_folds = plan.partitions[0].n_folds
    repeats = [
        choose_by_inner(retuned[r * n_folds : (r + 1) * n_folds], partition.fold_of_row, truth)
        for r, partition in enumerate(plan.partitions)
    ]
    evidence = chosen_evidence(planned, repeats, final, trial_records((), final, tuners[0].unfinished))
    return replace(evidence, cuts=(*_trials_cut(tuners), *_fits_cut(plan, tuners, outer, final)))


def _without_outer_fit(
    planned: FamilySearch, reasons: Sequence[str], complete: tuple[int, int]
) -> FamilyEvidence:
    """Return a family whose chosen trials all failed or were not run on some whole training fold; the first reason."""
    reason = next(iter(reasons), NOT_RUN)
    record = unfinished_record(0, planned.space.default_params, reason)
    return failed_evidence(planned, [record], complete=complete)


def _trials_cut(tuners: Sequence[Tuner]) -> list[str]:
    """Return how many trials an early end left out, over all rows and inside the outer splits."""
    cuts = []
    for where, some in (("over all rows", tuners[:1]), ("inside the outer splits", tuners[1:])):
        n_cut = sum(tuner.n_not_tried for tuner in some)
        n_trials = sum(tuner.planned.n_trials for tuner in some)
        cuts += [f"{n_cut} of {n_trials} trials not tried {where}"] if n_cut else []
    return cuts


def _fits_cut(
    plan: SearchPlan, tuners: Sequence[Tuner], outer: Mapping[str, Outcome], final: FinalChoice
) -> list[str]:
    """Return which choices an early end left without a fit on whole training folds."""
    family, truth = tuners[0].planned.family, plan.truth
    pairs = _outer_tuners(plan, tuners)
    n_cut = sum(
        any(
            plan.maker.unit(family, split, each.params).key not in outer
            for each in _worth_an_outer_fit(tuner, truth)
        )
        for split, tuner in pairs
    )
    cuts = (
        [f"{n_cut} of {len(pairs)} outer splits lack fits of trials they chose; others stand in"]
        if n_cut
        else []
    )
    if final.trial.number != _final_params(tuners[0], truth).number:
        cuts.append("the trial chosen over all rows lacks fits; the default trial stands in")
    return cuts


def _final_choice(
    plan: SearchPlan, tuner: Tuner, outer: Mapping[str, Outcome]
) -> tuple[FinalChoice | None, list[str]]:
    """Return the choice over all rows, or the first trial where the chosen one lacks a fit; why, if that does too."""
    choice = choose_over_all([tuner.tried], plan.truth)
    splits = outer_splits(0, plan.partitions[0].n_folds)
    reasons = []
    for index in (choice.trial_index, 0):
        trial = tuner.tried[index]
        fits, reason = fits_or_reason(
            plan.maker, outer, family=tuner.planned.family, params=trial.params, splits=splits
        )
        if not reason:
            final = FinalChoice(
                tried=tuple(tuner.tried),
                choice=replace(choice, trial_index=index, step_index=choice.step_indices[index]),
                trial=replace(trial, partition=plan.partitions[0], fits=fits),
            )
            return final, []
        reasons.append(reason)
    return None, reasons
