"""A run's trials as Optuna studies, one per family, for `optuna.load_study` and optuna-dashboard."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_text.errors import InputError
from automl_text.tuning.params import ChoiceParam, IntParam
from automl_text.tuning.space import load_space

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

    from automl_text.results import Evaluation, RunResult, TrialRecord
    from automl_text.tuning.params import Param

    Distributions = dict[str, BaseDistribution]

_STATES = {"done": "COMPLETE", "failed": "FAIL", "dropped": "PRUNED"}


def optuna_journal(result: RunResult) -> bytes:
    """Return the content of a file for Optuna's `JournalFileBackend`, with a study for each family that was tuned.

    A trial's value is the inner macro-F1 that the final choice saw, its intermediate values are those that each outer
    split saw (step i: split i), so a value never rests on the rows that it is judged by.
    """
    import optuna  # noqa: PLC0415  (half a second that --help must not wait for)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.log"
        storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
        for evaluation in result.evaluations:
            if evaluation.is_reference or not evaluation.trials:
                continue
            study = optuna.create_study(storage=storage, study_name=evaluation.family, direction="maximize")
            for name, value in _about(result, evaluation).items():
                study.set_user_attr(name, value)
            study.add_trials(_frozen_trials(result, evaluation))
        return path.read_bytes()


def _about(result: RunResult, evaluation: Evaluation) -> dict[str, Any]:
    """Return what stands beside a study: which run, and what came of it on held-out rows."""
    return {
        "title": evaluation.title,
        "value": "inner macro-F1",
        "data": result.dataset.file_name,
        "seed": result.config.seed,
        "preset": result.config.preset,
        "final_trial": evaluation.final_trial,
        "held_out_macro_f1": next((row.value for row in evaluation.metrics if row.name == "macro_f1"), None),
        "intermediate_values": "inner macro-F1 that outer split i chose by, at step i",
    }


def _frozen_trials(result: RunResult, evaluation: Evaluation) -> list[FrozenTrial]:
    """Return the trials in the order of their numbers; parameters that never vary are user attributes."""
    import optuna  # noqa: PLC0415

    distributions = _distributions(result, evaluation)
    return [
        optuna.trial.create_trial(
            state=optuna.trial.TrialState[_STATES[trial.status]],
            value=trial.inner_score,
            params={name: trial.params[name] for name in distributions},
            distributions=distributions,
            intermediate_values={
                split: score for split, score in enumerate(trial.inner_scores) if score is not None
            },
            user_attrs={
                **{name: value for name, value in trial.params.items() if name not in distributions},
                "steps": trial.steps,
                "is_final": trial.number == evaluation.final_trial,
                **({"reason": trial.reason} if trial.reason else {}),
            },
        )
        for trial in sorted(evaluation.trials, key=lambda each: each.number)
    ]


def _distributions(result: RunResult, evaluation: Evaluation) -> Distributions:
    """Return what each parameter was drawn from, or the values it had where the search space is not here any more."""
    known = _space_here(evaluation.family, result.config.search_spaces.get(evaluation.family, ""))
    names = dict.fromkeys(name for trial in evaluation.trials for name in trial.params)
    found = {name: _distribution(known.get(name), _values(evaluation.trials, name)) for name in names}
    return {name: each for name, each in found.items() if each is not None}


def _values(trials: Sequence[TrialRecord], name: str) -> list[Any]:
    """Return the distinct values of a parameter, in the order of trials."""
    return list(dict.fromkeys(trial.params[name] for trial in trials))


def _space_here(family: str, sha256: str) -> dict[str, Param]:
    """Return the tuned parameters of the family's search space, if it is the one that the run used."""
    try:
        space = load_space(family)
    except InputError:
        return {}  # a plug-in that is not installed here
    return space.distributions if space.sha256 == sha256 else {}


def _distribution(param: Param | None, values: Sequence[Any]) -> BaseDistribution | None:
    """Return Optuna's form of ``param``, or of the values themselves; None where there is but one."""
    from optuna.distributions import (  # noqa: PLC0415
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if param is None:
        return CategoricalDistribution(values) if len(values) > 1 else None
    if isinstance(param, ChoiceParam):
        return CategoricalDistribution(param.choices)
    kind = IntDistribution if isinstance(param, IntParam) else FloatDistribution
    return kind(param.low, param.high, log=param.log)
