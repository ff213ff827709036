"""Which trials are tried. The only user of Optuna."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from automl_text.tuning.params import EMBEDDING, STRATEGY, ChoiceParam, IntParam

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

    from automl_text.families.contract import Params, Scalar
    from automl_text.tuning.params import Param, SearchSpace

_ASKS_PER_TRIAL = 5
"""Small spaces repeat themselves: so many asks are spent for every distinct trial wanted."""

_COMPARED = ("none", "balanced")
"""Ways to treat unequal classes that every family tries, so that its ablation has something to compare."""


def shared_trials(space: SearchSpace, n_trials: int, *, seed: int) -> tuple[Params, ...]:
    """Return distinct trials of ``space``: its default, then a quasi-random sequence (Sobol) that fills it evenly.

    Between them stands the default without and with balanced weights, where the family offers both. The list
    depends on the space and the seed alone, so all outer splits can share it: no score has influenced it. It is
    shorter than ``n_trials`` where the space holds fewer.
    """
    first, study = _first_trials(space), _study(seed)
    distributions = {name: _distribution(param) for name, param in space.distributions.items()}
    for params in first:
        study.enqueue_trial(
            {name: _encode(param, params[name]) for name, param in space.distributions.items()}
        )
    trials: list[Params] = []
    for number in range(_ASKS_PER_TRIAL * n_trials):
        if len(trials) >= n_trials or (trials and not distributions):
            break
        asked = study.ask(distributions)
        drawn = {name: _decode(param, asked.params[name]) for name, param in space.distributions.items()}
        params = space.complete(first[number] if number < len(first) else drawn)
        study.tell(asked, 0.0)
        if params not in trials:
            trials.append(params)
    return tuple(trials)


def _study(seed: int) -> Study:
    import optuna  # noqa: PLC0415  (half a second that --help must not wait for)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=seed)
    return optuna.create_study(sampler=sampler, direction="maximize")


def _first_trials(space: SearchSpace) -> list[Params]:
    """Return the default trial, and it once more for each way to treat unequal classes that the report compares."""
    param = space.distributions.get(STRATEGY)
    known = param.choices if isinstance(param, ChoiceParam) else ()
    default = {name: each.default for name, each in space.distributions.items()}
    compared = [each for each in _COMPARED if each in known and each != default[STRATEGY]]
    twins = [{**default, EMBEDDING: "learned"}] if default.get(EMBEDDING) == "pretrained" else []
    return [default, *twins, *({**default, STRATEGY: each} for each in compared)]


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
