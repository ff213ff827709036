"""The records of a search space; the search turns them into a sampler's distributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl_text.families.contract import Params, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatParam:
    """A number between ``low`` and ``high``, both included; ``log``: even in its logarithm."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IntParam:
    """A whole number between ``low`` and ``high``, both included; ``log``: even in its logarithm."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceParam:
    """One of ``choices``, which have no order."""

    choices: tuple[Scalar, ...]


STRATEGY = "imbalance"
"""What every family calls its imbalance strategy."""

Param = FloatParam | IntParam | ChoiceParam


def strategy_of(params: Params) -> str:
    """Return the imbalance strategy of a trial; empty where the family has none."""
    return str(params.get(STRATEGY, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpace:
    """What a search-space file says.

    Attributes
    ----------
    family : str
    distributions : dict of str to Param
        The parameters that are tuned.
    default : dict of str to scalar
        The trial that is tried first: one value for each tuned parameter, inside its distribution.
    fixed : dict of str to scalar
        The parameters that are not tuned. ``distributions`` and ``fixed`` together are the family's settings.
    sha256 : str
        Digest of the file's bytes.
    """

    family: str
    distributions: dict[str, Param]
    default: Params
    fixed: Params
    sha256: str

    @property
    def default_params(self) -> Params:
        """The whole trial that is tried first, fixed values included."""
        return self.complete(self.default)

    def complete(self, values: Params) -> Params:
        """Return ``values`` of the tuned parameters together with the fixed ones: a whole trial."""
        return {**self.fixed, **values}
