"""One family during a search: the fits that its trials need, and what its choosers take of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from automl_text.results import TrialRecord
from automl_text.tuning.evidence import chosen_evidence, ended, failed_evidence
from automl_text.tuning.nested import NOT_RUN, Repeat, Trial, choose_for, fits_or_reason
from automl_text.tuning.params import strategy_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from automl_text.data.dataset import Split
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.families.contract import Params, Scores
    from automl_text.tuning.evidence import FamilyEvidence
    from automl_text.tuning.nested import Choice
    from automl_text.tuning.plan import FamilySearch, SearchPlan
    from automl_text.tuning.splits import Chooser

MOST_GAINED = 0.1
"""More than tuning ever brought a family on the way to the best one, in macro-F1 (docs/decisions/0010)."""

_FAR_BEHIND = "Not made: the family's default trial was far behind the best family's."


@dataclass(slots=True, kw_only=True, eq=False)
class FamilyChoices:
    """One family on the way to its evidence."""

    plan: SearchPlan
    planned: FamilySearch
    outcomes: Mapping[str, Outcome]
    """Of all units run so far; grows."""
    behind: list[float]
    """For each chooser of the plan, by how much the default trial is behind the best family's, in macro-F1."""
    choosers: tuple[Chooser, ...]
    is_given_up: bool = False
    """Whether a first look at a costly family was enough: its row is fitted, and nothing more."""
    tried: list[Trial] = field(default_factory=list)
    """Those whose fits have all succeeded, by number."""
    unfinished: list[TrialRecord] = field(default_factory=list)

    @classmethod
    def of(cls, plan: SearchPlan, planned: FamilySearch, outcomes: Mapping[str, Outcome]) -> FamilyChoices:
        """Return a family that nothing is known of."""
        choosers = plan.choosers
        return cls(
            plan=plan, planned=planned, outcomes=outcomes, behind=[0.0] * len(choosers), choosers=choosers
        )

    @property
    def n_trials(self) -> int:
        """All trials of the plan."""
        return len(self.planned.trials)

    @property
    def is_decided(self) -> bool:
        """Whether its default trial is the only one that any choice may take."""
        return self.n_trials == 1 or not any(map(self._goes_on, range(len(self.choosers))))

    def units(self, numbers: Sequence[int], *, turn: int) -> list[Unit]:
        """Return the fits of some trials; those on one split stand together, since they share its features."""
        by_split: dict[Split, list[int]] = {}
        for number in numbers:
            for split in self._splits(number):
                by_split.setdefault(split, []).append(number)
        return [
            self._unit(split, self.planned.trials[number], turn)
            for split, of_split in by_split.items()
            for number in of_split
        ]

    def outer_units(self, *, turn: int = 0) -> list[Unit]:
        """Return the fits on whole training folds that choices still need."""
        wanted = {
            (split, trial.number): trial.params
            for place, chooser in enumerate(self.choosers)
            for trial in self._lacking(place)
            for split in chooser.outer
        }
        return [self._unit(split, params, turn) for (split, _), params in wanted.items()]

    def collect(self) -> None:
        """Take the outcomes as they are: which trials are complete, and why others are not."""
        self.tried, self.unfinished = [], []
        for number, params in enumerate(self.planned.trials):
            trial, reason = self._trial(number)
            if trial is None:
                self.unfinished.append(unfinished_record(number, params, reason))
            else:
                self.tried.append(trial)

    @property
    def looks_first(self) -> bool:
        """Whether the first fits are those of an early look."""
        return self.plan.looks_first(self.planned)

    def first_units(self, *, turn: int) -> list[Unit]:
        """Return the fits of the default trial that come before anything else."""
        if not self.looks_first:
            return self.units([0], turn=turn)
        splits = dict.fromkeys(split for chooser in self.choosers for split, _ in chooser.early)
        return [self._unit(split, self.planned.trials[0], turn) for split in splits]

    def scores_of_default(self, *, early: bool) -> list[float | None]:
        """Return macro-F1 of the default trial as each chooser sees it, early or at last; None where it lacks a fit."""
        looks = [replace(each, judged=each.early) if early else each for each in self.choosers]
        fits, reason = self._fits(
            list(dict.fromkeys(split for each in looks for split in each.splits)), self.planned.trials[0]
        )
        if reason:
            return [None] * len(looks)
        default = Trial(number=0, params=self.planned.trials[0], fits=fits)
        return [choose_for(each, [default], self.plan).scores[0] for each in looks]

    def give_up_where_hopeless(self) -> None:
        """After a first look that every outer split finds far behind: choose by what it saw, and fit the row alone."""
        over_all, *inside = self.choosers
        if self.looks_first and not any(map(self._goes_on, range(1, len(self.choosers)))):
            self.is_given_up = True
            self.behind[0] = max(self.behind)
            self.choosers = (over_all, *(replace(each, judged=each.early) for each in inside))

    def evidence(self) -> FamilyEvidence:
        """Return what the fits say; a family that lacks a choice anywhere has failed."""
        offered = [self._offered(place) for place in range(len(self.choosers))]
        if not all(offered):
            trials = self.unfinished or [unfinished_record(0, self.planned.trials[0], self._why_not_judged())]
            failed = failed_evidence(self.planned, self._in_words(trials[0].reason), trials)
            return replace(failed, cuts=tuple(self._trials_cut()))
        repeats = self._repeats(offered[1:])
        choice = choose_for(self.choosers[0], offered[0], self.plan)
        final = offered[0][choice.trial_index]
        evidence = chosen_evidence(self.planned, self.plan, repeats, final, choice.step_index)
        return replace(
            evidence,
            inner_predicted=None if self.is_given_up else evidence.inner_predicted,
            trials=tuple(self._records(offered[0], choice, repeats)),
            cuts=(*self._trials_cut(), *self._fits_cut()),
            notes=(*evidence.notes, *self._notes()),
        )

    def _trial(self, number: int) -> tuple[Trial | None, str]:
        """Return a trial with all its fits, or why it lacks one."""
        splits, params = self._splits(number), self.planned.trials[number]
        fits, reason = self._fits(splits, params) if splits else ({}, _FAR_BEHIND)
        if reason:
            return None, reason
        for chooser in self.choosers:
            fits |= self._fits(chooser.outer, params)[0]
        return Trial(number=number, params=params, fits=fits), ""

    def _goes_on(self, place: int) -> bool:
        return self.behind[place] <= MOST_GAINED

    def _splits(self, number: int) -> tuple[Split, ...]:
        """Return what a trial is fitted on before anything is chosen: the default one wherever it may be needed."""
        wanted: list[Split] = []
        for place, chooser in enumerate(self.choosers):
            if number == 0 or self._goes_on(place):
                wanted += chooser.splits
                wanted += () if number and self.plan.samples else chooser.outer
        return tuple(dict.fromkeys(wanted))

    def _unit(self, split: Split, params: Params, turn: int = 0) -> Unit:
        return self.plan.maker.unit(self.planned.family, split, params, turn=turn)

    def _fits(self, splits: Sequence[Split], params: Params) -> tuple[dict[Split, Scores], str]:
        return fits_or_reason([self._unit(split, params) for split in splits], self.outcomes)

    def _tried_by(self, place: int) -> list[Trial]:
        return [trial for trial in self.tried if trial.number == 0 or self._goes_on(place)]

    def _lacking(self, place: int) -> list[Trial]:
        """Return the trials that lack fits on whole training folds and whose predictions there are needed.

        These are the choice, the default and, inside an outer split, the choice among the trials of each strategy
        where that is not too much.
        """
        chooser, trials = self.choosers[place], self._tried_by(place)
        if all(_has_outer(trial, chooser) for trial in trials):
            return []
        groups = [trials]
        if place and self.plan.compares_strategies(self.planned):
            strategies = dict.fromkeys(strategy_of(trial.params) for trial in trials)
            groups += [[each for each in trials if strategy_of(each.params) == name] for name in strategies]
        needed = {group[choose_for(chooser, group, self.plan).trial_index].number for group in groups}
        needed |= {group[0].number for group in groups}
        return [trial for trial in trials if trial.number in needed and not _has_outer(trial, chooser)]

    def _offered(self, place: int) -> tuple[Trial, ...]:
        """Return the trials that a choice can be made from; where it would lack a fit, those that have it."""
        trials = self._tried_by(place)
        if self._lacking(place):
            trials = [trial for trial in trials if _has_outer(trial, self.choosers[place])]
        return tuple(trials)

    def _repeats(self, offered: Sequence[tuple[Trial, ...]]) -> list[Repeat]:
        n_outer, inside = self.plan.n_outer, self.choosers[1:]
        return [
            Repeat.chosen(inside[start : start + n_outer], offered[start : start + n_outer], self.plan)
            for start in range(0, len(inside), n_outer)
        ]

    def _records(
        self, offered: tuple[Trial, ...], choice: Choice, repeats: Sequence[Repeat]
    ) -> list[TrialRecord]:
        """Return all trials by number, with the scores that each choice has seen."""
        inside = [
            {trial.number: score for trial, score in zip(trials, each.scores, strict=True)}
            for repeat in repeats
            for trials, each in zip(repeat.tried, repeat.choices, strict=True)
        ]
        records = {record.number: record for record in self.unfinished}
        for trial in self.tried:  # some of them perhaps inside some outer splits alone
            record = unfinished_record(trial.number, trial.params, _FAR_BEHIND)
            scores = tuple(of_split.get(trial.number) for of_split in inside)
            records[trial.number] = record.model_copy(update={"inner_scores": scores})
        for trial, score, step in zip(offered, choice.scores, choice.step_indices, strict=True):
            records[trial.number] = records[trial.number].model_copy(
                update={"inner_score": score, "steps": trial.steps[step], "status": "done", "reason": ""}
            )
        return [records[number] for number in sorted(records)]

    def _trials_cut(self) -> list[str]:
        """Return how many trials an early end left out, as a clause; empty where none."""
        n_cut, n_all = sum(each.reason == NOT_RUN for each in self.unfinished), len(self.planned.trials)
        return [f"{n_cut} of {n_all} trials {'was' if n_cut == 1 else 'were'} not tried"] if n_cut else []

    def _fits_cut(self) -> Iterator[str]:
        """Yield which choices an early end left without a fit on whole training folds."""
        over_all, *inside = (bool(self._lacking(place)) for place in range(len(self.choosers)))
        if any(inside):
            yield f"{sum(inside)} of {len(inside)} outer splits lack fits of trials they chose; others stand in"
        if over_all:
            yield "the trial chosen over all rows lacks fits; the default one stands in"

    def _notes(self) -> Iterator[str]:
        """Yield which choices went without further trials."""
        over_all, *inside = (not self._goes_on(place) for place in range(len(self.choosers)))
        more = f"more than tuning has brought anywhere ({MOST_GAINED:g} of macro-F1)"
        if over_all and all(inside):
            left_out = (
                "a first look was enough, and no curve and no other trial" if self.is_given_up else "no other"
            )
            yield (
                f"Its default trial is {self.behind[0]:.2f} behind the best family's, {more}: {left_out} was made; "
                "the preset thorough makes them."
            )
            return
        if any(inside):
            yield f"{sum(inside)} of {len(inside)} outer splits kept its default trial: it was behind by {more}."
        if over_all:
            yield f"The choice over all rows kept its default trial: it was behind by {more}."

    def _why_not_judged(self) -> str:
        """Return why a family whose trials are complete lacks a fit on whole training folds."""
        for unit in self.outer_units():
            outcome = self.outcomes.get(unit.key)
            if outcome is not None and outcome.scores is None:
                return outcome.reason
        return NOT_RUN

    def _in_words(self, reason: str) -> str:
        """Return why the family failed; where the search was ended, how far it had come."""
        inside, default = self.choosers[1:], self.planned.trials[0]
        complete = [not self._fits((*each.splits, *each.outer), default)[1] for each in inside]
        return ended(sum(complete), len(inside)) if reason == NOT_RUN else reason


def _has_outer(trial: Trial, chooser: Chooser) -> bool:
    return all(split in trial.fits for split in chooser.outer)


def unfinished_record(number: int, params: Params, reason: str) -> TrialRecord:
    """Return the record of a trial that the choice over all rows has no score of."""
    return TrialRecord(
        number=number,
        params=dict(params),
        steps=0,
        inner_score=None,
        inner_scores=(),
        status="dropped" if reason in {NOT_RUN, _FAR_BEHIND} else "failed",
        reason=reason,
    )
