"""Which trials are tried. The only user of Optuna."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

from automl_text.tuning.params import STRATEGY, ChoiceParam, IntParam

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial

    from automl_text.families.contract import Params, Scalar
    from automl_text.tuning.params import Param, SearchSpace

ASKS_PER_TRIAL = 5
"""Small spaces repeat themselves: so many asks are spent for every distinct trial wanted."""

COMPARED = ("none", "balanced")
"""Ways to treat unequal classes that every family tries, so that its ablation has something to compare."""

STARTUP_TRIALS = 5
"""Random trials before TPE learns: its default of 10 is all that a network gets."""


def shared_trials(space: SearchSpace, n_trials: int, *, seed: int) -> tuple[Params, ...]:
    """Return distinct trials of ``space``: its default, then a quasi-random sequence (Sobol) that fills it evenly.

    Between them stands the default without and with balanced weights, where the family offers both. The list
    depends on the space and the seed alone, so all outer splits can share it: no score has influenced it. It is
    shorter than ``n_trials`` where the space holds fewer.
    """
    asking = Asking(space, sampler("qmc", seed=seed))
    trials: list[Params] = []
    for _ in range(ASKS_PER_TRIAL * n_trials):
        if len(trials) >= n_trials or (trials and not space.distributions):
            break
        number, params = asking.ask()
        asking.tell(number, 0.0)
        if params not in trials:
            trials.append(params)
    return tuple(trials)


def sampler(kind: Literal["qmc", "tpe"], *, seed: int) -> BaseSampler:
    """Return Optuna's quasi-random sampler (Sobol), or one that learns from what it is told (TPE)."""
    import optuna  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        if kind == "qmc":
            return optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=seed)
        return optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=STARTUP_TRIALS, multivariate=True, constant_liar=True
        )


class Asking:
    """Optuna's ask and tell over one search space, whose default trial and its twins are asked first.

    Parameters
    ----------
    space : SearchSpace
    sampler : optuna.samplers.BaseSampler
    """

    def __init__(self, space: SearchSpace, sampler: BaseSampler) -> None:
        import optuna  # noqa: PLC0415  (half a second that --help must not wait for)

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._space = space
        self._study: Study = optuna.create_study(sampler=sampler, direction="maximize")
        self._distributions = {name: _distribution(param) for name, param in space.distributions.items()}
        self._first = _first_trials(space)
        for first in self._first:
            self._study.enqueue_trial(
                {name: _encode(param, first[name]) for name, param in space.distributions.items()}
            )

    def ask(self) -> tuple[int, Params]:
        """Return the number of a new trial and all its params, fixed values included."""
        trial: Trial = self._study.ask(self._distributions)
        if trial.number < len(self._first):
            return trial.number, self._space.complete(self._first[trial.number])
        tuned = {
            name: _decode(param, trial.params[name]) for name, param in self._space.distributions.items()
        }
        return trial.number, self._space.complete(tuned)

    def fail(self, number: int) -> None:
        """Report that a trial has no score."""
        import optuna  # noqa: PLC0415

        self._study.tell(number, state=optuna.trial.TrialState.FAIL)

    def tell(self, number: int, inner_score: float) -> None:
        """Report the inner score of a trial, higher is better."""
        self._study.tell(number, inner_score)


def _first_trials(space: SearchSpace) -> list[Params]:
    """Return the default trial, and it once more for each way to treat unequal classes that the report compares."""
    param = space.distributions.get(STRATEGY)
    known = param.choices if isinstance(param, ChoiceParam) else ()
    default = {name: each.default for name, each in space.distributions.items()}
    compared = [each for each in COMPARED if each in known and each != default[STRATEGY]]
    return [default, *({**default, STRATEGY: each} for each in compared)]


def _distribution(param: Param) -> BaseDistribution:
    from optuna.distributions import FloatDistribution, IntDistribution  # noqa: PLC0415

    if isinstance(param, ChoiceParam):
        # By index: the quasi-random sampler fills numbers evenly but draws categories at random.
        return IntDistribution(0, len(param.choices) - 1)
    kind = IntDistribution if isinstance(param, IntParam) else FloatDistribution
    return kind(param.low, param.high, log=param.log)


def _encode(param: Param, value: Scalar) -> Scalar:
    if not isinstance(param, ChoiceParam):
        return value
    equal = [i for i, choice in enumerate(param.choices) if choice == value]
    return next((i for i in equal if type(param.choices[i]) is type(value)), equal[0])


def _decode(param: Param, value: Scalar) -> Scalar:
    if isinstance(param, ChoiceParam):
        chosen: Scalar = param.choices[int(value)]
        return chosen
    if isinstance(param, IntParam):
        return int(value)
    # Three digits: a person reads the trial in the report and copies it.
    return min(max(float(f"{float(value):.3g}"), param.low), param.high)
