"""What scheduler and workers of a Dask cluster must hold, and where they differ from this machine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_OWN_PACKAGE = "automl-text"
DECIDING_PACKAGES = (_OWN_PACKAGE, "numpy", "scipy", "scikit-learn", "lightgbm", "tensorflow", "keras")
"""Other versions of these give other results."""

SECONDS_TO_CONNECT = 30
_SECONDS_TO_ANSWER = 600
"""Time for all workers to answer: the scheduler itself gives up one that is silent for 5 minutes."""


def installed_version(package: str) -> str:
    """Return the version that is installed here, or an empty string for what is no installed package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def nothing() -> str:
    """Return an empty string: nothing is lacking."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a worker must hold before it may run units."""

    packages: tuple[str, ...] = DECIDING_PACKAGES
    """Those of which scheduler and workers must have this machine's version, where this machine has any."""
    lack: Callable[[], str] = nothing
    """Run on each worker; returns what else is lacking there, as a phrase after its name, or an empty string.
    Picklable, and raises no OSError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What came of asking workers."""

    workers: set[str]
    """Addresses of those that answered; the others have gone meanwhile."""
    differences: list[str]
    """A phrase for each difference, with its place."""


def check_cluster(client: Any, address: str, needs: Needs) -> set[str]:
    """Return the addresses of the workers, all of which hold what is needed.

    Parameters
    ----------
    client : distributed.Client
        Untyped here: the package is an extra.
    address : str
        Of the scheduler.

    Raises
    ------
    InputError
        If no workers answer, or scheduler or workers differ from this machine.
    """
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        answers = ask_workers(client, list(client.nthreads()), needs, on_scheduler=_on_scheduler(client))
    except TimeoutError as error:
        raise InputError(
            f"The cluster at {address} has no workers that answer. Start one on each machine: dask worker {address}"
        ) from error
    if answers.differences:
        raise InputError(
            f"The cluster at {address} differs from this machine: {'; '.join(answers.differences)}. Install the same "
            "there, since results depend on it."
        )
    return answers.workers


def ask_workers(
    client: Any, workers: Collection[str], needs: Needs, *, on_scheduler: str | Exception | None = None
) -> Answers:
    """Ask ``workers`` for what is needed.

    Parameters
    ----------
    workers : collection of str
        Addresses.
    on_scheduler : str or PackageNotFoundError, optional
        Which version of this package the scheduler has; None: it is not asked.
    """
    answered, differences = set(workers), []
    for package in needs.packages:
        there = _asked(client, workers, version, package)
        answered &= there.keys()
        named = {f"worker {name}": found for name, found in there.items()}
        if package == _OWN_PACKAGE and on_scheduler is not None:
            named["the scheduler"] = on_scheduler
        differences += version_differences(package, installed_version(package), named)
    if not differences:  # else it may not even be importable there
        there = _asked(client, workers, needs.lack)
        answered &= there.keys()
        differences += [f"worker {name} {lack}" for name, lack in there.items() if lack]
    return Answers(workers=answered, differences=differences)


def version_differences(package: str, here: str, there: Mapping[str, str | Exception]) -> list[str]:
    """Return a phrase for each place where the version of ``package`` is not that of this machine.

    Parameters
    ----------
    here : str
        Empty where it is not installed: then nothing of it is needed elsewhere.
    there : mapping of str to str or PackageNotFoundError
        Name of a place to what it holds.
    """
    found_elsewhere = [
        f"{place} has {found if isinstance(found, str) else 'none'}"
        for place, found in there.items()
        if here and found != here
    ]
    return [f"{package} is {here} here, {', '.join(found_elsewhere)}"] if found_elsewhere else []


def _asked(
    client: Any, workers: Collection[str], question: Callable[..., str], *arguments: str
) -> dict[str, str | Exception]:
    """Return each worker's answer, or the error it raised; a worker that has gone is left out."""
    answers = client.run(
        question, *arguments, workers=list(workers), on_error="return", callback_timeout=_SECONDS_TO_ANSWER
    )
    return {worker: answer for worker, answer in answers.items() if not isinstance(answer, OSError)}


def _on_scheduler(client: Any) -> str | Exception:
    try:
        found: str = client.run_on_scheduler(version, _OWN_PACKAGE)
    except PackageNotFoundError as error:
        return error
    return found
