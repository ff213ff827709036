"""The model that is exported: one trial of one family, fitted on all rows."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from automl_text.engine.alone import run_alone_until
from automl_text.families.contract import RefitPlan
from automl_text.families.registry import load_family
from automl_text.tuning.space import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from automl_text.data.dataset import Dataset
    from automl_text.engine.halt import Halt
    from automl_text.families.contract import Estimator, Params


FINAL_FIT_SECONDS = 7200.0
"""Four times what a fit of the search may take: with 3 folds, 2 of them left out, this one has three times the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefitRequest:
    """Which model is wanted.

    Attributes
    ----------
    family : str
    params : dict of str to scalar
    steps : int
        Epochs or rounds; 0 where there are none.
    temperature : float
    seed : int
    """

    family: str
    params: Params
    steps: int
    temperature: float
    seed: int


def refit(
    dataset: Dataset, request: RefitRequest, halt: Callable[[], Halt], *, is_limited: bool = False
) -> Estimator:
    """Return the fitted model.

    Networks are fitted in a process of their own, whose memory goes back; so is any family where time ``is_limited``,
    since only a process can be ended. A process that dies is tried once more; one that takes longer than
    `FINAL_FIT_SECONDS` is ended.

    Raises
    ------
    HaltedError
        If ``halt`` says "now" before that process is done.
    RunError
        If it dies twice, or takes too long.
    Exception
        Whatever the family raises.
    """
    if load_family(request.family).runtime == "light" and not is_limited:
        return _fit(dataset, request)
    pickled = run_alone_until(halt, _PickledFit(dataset=dataset, request=request), seconds=FINAL_FIT_SECONDS)
    import joblib  # noqa: PLC0415

    return cast("Estimator", joblib.load(io.BytesIO(pickled)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _PickledFit:
    """A call that another process makes: bytes come back, since what unpickles them may import late."""

    dataset: Dataset
    request: RefitRequest

    def __call__(self) -> bytes:
        import joblib  # noqa: PLC0415

        buffer = io.BytesIO()
        joblib.dump(_fit(self.dataset, self.request), buffer)
        return buffer.getvalue()


def _fit(dataset: Dataset, request: RefitRequest) -> Estimator:
    family = load_family(request.family)
    plan = RefitPlan(
        texts=dataset.texts,
        labels=[dataset.classes[code] for code in dataset.codes],
        groups=dataset.groups,
        seed=request.seed,
        steps=request.steps,
        temperature=request.temperature,
    )
    return family.refit(plan, settings_of(family, request.params))
