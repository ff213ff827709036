"""What a search space says of each parameter, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from automl_text.families.contract import Params, Scalar

STRATEGY = "imbalance"
"""What every family calls its imbalance strategy."""

EMBEDDING = "embedding"
"""What a family of networks calls where its word vectors come from: "learned" or "pretrained"."""

Value = TypeVar("Value")


class StrictTable(BaseModel):
    """A table of a TOML file: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class _Range(StrictTable):
    log: bool = False
    """Even in its logarithm."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        low, high, default = (getattr(self, key) for key in ("low", "high", "default"))
        faults = [f"low is {low}, above high = {high}. Exchange them."] if low > high else []
        if self.log and low <= 0:
            faults.append(f"low is {low}; with log = true it must be above 0. Raise low or remove log.")
        if not faults and not low <= default <= high:
            faults.append(f"default is {default}, outside of {low} to {high}.")
        if faults:
            raise ValueError("\n".join(faults))
        return self


class FloatParam(_Range):
    """A number between ``low`` and ``high``, both included."""

    type: Literal["float"] = "float"
    low: float
    high: float
    default: float


class IntParam(_Range):
    """A whole number between ``low`` and ``high``, both included."""

    type: Literal["int"] = "int"
    low: int
    high: int
    default: int


class ChoiceParam(StrictTable, Generic[Value]):
    """One of ``choices``, which have no order."""

    type: Literal["choice"] = "choice"
    choices: Annotated[tuple[Value, ...], Field(strict=False)]
    default: Value

    @model_validator(mode="after")
    def _check(self) -> Self:
        faults = []
        if not self.choices:
            faults.append("choices is []; it must be a list of at least one value.")
        elif self.default not in self.choices:
            faults.append(
                f"default is {self.default!r}, which is none of its choices {list(self.choices)!r}."
            )
        if len({(type(each), str(each)) for each in self.choices}) < len(self.choices):
            faults.append("choices holds a value twice.")
        if faults:
            raise ValueError("\n".join(faults))
        return self


Param = FloatParam | IntParam | ChoiceParam[Any]  # the family says of which type


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpace:
    """What a search-space file says; ``distributions`` and ``fixed`` together are the family's settings."""

    family: str
    distributions: dict[str, Param]
    """The parameters that are tuned."""
    fixed: Params
    """The parameters that are not tuned."""
    sha256: str = ""
    """Digest of the file's bytes."""

    @property
    def default_params(self) -> Params:
        """What is tried first, fixed values included."""
        return self.complete({name: param.default for name, param in self.distributions.items()})

    def complete(self, tuned: Params) -> Params:
        """Return the values of the tuned parameters together with the fixed ones."""
        return {**self.fixed, **tuned}

    def fixing(self, name: str, value: Scalar) -> SearchSpace:
        """Return the space in which the parameter ``name`` has ``value`` and is not tuned."""
        others = {each: param for each, param in self.distributions.items() if each != name}
        return replace(self, distributions=others, fixed={**self.fixed, name: value})


def strategy_of(params: Params) -> str:
    """Return the imbalance strategy of a trial; empty where the family has none."""
    return str(params.get(STRATEGY, ""))
