"""The search with everything around it: processes, journal, count of fits, limits."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from automl_text.data.rare import DEFAULT_MIN_ROWS
from automl_text.engine.dask.check import DECIDING_PACKAGES, Needs, installed_version
from automl_text.engine.halt import first_of
from automl_text.engine.journal import CONSEQUENCE, Journal
from automl_text.engine.local import LocalExecutor, cores_available
from automl_text.errors import InputError
from automl_text.experiment.observer import FitCounter
from automl_text.families.encoder.place import encoders_in_use, first_lack, packages_of
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.search import search_families

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from automl_text.engine.executor import Engine, Executor
    from automl_text.engine.folder import RunFolder
    from automl_text.engine.halt import Halt, Interruption
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.experiment.budget import Budget
    from automl_text.experiment.observer import Observer
    from automl_text.experiment.prepare import Prepared
    from automl_text.experiment.request import SearchRequest
    from automl_text.tuning.evidence import SearchEvidence
    from automl_text.tuning.plan import Purpose, SearchPlan

_LIBRARIES = (
    "automl-text",
    "scikit-learn",
    "lightgbm",
    "tensorflow",
    "keras",
    "optuna",
    "numpy",
    "scipy",
    "pandas",
    "imbalanced-learn",
    "joblib",
)
"""What a score depends on."""


_JOBS_PER_CORE = 16
"""Processes at most; one that fits takes .1 to .5 GB."""

_UNIT_SECONDS, _TIMES_THE_FORESEEN = 1800.0, 10.0
"""A fit that takes longer than both hangs: on 128,000 rows the slowest takes a few minutes, on a million 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is open while a run lasts."""

    folder: RunFolder
    observer: Observer
    interruption: Interruption
    budget: Budget

    def halt(self) -> Halt:
        """Return whether fits may start or go on: neither interrupted nor out of time."""
        return first_of(self.interruption.halt, self.budget.halt)()


def open_journal(path: Path, prepared: Prepared, *, is_new: bool = False) -> Journal:
    """Return the journal at ``path`` with what it holds of this search, unless it ``is_new``.

    Raises
    ------
    InputError
        If it is of another search, or damaged.
    """
    return Journal.open(path, _journal_header(prepared), is_new=is_new)


def _journal_header(prepared: Prepared) -> dict[str, Any]:  # what JSON holds
    """Return what outcomes depend on, in words that a person has used, and a digest of what they lead to."""
    config, info = prepared.config, prepared.loaded.info
    threshold = "" if config.rare == "keep" else f" below {config.min_rows or DEFAULT_MIN_ROWS} rows"
    return {
        "file": prepared.plan.dataset.sha256,
        "text columns": ", ".join(info.text_columns),
        "label column": info.label_column,
        "group column": info.group_column or "none",
        "columns beside the text (--features)": ", ".join(each.name for each in info.features) or "none",
        "time column": info.time.column if info.time else "none",
        "rare categories": config.rare + threshold,
        "folds (--outer-folds)": config.grouped_for_folds,
        "repeats": config.n_repeats,
        "seed": config.seed,
        "encoder": " ".join(each.sha256 for each in config.encoders) or "none",
        "versions": library_versions(),
        CONSEQUENCE: prepared.plan.maker.data_key,
    }


def library_versions() -> dict[str, str]:
    """Return package name to version: Python, this package, and every library that a score depends on."""
    names = (*_LIBRARIES, *packages_of(encoders_in_use()))
    found = {name: installed_version(name) or "not installed" for name in names}
    return {"python": platform.python_version(), **found}


def search(plan: SearchPlan, engine: Engine, session: Session) -> SearchEvidence:
    """Run all fits and return what they say.

    Raises
    ------
    RunError
        If the journal cannot be written or no process can be started.
    """
    budget, counter = session.budget, FitCounter(plan, session.observer, session.budget)

    def on_outcome(unit: Unit, outcome: Outcome) -> None:
        budget.finished(unit, outcome)
        counter.finished(unit, outcome, n_at_once=engine.n_at_once)

    def run(units: Sequence[Unit], purpose: Purpose) -> Mapping[str, Outcome]:
        missing = engine.missing(units)
        budget.plan_units(units, missing, purpose)
        counter.plan_units(missing)
        outcomes = engine.run(units, on_outcome)
        for unit in units:
            _check_shape(plan, unit, outcomes.get(unit.key), session.folder.journal)
        return outcomes

    return search_families(plan, run)


def _check_shape(plan: SearchPlan, unit: Unit, outcome: Outcome | None, journal: Path) -> None:
    """Raise InputError for scores of other rows or classes than the unit's: somebody has changed the journal."""
    if outcome is None or outcome.scores is None:
        return
    n_rows = len(plan.all_partitions[unit.split.partition].rows(unit.split.test))
    found, wanted = outcome.scores.logits.shape[1:], (n_rows, plan.dataset.n_classes)
    if found != wanted:
        raise InputError(
            f"{journal}: the scores of {unit.key} are {found[0]} by {found[1]}, and {wanted[0]} by {wanted[1]} belong "
            "there. Delete the line of this key, and run again with --resume: its unit runs again."
        )


def _check_jobs(jobs: int) -> None:
    cores = cores_available()
    if jobs > _JOBS_PER_CORE * cores:
        raise InputError(
            f"--jobs {jobs}: more than {_JOBS_PER_CORE * cores} processes on {cores} cores are no faster, and take "
            "memory. Leave the option out."
        )


def open_executor(request: SearchRequest, prepared: Prepared, *, jobs: int, log: Path) -> Executor:
    """Return what runs the units: processes of this machine, or a cluster, which is connected to and checked.

    Raises
    ------
    InputError
        If there is no such cluster, or it lacks what is needed.
    """
    plan = prepared.plan
    limit = max(_UNIT_SECONDS, *(_TIMES_THE_FORESEEN * plan.cost(each) for each in plan.families))
    encoders = encoders_in_use()
    work = FitWork(
        dataset=plan.dataset,
        partitions=plan.all_partitions,
        n_repeats=len(plan.partitions),
        encoders=encoders
        if request.cluster or request.pool
        else (),  # processes of this machine inherit them with their store
    )
    if request.cluster is None and request.pool is None:
        _check_jobs(jobs)
        return LocalExecutor(work, jobs=jobs, time_limit=limit, log=log)
    from automl_text.engine.dask.cluster import DaskExecutor  # noqa: PLC0415  (an extra)
    from automl_text.engine.pool import PoolExecutor  # noqa: PLC0415
    from automl_text.engine.ray_pool import RayPool  # noqa: PLC0415  (an extra)

    needs = Needs()
    if encoders:
        needs = Needs(packages=DECIDING_PACKAGES + packages_of(encoders), lack=partial(first_lack, encoders))
    if request.pool is not None:
        return PoolExecutor(request.pool, work, n_at_once=jobs, time_limit=limit, needs=needs)
    address = request.cluster or ""
    if address == "auto" or address.startswith("ray://"):
        ray = RayPool(address)
        return PoolExecutor(ray, work, n_at_once=ray.n_workers, time_limit=limit, needs=needs, is_ours=True)
    return DaskExecutor(address, work, time_limit=limit, needs=needs)
