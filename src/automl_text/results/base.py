"""What all saved records share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

Scalar = bool | int | float | str
Interval = tuple[float, float]


class Record(BaseModel):
    """A saved value: immutable, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
